// SPDX-License-Identifier: GPL-2.0-only
import { setTimeout as sleep } from 'node:timers/promises';
import { AGENT_VERSION, type Hello } from '../guest/protocol.ts';
import type { BootOptions, Machine } from '../machine.ts';
import { Trouble } from '../trouble.ts';
import { bootFailure } from './boot-failure.ts';
import { diagnose } from './diagnose.ts';
import type { Ends } from './ends.ts';
import { againWhereQemuCrashes } from './own-crash.ts';
import { startQemu } from './process.ts';
import type { Qemu } from './supervise.ts';

/**
 * For a machine that did not come up in time: what it hangs at. A QEMU that has not answered in less may only be short
 * of CPU time, and would be taken for one that is stopped.
 */
const LOOK_MS = { least: 4_000, most: 10_000 };

/** A machine whose agent has answered. */
export function machineOf(
  qemu: Qemu,
  ends: Ends,
  options: BootOptions,
  hello: Hello,
  bootMs: number,
): Machine {
  const { guest } = ends;
  return {
    hello,
    bootMs,
    commandLine: qemu.commandLine,
    pid: qemu.pid,
    console: qemu.console,
    exec: (request, streams) => guest.exec(request, streams),
    ping: (timeoutMs) => guest.ping(timeoutMs),
    surroundings: (timeoutMs) => guest.surroundings(timeoutMs),
    diagnose: (budgetMs) => diagnose(qemu, ends, options.plan.kernel, budgetMs),
    stop: async (graceMs = 5_000) => {
      qemu.end('stopped', 'powered off');
      guest.shutdown();
      const force = setTimeout(() => void qemu.kill('powered off'), graceMs);
      const ending = await qemu.ended;
      clearTimeout(force);
      return ending;
    },
    kill: qemu.kill,
    ended: qemu.ended,
    dispose: qemu.dispose,
  };
}

/**
 * Lets `wait` have the machine until the time or the caller's patience is over; then the machine is looked at, and
 * killed. What of it is left where `wait` fails is removed.
 *
 * @throws BootTrouble where the time is over; Trouble where that is QEMU's doing; what `wait` throws
 */
export async function within<T>(
  qemu: Qemu,
  options: Pick<BootOptions, 'plan' | 'timeoutMs' | 'signal'>,
  wait: () => Promise<T>,
): Promise<T> {
  const { plan, timeoutMs, signal } = options;
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => {});
  let isLate = false;
  const timer = setTimeout(async () => {
    isLate = true;
    qemu.end('killed', `no answer within ${Math.round(timeoutMs / 1000)} s`);
    const ends = await Promise.race([qemu.ends, sleep(0, null)]);
    const found =
      ends &&
      (await diagnose(
        qemu,
        ends,
        plan.kernel,
        Math.min(Math.max(timeoutMs / 4, LOOK_MS.least), LOOK_MS.most),
      ));
    await qemu.kill('');
    late.reject(await bootFailure(qemu, found));
  }, timeoutMs);
  const onAbort = () => void qemu.kill('interrupted');
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();
  try {
    // Being looked at may end it, or wake it up: neither is an answer.
    const result = await wait().catch((error) => (isLate ? late.promise : Promise.reject(error)));
    return isLate ? await late.promise : result;
  } catch (error) {
    await qemu.dispose();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** The agent's first word. @throws BootTrouble or Trouble where it never comes */
export async function firstWord(qemu: Qemu): Promise<{ ends: Ends; hello: Hello }> {
  const found = await Promise.race([
    qemu.ends.then(async (ends) => ({ ends, hello: await ends.guest.hello })),
    qemu.ended.then(() => null),
  ]).catch(() => null);
  if (!found) throw await bootFailure(qemu);
  if (found.hello.version !== AGENT_VERSION)
    throw new Trouble({
      happened: `The guest’s agent speaks version ${found.hello.version} of the channel.`,
      expected: `version ${AGENT_VERSION}`,
    });
  return found;
}

/**
 * Boots a kernel in QEMU, inside the root file system's sandbox.
 *
 * @throws BootTrouble where the kernel panics or never answers; Trouble where QEMU cannot be started
 */
export function bootQemu(options: BootOptions): Promise<Machine> {
  return againWhereQemuCrashes(async () => {
    const began = performance.now();
    const qemu = await startQemu(options);
    return within(qemu, options, async () => {
      const { ends, hello } = await firstWord(qemu);
      return machineOf(qemu, ends, options, hello, performance.now() - began);
    });
  }, options.onNote);
}
