// SPDX-License-Identifier: GPL-2.0-only
import { titles } from '../../results/crash/held-against.ts';
import { NO_RESULT } from '../../results/formats/report.ts';
import type { TestReport } from '../../results/store/types.ts';
import { isBad, type Outcome } from '../../results/words.ts';
import type { PlannedTest } from '../suites/planned-test.ts';
import { type Before, beforeTest } from './around.ts';
import { cutAtMarks } from './console-log.ts';
import { evidenceLog } from './look.ts';
import { explainVerdict, signalName } from './outcome.ts';
import { type AttemptOptions, notRun, runTest } from './run-test.ts';
import type { Session } from './session.ts';
import { readSplats, type Splats, sightings, withSplats } from './splats.ts';

export interface Attempt {
  report: TestReport;
  /** The guest is not what it was: the next test must not get it. */
  spoiled: boolean;
}

/** After these nobody knows what the guest is like. */
const SPOILS: Outcome[] = ['timeout', 'crash', 'error'];

/** As harmlessLeftovers() has it: a taint that spoils the guest has a name. */
const TAINTED = /^taint \d+ → \d+$/;

/**
 * Runs one test in a booted guest and tells what came of it. Never throws for what the guest does: a guest
 * that dies during the test makes it a `crash`, one that we ended makes it an `error`.
 */
export async function attemptTest(
  session: Session,
  test: PlannedTest,
  options: AttemptOptions,
): Promise<Attempt> {
  const { machine } = session;
  const startedAt = Date.now();
  const before = await beforeTest(machine, test, options.around).catch(
    (error): Before => ({ failed: failure(error), output: Buffer.alloc(0), surroundings: null }),
  );
  const ran = before.failed
    ? await notRun(session, test, before.failed)
    : await runTest(session, test, options, before);
  const { verdict, after, exit, document, output, subtests } = ran;

  const log = machine.console.slice(session.consoleAt, machine.console.position);
  session.consoleAt = machine.console.position;
  const stretch = cutAtMarks(log, ran.marks);
  const consoleLog = Buffer.concat([stretch.during, after.leaks]);
  const splats = withoutKnown(test, readSplats(consoleLog));
  const explained = {
    outcome: verdict.outcome,
    message: explainVerdict(verdict, document, output, subtests, options.timeoutMs),
  };
  const { outcome, message } = withSplats(explained, splats);

  const told = (text: string) => ({ line: document.lines, text });
  const left = after.leftovers.lines.filter((line) => !(test.taints && TAINTED.test(line)));
  // A console that has let go of anything hears no second test.
  const lost = machine.console.dropped;
  const problems = [
    ...document.problems.filter(({ text }) => text !== NO_RESULT),
    ...ran.problems.map(told),
    ...(lost > 0 ? [told(`${lost} more bytes of the kernel’s log were not kept`)] : []),
    ...(session.remark ? [told(session.remark)] : []),
    ...earlier(session, stretch.before).map(told),
    ...titles(splats.notes).map((title) => told(`kernel: ${title}`)),
    ...left.map((line) => told(`left behind: ${line}`)),
    ...after.problems.map(told),
  ];
  session.remark = null;
  session.tests++;
  session.last = test.name;

  const firstBad = subtests.find((subtest) => isBad(subtest.outcome));
  const report: TestReport = {
    collection: test.collection,
    name: test.name,
    attempt: options.attempt,
    outcome,
    startedAt,
    durationMs: exit?.durationMs ?? ran.elapsedMs,
    cpuMs: exit?.cpuMs ?? null,
    exitCode: exit && !exit.signal ? exit.code : null,
    signal: exit ? signalName(exit.signal) : null,
    timeoutMs: options.timeoutMs,
    vm: options.vm,
    message,
    line: outcome === 'pass' ? null : (firstBad?.line ?? (document.lines || null)),
    subtests,
    logs: [
      { kind: 'output' as const, content: output },
      { kind: 'stderr' as const, content: ran.stderr },
      { kind: 'console' as const, content: consoleLog },
      { kind: 'diagnosis' as const, content: evidenceLog(ran.evidence) },
      { kind: 'hooks' as const, content: Buffer.concat([before.output, after.output]) },
    ].filter(({ kind, content }) => kind === 'output' || content.length > 0),
    problems,
    crashes: sightings(splats),
  };
  const spoiled =
    SPOILS.includes(outcome) ||
    splats.faults.length > 0 ||
    after.leftovers.spoiled ||
    after.problems.length > 0 ||
    lost > 0;
  return { report, spoiled };
}

/** Without what is known of the test, and no news. */
function withoutKnown({ taints }: PlannedTest, splats: Splats): Splats {
  return taints ? { ...splats, notes: splats.notes.filter(({ kind }) => kind !== 'taint') } : splats;
}

function failure(error: unknown): string {
  return `before the test: ${(error as Error).message}`;
}

/** What the kernel said since the test before, or while booting, and nobody was told yet. */
function earlier(session: Session, log: Buffer): string[] {
  const fresh = readSplats(log).faults.filter(({ signature }) => !session.told.has(signature));
  for (const { signature } of fresh) session.told.add(signature);
  const when = session.last ? `after ${session.last} and before this test` : 'before the first test';
  return titles(fresh).map((title) => `kernel, ${when}: ${title}`);
}
