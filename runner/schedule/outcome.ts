// SPDX-License-Identifier: GPL-2.0-only
import { constants } from 'node:os';
import type { ParsedDocument } from '../../results/formats/format.ts';
import type { SubtestReport, TestReport } from '../../results/store/types.ts';
import { isBad } from '../../results/words.ts';
import type { ExitReport } from '../../vm/guest/protocol.ts';
import { ksft } from '../suites/kselftest.ts';
import type { Verdict } from '../suites/planned-test.ts';

/** A signal's name, as `kill -l` spells it. */
export function signalName(number: number): string | null {
  return (
    Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ??
    (number ? `signal ${number}` : null)
  );
}

/** By the exit code alone, as kselftest's runner.sh has it. */
export function verdictOf(exit: ExitReport): Verdict {
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

function lastWords(output: Buffer, lines: number): string {
  const text = output.subarray(-8192).toString('utf8').trimEnd().split('\n');
  return text.slice(-lines).join('\n');
}

/** The message in full: the verdict's, and what the test itself said where that tells more. */
export function explainVerdict(
  verdict: Verdict,
  document: ParsedDocument,
  output: Buffer,
  subtests: SubtestReport[],
  timeoutMs: number,
): string {
  const bad = subtests.filter(({ outcome }) => isBad(outcome));
  const count = bad.length > 0 ? `${bad.length} of ${subtests.length} subtests failed` : '';
  switch (verdict.outcome) {
    case 'pass':
      return verdict.message;
    case 'skip':
      return verdict.message || (document.skipAll ?? lastWords(output, 1));
    case 'timeout':
      return [verdict.message || `no end within ${Math.round(timeoutMs / 1000)} s`, lastWords(output, 5)]
        .filter(Boolean)
        .join('\n');
    default:
      // Where no subtest tells the failure, the test's last words have to.
      return [verdict.message, count || lastWords(output, 10)].filter(Boolean).join('\n');
  }
}

/**
 * Whether an attempt failed, by itself or in one of its subtests: what `multitap run` ends with 1 for. Where our
 * infrastructure failed (`error`) nothing is known of the test.
 */
export function hasFailed(report: Pick<TestReport, 'outcome' | 'subtests'>): boolean {
  return [report, ...report.subtests].some(({ outcome }) => isBad(outcome) && outcome !== 'error');
}
