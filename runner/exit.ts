// SPDX-License-Identifier: GPL-2.0-only
import { Trouble, UsageTrouble } from '../vm/trouble.ts';

/** The exit codes of every command, as documented in docs/reference/exit-codes.md. */
export const exitCodes = {
  ok: 0,
  /** A test failed, timed out, crashed or never reported. */
  testFailed: 1,
  usage: 2,
  /** Ours or the machine's fault: no verdict on the kernel. */
  infrastructure: 3,
  /** Ctrl-C: 128 + SIGINT, as shells count. */
  interrupted: 130,
} as const;

export class Interrupted extends Error {}

export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) return exitCodes.interrupted;
  if (error instanceof UsageTrouble) return exitCodes.usage;
  return exitCodes.infrastructure;
}

/** What a person is shown: our own errors say all there is to say, others need their stack. */
export function explain(error: unknown): string {
  if (error instanceof Interrupted) return `multitap: ${error.message}`;
  if (error instanceof Trouble || (error instanceof Error && error.name === 'StoreError'))
    return `multitap: ${error.message}`;
  if (error instanceof Error)
    return `multitap: an error that it does not know how to explain\n${error.stack}`;
  return `multitap: ${String(error)}`;
}
