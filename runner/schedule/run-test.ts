// SPDX-License-Identifier: GPL-2.0-only
import { collect } from '../../results/formats/collect.ts';
import { flatten } from '../../results/formats/flatten.ts';
import type { ParsedDocument } from '../../results/formats/format.ts';
import type { TestReport } from '../../results/store/types.ts';
import { isBad, type Outcome } from '../../results/words.ts';
import { GuestGone } from '../../vm/guest/guest.ts';
import type { MarkWords } from '../../vm/guest/protocol.ts';
import type { PlannedTest, Verdict } from '../suites/planned-test.ts';
import { type After, type Around, afterTest, type Before } from './around.ts';
import { settle } from './console-log.ts';
import { goneVerdict, hasEnded, stuckVerdict } from './gone.ts';
import { GuestSilent } from './guest-command.ts';
import type { Evidence } from './look.ts';
import { MergedOutput } from './merge.ts';
import { verdictOf } from './outcome.ts';
import type { Session } from './session.ts';
import { liveSplats } from './splats.ts';
import { DIAGNOSE_MS, type End, type Watched, watch } from './watch.ts';

export interface AttemptOptions {
  vm: number;
  attempt: number;
  timeoutMs: number;
  /** Of silence; 0 for as long as it likes. */
  idleMs: number;
  slow: boolean;
  /** Over what the test's suite sets. */
  env: Readonly<Record<string, string>>;
  around: Around;
  onSubtest?: (name: string, outcome: Outcome) => void;
  /** Told as it happens; what is stored is read at the end. */
  onSplat?: (title: string) => void;
}

const NOTHING: After = {
  leftovers: { lines: [], spoiled: false },
  leaks: Buffer.alloc(0),
  output: Buffer.alloc(0),
  problems: [],
  silent: false,
};

/** A test as it went, before the kernel's log is read. */
export interface Ran {
  verdict: Verdict;
  exit: (End & { how: 'exit' })['exit'] | null;
  /** Of its marks on the console; null where it was not run. */
  marks: MarkWords | null;
  elapsedMs: number;
  document: ParsedDocument;
  subtests: TestReport['subtests'];
  output: Buffer;
  stderr: Buffer;
  problems: string[];
  evidence: Evidence[];
  after: After;
}

/** Of a test that could not be started. */
export async function notRun(session: Session, test: PlannedTest, why: string): Promise<Ran> {
  const gone = await hasEnded(session.machine);
  return {
    verdict: gone ? await goneVerdict(session.machine, why) : { outcome: 'error', message: why },
    ...{ exit: null, marks: null, elapsedMs: 0, document: collect(test.format).end(), subtests: [] },
    ...{ output: Buffer.alloc(0), stderr: Buffer.alloc(0), problems: [], evidence: [], after: NOTHING },
  };
}

/** Runs the test, and what is to be done in its guest right after it. Never throws for what the guest does. */
export async function runTest(
  session: Session,
  test: PlannedTest,
  options: AttemptOptions,
  before: Before,
): Promise<Ran> {
  const { machine } = session;
  const parser = collect(test.format, (event) => {
    if (event.type === 'result') options.onSubtest?.(event.result.name, event.result.outcome);
  });
  const merged = new MergedOutput((lines) => parser.push(lines));
  const began = performance.now();
  let alive = () => {};
  const live = liveSplats(options.onSplat ?? (() => {}));
  const deaf = machine.console.listen((chunk) => {
    alive();
    live.push(chunk);
  });
  const request = test.start({ slow: options.slow, timeoutMs: options.timeoutMs });
  const limited = { env: { ...request.env, ...options.env }, timeoutMs: options.timeoutMs, mark: true };
  const execution = machine.exec(
    { ...request, ...limited },
    {
      onStdout: (chunk) => {
        alive();
        merged.stdout(chunk);
      },
      onStderr: (chunk) => {
        alive();
        merged.stderr(chunk);
      },
    },
  );
  const watched = await watch(machine, execution, options, (listener) => {
    alive = listener;
  });
  const elapsedMs = performance.now() - began;
  const { end, evidence } = watched;
  const { output, stderr } = merged.end();
  const document = parser.end();
  const concluded = isItsOwn(end) ? test.conclude?.(end.exit, document) : undefined;
  const subtests = concluded?.subtests ?? test.subtests?.(document) ?? flatten(document.tests);
  let verdict = concluded?.verdict ?? (await verdictOfEnd(session, watched, options));
  let after = NOTHING;
  let seen: string[] = [];
  if (end.how === 'exit') {
    const position = session.consoleAt;
    await machine.console.during(execution.marks, position);
    const numbered = { ...test, attempt: options.attempt };
    const look = async () => {
      seen = (await test.verify?.(machine, document, output)) ?? [];
      return await afterTest(machine, numbered, options.around, before, verdict.outcome);
    };
    after = await look().catch((error) => ({
      ...NOTHING,
      problems: error instanceof GuestGone ? [] : [`after the test: ${(error as Error).message}`],
      silent: error instanceof GuestSilent,
    }));
    await settle(machine, position);
    const diagnosis = after.silent ? await machine.diagnose(DIAGNOSE_MS) : null;
    evidence.push(...(diagnosis?.evidence ?? []));
    if (await hasEnded(machine)) verdict = await goneVerdict(machine, 'the guest ended right after the test');
    // One that is only slow answers by now.
    else if (diagnosis && diagnosis.state !== 'alive') verdict = await stuckVerdict(machine, diagnosis);
  }

  deaf();
  live.end();

  const problems = [...seen];
  if (merged.dropped) problems.push(`${merged.dropped} more bytes of output were not kept`);
  const exit = end.how === 'exit' ? end.exit : null;
  if (exit?.leftovers) problems.push(`${exit.leftovers} processes outlived the test and were killed`);
  const unnoticed = subtests.filter(({ outcome }) => isBad(outcome) && outcome !== 'xpass').length;
  if (verdict.outcome === 'pass' && unnoticed > 0)
    problems.push(`exit code 0, although ${unnoticed} of ${subtests.length} subtests failed`);
  return {
    ...{ verdict, exit, marks: execution.marks, elapsedMs, document, subtests },
    ...{ output, stderr, problems, evidence, after },
  };
}

/** Neither ended by us nor by a signal: what it came to is for its suite to say. */
function isItsOwn(end: End): end is End & { how: 'exit' } {
  return end.how === 'exit' && !end.silent && !end.exit.timedOut && !end.exit.signal;
}

async function verdictOfEnd(
  { machine }: Session,
  { end, waitingIn }: Watched,
  { timeoutMs, idleMs }: AttemptOptions,
): Promise<Verdict> {
  if (end.how === 'gone') return goneVerdict(machine, end.why);
  if (end.how === 'stuck') return stuckVerdict(machine, end.diagnosis);
  if (end.how === 'not-started') return { outcome: 'error', message: end.why };
  const verdict = verdictOf(end.exit);
  if (!end.silent && !end.exit.timedOut) return verdict;
  const limit = end.silent
    ? `silent for ${Math.round(idleMs / 1000)} s: no output, and no word from the kernel`
    : `no end within ${Math.round(timeoutMs / 1000)} s`;
  const message = [limit, waitingIn && `it was at: ${waitingIn}`].filter(Boolean).join('\n');
  return { outcome: 'timeout', message };
}
