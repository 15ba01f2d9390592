// SPDX-License-Identifier: GPL-2.0-only
import { Command, Option } from 'commander';
import { UsageTrouble } from '../../vm/trouble.ts';
import { exitCodeOfTests, exitCodes } from '../exit.ts';
import { handleInterrupts } from '../interrupt.ts';
import { type Selection, selectTests, suiteOf } from '../plan.ts';
import { terminalProgress } from '../progress/terminal.ts';
import { reportFormats } from '../report/registry.ts';
import { withHistory } from '../schedule/expected.ts';
import { testQueue } from '../schedule/queue.ts';
import { describeRun, openResults } from '../schedule/record.ts';
import { prepare } from '../setup.ts';
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
  settingsOf,
} from './run-options.ts';

export interface RunFlags extends ScheduleFlags {
  test?: string[];
  collection?: string;
  quick?: boolean;
  branch?: string;
  retries: number;
  deadline?: number;
  format: string;
  dryRun?: boolean;
  data: string;
}

/** The command line that repeats this run. */
function repeatCommand(suite: Suite, flags: RunFlags): string {
  const named = suite.name === suite.collection ? ['--collection', suite.collection] : [suite.name];
  const words = ['multitap', 'run', ...named, '--kernel', flags.kernel];
  if (flags.quick) words.push('--quick');
  for (const test of flags.test ?? []) words.push('--test', test);
  words.push(...repeatedOptions(flags));
  if (flags.retries > 0) words.push('--retries', String(flags.retries));
  if (flags.deadline !== undefined) words.push('--deadline', String(flags.deadline));
  if (flags.branch) words.push('--branch', flags.branch);
  return words.map(shellWord).join(' ');
}

async function run(suiteName: string | undefined, flags: RunFlags): Promise<void> {
  const selection: Selection = {
    suite: suiteName,
    collection: flags.collection,
    tests: flags.test ?? [],
    quick: flags.quick ?? false,
  };
  const suite = suiteOf(selection);
  if (flags.quick && suite.quick.length === 0)
    throw new UsageTrouble({ happened: `${suite.name} has no quick selection.`, next: 'choose with --test' });
  const wanted = await readScheduleFlags(flags);
  const progress = terminalProgress();
  const interrupts = handleInterrupts();
  const prepared = await prepare(wanted.guest.options, suite.collection, progress);
  const selected = selectTests(suite, selection, prepared.selftests!.tests);
  if (flags.dryRun) return printPlan(prepared, selected, flags);
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
      variantOptions: wanted.guest.variantOptions,
      settings: {
        ...settingsOf(scheduled),
        retries: flags.retries,
        deadlineMinutes: flags.deadline ?? null,
      },
      command: repeatCommand(suite, flags),
    };
    const start = describeRun(request, prepared);
    const tests = await withHistory(store, suite.name, start.variant, selected);
    const seconds = tests.map(({ expectedSeconds }) => Math.min(expectedSeconds, flags.timeout ?? Infinity));
    const { id, deadlinePassed } = await execute({
      ...{ store, start, tests, progress, total: tests.length },
      options: {
        ...scheduled,
        queue: testQueue(tests, flags.retries),
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
    process.exitCode = deadlinePassed && code === exitCodes.ok ? exitCodes.infrastructure : code;
  } finally {
    await store.close();
  }
}

export const runCommand = () =>
  scheduleOptions(
    guestOptions(
      new Command('run')
        .description('boot a kernel, run selftests in it, store the results')
        .argument('[suite]', 'mptcp; or name tests with --collection or --test COLLECTION:TEST')
        .addOption(kernelOption())
        .option(
          '-t, --test <pattern>',
          'only these: a name, a glob, or COLLECTION:TEST; may be repeated',
          collect,
        )
        .option('-c, --collection <name>', 'any collection of tools/testing/selftests')
        .option('--quick', 'the suite’s quick selection; with --test, both'),
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
