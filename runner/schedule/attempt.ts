// SPDX-License-Identifier: GPL-2.0-only
import { constants } from 'node:os';
import type { ParsedDocument, ParsedTest } from '../../results/formats/format.ts';
import { NO_RESULT, tap, uniqueNames } from '../../results/formats/tap/index.ts';
import type { SubtestReport, TestReport } from '../../results/store/types.ts';
import { isBad, type Outcome } from '../../results/words.ts';
import { GuestGone } from '../../vm/guest/guest.ts';
import type { ExitReport } from '../../vm/guest/protocol.ts';
import type { Machine } from '../../vm/machine.ts';
import type { PlannedTest } from '../plan.ts';
import { ksft, testRequest } from './kselftest.ts';
import { MergedOutput } from './merge.ts';

/** Beyond its own time-out the guest gets this long to report, before it counts as hung. */
const HANG_GRACE_MS = 60_000;
const HANGS = 'the guest hangs: its agent no longer answers';

export interface AttemptOptions {
  vm: number;
  attempt: number;
  timeoutMs: number;
  slow: boolean;
  onSubtest?: (name: string, outcome: Outcome) => void;
}

/** A signal's name, as `kill -l` spells it. */
function signalName(number: number): string | null {
  return (
    Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ??
    (number ? `signal ${number}` : null)
  );
}

function outcomeOf(exit: ExitReport): { outcome: Outcome; message: string } {
  if (exit.timedOut) return { outcome: 'timeout', message: '' };
  if (exit.signal) return { outcome: 'fail', message: `killed by ${signalName(exit.signal)}` };
  switch (exit.code) {
    case ksft.pass:
      return { outcome: 'pass', message: '' };
    case ksft.xfail:
      return { outcome: 'xfail', message: '' };
    case ksft.xpass:
      return { outcome: 'xpass', message: '' };
    case ksft.skip:
      return { outcome: 'skip', message: '' };
    case ksft.timeout:
      return { outcome: 'timeout', message: 'exit code 124: timed out by itself' };
    default:
      return { outcome: 'fail', message: `exit code ${exit.code}` };
  }
}

function messageOf(test: ParsedTest): string {
  return [test.reason, ...test.diagnostics.map(({ text }) => text)].filter(Boolean).join('\n');
}

/** Nested results as one list, with the way to them in their names: KTAP nests deeper than we store. */
function flatten(tests: ParsedTest[], path: string[] = []): SubtestReport[] {
  const names = uniqueNames(tests);
  return tests.flatMap((test, i) => {
    const way = [...path, names[i]!];
    const { outcome, durationMs, line, markedFlaky } = test;
    const own = { name: way.join(' / '), outcome, durationMs, line, markedFlaky, message: messageOf(test) };
    return [own, ...flatten(test.subtests, way)];
  });
}

function lastWords(output: Buffer, lines: number): string {
  const text = output.subarray(-8192).toString('utf8').trimEnd().split('\n');
  return text.slice(-lines).join('\n');
}

function skipReason(document: ParsedDocument, output: Buffer): string {
  return document.skipAll ?? lastWords(output, 1);
}

/** Races the test against the guest's silence: an agent that does not report long after the time-out is hung. */
async function exitOrHang(
  machine: Machine,
  exit: Promise<ExitReport>,
  timeoutMs: number,
): Promise<ExitReport> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    // `timeout=0` in `settings`: a test may take as long as it likes, a guest may not be silent that long.
    if (timeoutMs === 0)
      timer = setInterval(async () => {
        if (!(await machine.ping(HANG_GRACE_MS))) reject(new GuestGone(HANGS));
      }, HANG_GRACE_MS);
    else
      timer = setTimeout(async () => {
        const alive = await machine.ping(10_000);
        reject(new GuestGone(alive ? 'the test could not be ended' : HANGS));
      }, timeoutMs + HANG_GRACE_MS);
  });
  try {
    return await Promise.race([exit, hang]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Runs one test in a booted guest and tells what came of it. Never throws for what the guest does: a guest
 * that dies during the test makes it a `crash`, one that we ended makes it an `error`.
 */
export async function attemptTest(
  machine: Machine,
  test: PlannedTest,
  options: AttemptOptions,
): Promise<TestReport> {
  const parser = tap.parser(({ name, outcome }) => options.onSubtest?.(name, outcome));
  const merged = new MergedOutput((lines) => parser.push(lines));
  const startedAt = Date.now();
  const began = performance.now();
  const consoleFrom = machine.console.position;
  const execution = machine.exec(testRequest(test.collection, test.name, options.slow, options.timeoutMs), {
    onStdout: (chunk) => merged.stdout(chunk),
    onStderr: (chunk) => merged.stderr(chunk),
  });

  let exit: ExitReport | null = null;
  let verdict: { outcome: Outcome; message: string };
  try {
    exit = await exitOrHang(machine, execution.exit, options.timeoutMs);
    verdict = outcomeOf(exit);
  } catch (error) {
    if (!(error instanceof GuestGone)) verdict = { outcome: 'error', message: (error as Error).message };
    else verdict = await goneVerdict(machine, error);
  }
  const { output, stderr } = merged.end();
  const document = parser.end();
  const subtests = flatten(document.tests);
  const console = exit
    ? await machine.console.during(execution.id, consoleFrom)
    : machine.console.slice(consoleFrom, machine.console.position);
  const problems = document.problems.filter(({ text }) => text !== NO_RESULT);
  if (merged.dropped)
    problems.push({ line: document.lines, text: `${merged.dropped} more bytes of output were not kept` });
  if (exit?.leftovers)
    problems.push({
      line: document.lines,
      text: `${exit.leftovers} processes outlived the test and were killed`,
    });
  const unnoticed = subtests.filter(({ outcome }) => isBad(outcome) && outcome !== 'xpass').length;
  if (verdict.outcome === 'pass' && unnoticed > 0)
    problems.push({
      line: document.lines,
      text: `exit code 0, although ${unnoticed} of ${subtests.length} subtests failed`,
    });
  const firstBad = subtests.find(({ outcome }) => isBad(outcome));
  const explained = explainVerdict(verdict, document, output, subtests, options.timeoutMs);

  return {
    collection: test.collection,
    name: test.name,
    attempt: options.attempt,
    outcome: verdict.outcome,
    startedAt,
    durationMs: exit?.durationMs ?? performance.now() - began,
    cpuMs: exit?.cpuMs ?? null,
    exitCode: exit && !exit.signal ? exit.code : null,
    signal: exit ? signalName(exit.signal) : null,
    timeoutMs: options.timeoutMs,
    vm: options.vm,
    message: explained,
    line: verdict.outcome === 'pass' ? null : (firstBad?.line ?? (document.lines || null)),
    subtests,
    logs: [
      { kind: 'output' as const, content: output },
      { kind: 'stderr' as const, content: stderr },
      { kind: 'console' as const, content: console },
    ].filter(({ kind, content }) => kind === 'output' || content.length > 0),
    problems,
  };
}

async function goneVerdict(
  machine: Machine,
  gone: GuestGone,
): Promise<{ outcome: Outcome; message: string }> {
  const ending = await Promise.race([
    machine.ended,
    new Promise<null>((resolve) => setTimeout(() => resolve(null), 1000)),
  ]);
  if (ending === null) {
    await machine.kill(gone.message);
    return { outcome: 'crash', message: gone.message };
  }
  if (ending.how === 'panic') return { outcome: 'crash', message: `kernel panic: ${ending.why}` };
  if (ending.how === 'reset') return { outcome: 'crash', message: ending.why };
  return { outcome: 'error', message: ending.why };
}

function explainVerdict(
  verdict: { outcome: Outcome; message: string },
  document: ParsedDocument,
  output: Buffer,
  subtests: SubtestReport[],
  timeoutMs: number,
): string {
  const bad = subtests.filter(({ outcome }) => isBad(outcome));
  const count = bad.length > 0 ? `${bad.length} of ${subtests.length} subtests failed` : '';
  switch (verdict.outcome) {
    case 'pass':
      return '';
    case 'skip':
      return skipReason(document, output);
    case 'timeout':
      return [verdict.message || `no end within ${Math.round(timeoutMs / 1000)} s`, lastWords(output, 5)]
        .filter(Boolean)
        .join('\n');
    default:
      // Where no subtest tells the failure, the test's last words have to.
      return [verdict.message, count || lastWords(output, 10)].filter(Boolean).join('\n');
  }
}
