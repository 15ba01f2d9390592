// SPDX-License-Identifier: GPL-2.0-only
import { badOutcomes, type Counts, type Outcome } from '../results/words.ts';
import { BootTrouble, Trouble, UsageTrouble } from '../vm/trouble.ts';
import { printable } from './report/text.ts';

/** The exit codes of every command, as documented in docs/reference/exit-codes.md. */
export const exitCodes = {
  ok: 0,
  /** A test or subtest failed, passed against expectation, timed out, crashed or never reported; or the kernel did not boot. */
  testFailed: 1,
  usage: 2,
  /** Ours or the machine's fault: no verdict on the kernel. */
  infrastructure: 3,
  /** An import that did not store all that a file tells. */
  partial: 4,
  /** Ctrl-C: 128 + SIGINT, as shells count. */
  interrupted: 130,
} as const;

export class Interrupted extends Error {}

export function exitCodeOf(error: unknown): number {
  // A kernel that does not boot has failed its first test.
  if (error instanceof BootTrouble) return exitCodes.testFailed;
  if (error instanceof Interrupted) return exitCodes.interrupted;
  if (error instanceof UsageTrouble) return exitCodes.usage;
  return exitCodes.infrastructure;
}

/** A run that came to its end: `error` is ours, so that it never says `testFailed`, nor that all is well. */
export function exitCodeOfTests(tests: Counts, subtests: Counts): number {
  const any = (outcome: Outcome) => tests[outcome] + subtests[outcome] > 0;
  if (badOutcomes.some((outcome) => outcome !== 'error' && any(outcome))) return exitCodes.testFailed;
  return any('error') ? exitCodes.infrastructure : exitCodes.ok;
}

/** Of several runs: a test that failed counts more than infrastructure that did, which counts more than none of it. */
export function worstOf(codes: readonly number[]): number {
  const order: readonly number[] = [exitCodes.testFailed, exitCodes.infrastructure];
  return order.find((code) => codes.includes(code)) ?? exitCodes.ok;
}

/** What a person is shown: our own errors say all there is to say, others need their stack. */
export function explain(error: unknown): string {
  if (error instanceof Interrupted) return `multitap: ${error.message}`;
  if (error instanceof Trouble || (error instanceof Error && error.name === 'StoreError'))
    // A guest's console may be quoted in it.
    return `multitap: ${printable(error.message)}`;
  if (error instanceof Error)
    return `multitap: an error that it does not know how to explain\n${error.stack}`;
  return `multitap: ${String(error)}`;
}
