// SPDX-License-Identifier: GPL-2.0-only
import { constants } from 'node:os';
import type { ExitReport } from '../../vm/guest/protocol.ts';
import type { Machine } from '../../vm/machine.ts';

/** Beyond a program's own time-out, which the agent enforces, a guest that says nothing is not waited for. */
const SILENCE_MS = 30_000;

/** The guest is there and does not answer. */
export class GuestSilent extends Error {}

export interface GuestCommand {
  argv: string[];
  env?: Record<string, string>;
  stdin?: Uint8Array;
  timeoutMs: number;
  /** Bytes of output that are kept; all of it is read. */
  outputMax: number;
  /** Ends it and all that it started. */
  signal?: AbortSignal;
}

export interface GuestResult extends ExitReport {
  /** Standard output and standard error as they came. */
  output: Buffer;
}

/**
 * Runs a program of ours in the guest, beside its tests.
 *
 * @throws GuestGone where the guest dies meanwhile; GuestSilent where it does not answer long after `timeoutMs`;
 *   Error where the program was not started
 */
export async function runInGuest(machine: Machine, command: GuestCommand): Promise<GuestResult> {
  const { argv, env, stdin, timeoutMs, outputMax, signal } = command;
  const chunks: Buffer[] = [];
  let bytes = 0;
  const keep = (chunk: Buffer) => {
    const kept = chunk.subarray(0, Math.max(0, outputMax - bytes));
    if (kept.length > 0) chunks.push(Buffer.from(kept));
    bytes += chunk.length;
  };
  const execution = machine.exec(
    { argv, timeoutMs, ...(env ? { env } : {}) },
    { onStdout: keep, onStderr: keep },
  );
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new GuestSilent('the guest does not answer')), timeoutMs + SILENCE_MS);
  });
  const kill = () => execution.kill(constants.signals.SIGKILL);
  signal?.addEventListener('abort', kill);
  try {
    // What the guest does not take is not waited for: it tells in its exit.
    if (stdin) void execution.write(stdin);
    execution.end();
    const exit = await Promise.race([execution.exit, silence]);
    return { ...exit, output: Buffer.concat(chunks) };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', kill);
  }
}

/** The same with a shell's script. */
export function shellInGuest(machine: Machine, script: string, timeoutMs: number): Promise<GuestResult> {
  return runInGuest(machine, { argv: ['/bin/sh', '-c', script], timeoutMs, outputMax: 1 << 20 });
}
