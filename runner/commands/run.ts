// SPDX-License-Identifier: GPL-2.0-only
import { Command, Option } from 'commander';
import { UsageTrouble } from '../../vm/trouble.ts';
import { exitCodeOfTests, exitCodes, worstOf } from '../exit.ts';
import { handleInterrupts } from '../interrupt.ts';
import { type Choice, chooseSuites, readPattern, selectTests, wantedCollections } from '../plan.ts';
import { terminalProgress } from '../progress/terminal.ts';
import { reportFormats } from '../report/registry.ts';
import { withHistory } from '../schedule/expected.ts';
import { testQueue } from '../schedule/queue.ts';
import { describeRun, openResults } from '../schedule/record.ts';
import { type Builder, prepare } from '../setup.ts';
import { type Denial, readDenials } from '../suites/denials.ts';
import { suites } from '../suites/registry.ts';
import type { Suite } from '../suites/suite.ts';
import { execute } from './execute.ts';
import { collect, dataOption, guestOptions, kernelOption, wholeNumber } from './options.ts';
import { printPlan } from './print-plan.ts';
import { repeatedOptions, shellWord } from './repeat.ts';
import {
  readScheduleFlags,
  type ScheduleFlags,
  schedule,
  scheduleOptions,
  scheduleVariant,
  settingsOf,
} from './run-options.ts';
import {
  repeatedSuiteOptions,
  type SuiteFlags,
  suiteBuilder,
  suiteOptions,
  suiteVariant,
} from './suite-options.ts';

export interface RunFlags extends ScheduleFlags, SuiteFlags {
  test?: string[];
  collection?: string[];
  quick?: boolean;
  deny?: string[];
  branch?: string;
  retries: number;
  deadline?: number;
  format: string;
  dryRun?: boolean;
  data: string;
}

/** The command line that repeats this run. */
function repeatCommand(suite: Suite, flags: RunFlags): string {
  const named = suites.includes(suite) ? [suite.name] : ['--collection', suite.name];
  const words = ['multitap', 'run', ...named, '--kernel', flags.kernel];
  if (flags.quick) words.push('--quick');
  // Another suite's patterns name its collections.
  for (const test of flags.test ?? []) {
    const { collection } = readPattern(test);
    if (collection === null || suite.collections.includes(collection)) words.push('--test', test);
  }
  for (const denied of flags.deny ?? []) words.push('--deny', denied);
  words.push(...repeatedSuiteOptions(suite, flags), ...repeatedOptions(flags));
  if (flags.retries > 0) words.push('--retries', String(flags.retries));
  if (flags.deadline !== undefined) words.push('--deadline', String(flags.deadline));
  if (flags.branch) words.push('--branch', flags.branch);
  return words.map(shellWord).join(' ');
}

/** What is the same for all the suites of a command. */
interface Common {
  flags: RunFlags;
  wanted: Awaited<ReturnType<typeof readScheduleFlags>>;
  denials: Denial[];
  progress: ReturnType<typeof terminalProgress>;
  interrupts: ReturnType<typeof handleInterrupts>;
}

/** Runs one suite, and stores it as a run of its own; tells what its exit code would be. */
async function runSuite(choice: Choice, build: Builder, common: Common): Promise<number> {
  const { flags, wanted, denials, progress, interrupts } = common;
  const { suite } = choice;
  const prepared = await prepare(wanted.guest.options, build, progress);
  const selected = selectTests(choice, prepared.built!, { quick: flags.quick ?? false, denials });
  if (flags.dryRun) {
    printPlan(prepared, selected, flags);
    return exitCodes.ok;
  }
  const scheduled = await schedule(flags, wanted, prepared, selected.length, progress.note);
  const format = reportFormats.find(({ name }) => name === flags.format)!;
  const store = await openResults(flags.data);
  interrupts.inOrder();
  try {
    const request = {
      suite: suite.name,
      branch: flags.branch,
      tests: selected,
      jobs: scheduled.jobs,
      driver: scheduled.driver.name,
      variantOptions: [...wanted.guest.variantOptions, ...suiteVariant(flags), ...scheduleVariant(flags)],
      settings: {
        ...settingsOf(scheduled),
        retries: flags.retries,
        deadlineMinutes: flags.deadline ?? null,
      },
      command: repeatCommand(suite, flags),
    };
    const start = describeRun(request, prepared);
    const tests = await withHistory(store, suite.name, start.variant, selected);
    const startable = tests.filter(({ instead }) => !instead);
    const seconds = startable.map(({ expectedSeconds }) =>
      Math.min(expectedSeconds, flags.timeout ?? Infinity),
    );
    const { id, deadlinePassed } = await execute({
      ...{ store, start, tests, progress, total: tests.length },
      options: {
        ...scheduled,
        queue: testQueue(startable, flags.retries),
        deadlineMinutes: flags.deadline ?? null,
        signal: interrupts.signal,
      },
      expectedMs: (seconds.reduce((sum, s) => sum + s, 0) * 1000) / scheduled.jobs,
      report: format.create((text) => process.stdout.write(text)),
    });
    const stored = (await store.run(id))!;
    // What a deadline kept from being run says nothing about the kernel.
    const held = deadlinePassed ? { ...stored.tests, missing: 0 } : stored.tests;
    const code = exitCodeOfTests(held, stored.subtests);
    return deadlinePassed && code === exitCodes.ok ? exitCodes.infrastructure : code;
  } finally {
    await store.close();
  }
}

async function run(names: string[], flags: RunFlags): Promise<void> {
  const selection = { suites: names, collections: flags.collection ?? [], tests: flags.test ?? [] };
  const choices = chooseSuites(selection);
  const chosen = choices.map(({ suite }) => suite);
  for (const suite of flags.quick ? chosen : [])
    if (suite.quick.length === 0)
      throw new UsageTrouble({
        happened: `${suite.name} has no quick selection.`,
        next: 'choose with --test',
      });
  const builders = await Promise.all(
    choices.map((choice) =>
      suiteBuilder(choice.suite, wantedCollections(choice, flags.quick ?? false), chosen, flags),
    ),
  );
  const common: Common = {
    flags,
    wanted: await readScheduleFlags(flags),
    denials: await readDenials(flags.deny ?? []),
    progress: terminalProgress(),
    interrupts: handleInterrupts(),
  };
  const codes: number[] = [];
  for (const [i, choice] of choices.entries()) codes.push(await runSuite(choice, builders[i]!, common));
  process.exitCode = worstOf(codes);
}

export const runCommand = () =>
  scheduleOptions(
    guestOptions(
      suiteOptions(
        new Command('run')
          .description('boot a kernel, run selftests in it, store the results')
          .argument(
            '[suites...]',
            `${suites.map(({ name }) => name).join(', ')}; or name tests with --collection or --test COLLECTION:TEST`,
          )
          .addOption(kernelOption())
          .option(
            '-t, --test <pattern>',
            'only these: a name, a glob, or COLLECTION:TEST; may be repeated',
            collect,
          )
          .option(
            '-c, --collection <name>',
            'any collection of tools/testing/selftests; may be repeated',
            collect,
          )
          .option('--quick', 'the suite’s quick selection; with --test, both')
          .option(
            '--deny <pattern or @file>',
            'not these, as for --test; a file has reasons behind #; may be repeated',
            collect,
          ),
      ),
    ),
    'test where guests are restored',
  )
    .addOption(
      new Option('--retries <n>', 'how often a test that failed is run again, each time in a fresh guest')
        .argParser(wholeNumber(0, 100))
        .default(0),
    )
    .addOption(
      new Option('--deadline <minutes>', 'end the run then; what is left is missing').argParser(
        wholeNumber(1, 100_000),
      ),
    )
    .option('--branch <name>', 'the branch that the result counts for (default: debian/SERIES)')
    .addOption(
      new Option('-f, --format <name>', 'what is printed')
        .choices(reportFormats.map(({ name }) => name))
        .default('pretty'),
    )
    .option('--dry-run', 'print the plan and QEMU’s command line; build what is missing, run no test')
    .addOption(dataOption())
    .action(run);
