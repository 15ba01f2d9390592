// SPDX-License-Identifier: GPL-2.0-only
import { setTimeout as sleep } from 'node:timers/promises';
import type { Console } from '../console/console.ts';
import type { Ends } from './ends.ts';

const POLL_MS = 20;
const TEXT_MAX = 256 * 2 ** 10;

/**
 * What the console says in answer: until it has been silent for `quietMs` after having spoken, or the time is over.
 *
 * @param ask called once we listen
 */
export async function listenFor(
  console: Console,
  { timeoutMs, quietMs }: { timeoutMs: number; quietMs: number },
  ask: () => Promise<unknown>,
): Promise<string> {
  const end = performance.now() + timeoutMs;
  let text = '';
  let spokenAt = Number.POSITIVE_INFINITY;
  const stop = console.listen((chunk) => {
    spokenAt = performance.now();
    if (text.length < TEXT_MAX) text += chunk.toString('latin1');
  });
  try {
    await ask();
    while (performance.now() < Math.min(end, spokenAt + quietMs)) await sleep(POLL_MS);
  } finally {
    stop();
  }
  return text.replaceAll('\r', '');
}

/**
 * Asks the kernel by the serial port: a break, then the letter within five seconds
 * (Documentation/admin-guide/sysrq.rst). Served in the port's interrupt: it needs a processor that takes
 * interrupts, and no process.
 */
export async function typeSysrq({ monitor, serial }: Ends, letter: string, timeoutMs: number): Promise<void> {
  await monitor.execute('chardev-send-break', { id: 'console' }, timeoutMs);
  serial.write(letter);
}
