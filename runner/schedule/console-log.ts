// SPDX-License-Identifier: GPL-2.0-only
import { setTimeout as sleep } from 'node:timers/promises';
import { crashRecogniser } from '../../results/crash/index.ts';
import type { MarkWords } from '../../vm/guest/protocol.ts';
import type { Machine } from '../../vm/machine.ts';

/** The kernel is done with a test when it has said nothing for so long; a report goes on for longer at most. */
const QUIET_MS = 100;
const SETTLE_MAX_MS = 3_000;

/** What the kernel said around one test. */
export interface Stretch {
  /** Since the last stretch that was read: what nobody has been told yet, and is not this test's. */
  before: Buffer;
  /** From the test's begin to now, without the mark of its end: what came behind that is its own doing as well. */
  during: Buffer;
}

/**
 * Waits until the kernel falls silent after a test: what a test sets going (a namespace that is taken down, a timer)
 * may be reported when it has ended already. Up to 3 s, and as long as a report is not complete.
 */
export async function settle(machine: Machine, since: number): Promise<void> {
  const end = performance.now() + SETTLE_MAX_MS;
  let from = machine.console.position;
  const recogniser = crashRecogniser();
  recogniser.push(machine.console.slice(since, from));
  do {
    await sleep(QUIET_MS);
    const { position } = machine.console;
    if (position === from && recogniser.pending.length === 0) return;
    recogniser.push(machine.console.slice(from, position));
    from = position;
  } while (performance.now() < end);
}

/** Cuts the log at the marks that the agent wrote for an execution; without a first mark all of it is the test's. */
export function cutAtMarks(log: Buffer, marks: MarkWords | null): Stretch {
  const begin = marks && findMark(log, `begin ${marks.begin}`);
  const before = begin ? log.subarray(0, begin.start) : log.subarray(0, 0);
  const own = begin ? log.subarray(begin.end) : log;
  const end = marks && findMark(own, `end ${marks.end}`);
  const during = end ? Buffer.concat([own.subarray(0, end.start), own.subarray(end.end)]) : own;
  return { before, during };
}

/** The line of a mark, if the kernel printed it whole: a test may write the same words somewhere else. */
function findMark(log: Buffer, mark: string): { start: number; end: number } | null {
  const word = Buffer.from(`multitap: ${mark}`);
  for (let at = log.indexOf(word); at >= 0; at = log.indexOf(word, at + 1)) {
    const newline = log.indexOf(10, at);
    const end = newline < 0 ? log.length : newline + 1;
    if (log.toString('latin1', at + word.length, end).trim() === '')
      return { start: log.lastIndexOf(10, at) + 1, end };
  }
  return null;
}
