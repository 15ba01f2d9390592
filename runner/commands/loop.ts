// SPDX-License-Identifier: GPL-2.0-only
import { Command, Option } from 'commander';
import { UsageTrouble } from '../../vm/trouble.ts';
import { exitCodes } from '../exit.ts';
import { handleInterrupts } from '../interrupt.ts';
import { type Choice, chooseSuites, readPattern, selectTests, wantedCollections } from '../plan.ts';
import { terminalProgress } from '../progress/terminal.ts';
import { loopReport } from '../report/loop.ts';
import { loopQueue } from '../schedule/queue.ts';
import { describeRun, openResults } from '../schedule/record.ts';
import type { LoopStatistics } from '../schedule/statistics.ts';
import { prepare } from '../setup.ts';
import type { PlannedTest } from '../suites/planned-test.ts';
import type { Suite } from '../suites/suite.ts';
import { execute } from './execute.ts';
import { dataOption, guestOptions, kernelOption, wholeNumber } from './options.ts';
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

interface LoopFlags extends ScheduleFlags, SuiteFlags {
  collection: string;
  times?: number;
  untilFailure?: boolean;
  for?: number;
  branch?: string;
  data: string;
}

function repeatCommand(suite: Suite, test: PlannedTest, flags: LoopFlags): string {
  const words = ['multitap', 'loop', `${test.collection}:${test.name}`, '--kernel', flags.kernel];
  if (flags.times !== undefined) words.push('--times', String(flags.times));
  if (flags.untilFailure) words.push('--until-failure');
  if (flags.for !== undefined) words.push('--for', String(flags.for));
  words.push(...repeatedSuiteOptions(suite, flags), ...repeatedOptions(flags));
  if (flags.branch) words.push('--branch', flags.branch);
  return words.map(shellWord).join(' ');
}

/** @throws UsageTrouble where the pattern fits more than one test, or one that cannot be run */
function onlyTest(tests: PlannedTest[], pattern: string): PlannedTest {
  const { instead } = tests[0]!;
  if (instead) throw new UsageTrouble({ happened: `${tests[0]!.name} cannot be run: ${instead.message}` });
  if (tests.length === 1) return tests[0]!;
  const names = tests.map(({ name }) => name).slice(0, 5);
  throw new UsageTrouble({
    happened: `${JSON.stringify(pattern)} fits ${tests.length} tests: ${names.join(', ')}${tests.length > 5 ? ', …' : ''}.`,
    expected: 'one test: a loop is about one',
  });
}

/** By what the attempts have taken so far, all VMs together. */
function timeLeft(flags: LoopFlags, began: number): (attempts: number) => number | null {
  return (attempts) => {
    const elapsed = Date.now() - began;
    const ends = [
      flags.times === undefined ? Infinity : (elapsed / attempts) * (flags.times - attempts),
      flags.for === undefined ? Infinity : flags.for * 60_000 - elapsed,
    ];
    const left = Math.max(0, Math.min(...ends));
    return Number.isFinite(left) ? left : null;
  };
}

function exitCodeOfLoop({ failures, attempts, counts }: LoopStatistics): number {
  if (failures > 0) return exitCodes.testFailed;
  return counts.error > 0 || attempts === 0 ? exitCodes.infrastructure : exitCodes.ok;
}

async function loop(pattern: string, flags: LoopFlags): Promise<void> {
  const collections = readPattern(pattern).collection === null ? [flags.collection] : [];
  const [choice] = chooseSuites({ suites: [], collections, tests: [pattern] }) as [Choice];
  const { suite } = choice;
  const build = await suiteBuilder(suite, wantedCollections(choice, false), [suite], flags);
  const wanted = await readScheduleFlags(flags, 'test');
  const progress = terminalProgress();
  const interrupts = handleInterrupts();
  const prepared = await prepare(wanted.guest.options, build, progress);
  const test = onlyTest(selectTests(choice, prepared.built!, { quick: false, denials: [] }), pattern);
  const times = flags.times ?? null;
  const scheduled = await schedule(flags, wanted, prepared, times ?? flags.jobs, progress.note);
  const store = await openResults(flags.data);
  interrupts.inOrder();
  try {
    const untilFailure = flags.untilFailure ?? false;
    const request = {
      ...{ suite: suite.name, branch: flags.branch, tests: [test], jobs: scheduled.jobs },
      driver: scheduled.driver.name,
      variantOptions: [...wanted.guest.variantOptions, ...suiteVariant(flags), ...scheduleVariant(flags)],
      settings: {
        ...settingsOf(scheduled),
        loop: { times, untilFailure, forMinutes: flags.for ?? null },
      },
      command: repeatCommand(suite, test, flags),
    };
    const began = Date.now();
    const until = flags.for === undefined ? null : began + flags.for * 60_000;
    const report = loopReport((text) => process.stdout.write(text), timeLeft(flags, began));
    await execute({
      ...{ store, progress, report },
      start: describeRun(request, prepared),
      tests: [test],
      total: times,
      expectedMs: null,
      options: {
        ...scheduled,
        queue: loopQueue(test, { times, untilFailure, until }),
        deadlineMinutes: null,
        signal: interrupts.signal,
      },
      // Without a number of attempts Ctrl-C is how a loop ends.
      isWhole: () => {
        const { attempts } = report.statistics;
        return attempts > 0 && (times === null || !interrupts.signal.aborted || attempts >= times);
      },
    });
    process.exitCode = exitCodeOfLoop(report.statistics);
  } finally {
    await store.close();
  }
}

export const loopCommand = () =>
  scheduleOptions(
    guestOptions(
      suiteOptions(
        new Command('loop')
          .description('run one test again and again, and tell how often it fails')
          .argument('<test>', 'a test of the collection, or COLLECTION:TEST')
          .addOption(kernelOption())
          .option('-c, --collection <name>', 'whose test it is', 'net/mptcp')
          .addOption(
            new Option('-n, --times <n>', 'so many attempts; without it, until Ctrl-C').argParser(
              wholeNumber(1, 1_000_000),
            ),
          )
          .option('--until-failure', 'end at the first attempt that fails')
          .addOption(
            new Option('--for <minutes>', 'begin no attempt after so long').argParser(
              wholeNumber(1, 100_000),
            ),
          ),
      ),
    ),
    'test',
  )
    .option('--branch <name>', 'the branch that the result counts for (default: debian/SERIES)')
    .addOption(dataOption())
    .action(loop);
