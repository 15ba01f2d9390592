// SPDX-License-Identifier: GPL-2.0-only
import type { TestReport } from '../../results/store/types.ts';
import type { Outcome } from '../../results/words.ts';
import { GuestGone } from '../../vm/guest/guest.ts';
import type { Machine } from '../../vm/machine.ts';
import { bootQemu } from '../../vm/qemu/machine.ts';
import type { PlannedTest } from '../plan.ts';
import type { Prepared } from '../setup.ts';
import { attemptTest } from './attempt.ts';
import { settingsTimeout } from './kselftest.ts';
import { slowFactor } from './slowness.ts';

const BOOT_TIMEOUT_MS = { kvm: 60_000, tcg: 300_000 };

export interface RunOptions {
  prepared: Prepared;
  tests: PlannedTest[];
  /** How many VMs at most. */
  jobs: number;
  /** Seconds for every test, instead of its collection's own time-out times the slowness of the guest. */
  timeoutS: number | null;
  signal: AbortSignal;
  on: {
    booted(vm: number, machine: Machine, factor: number): void;
    started(vm: number, test: PlannedTest): void;
    subtest(vm: number, test: PlannedTest, name: string, outcome: Outcome): void;
    finished(report: TestReport): Promise<void>;
  };
}

/** After these the guest is not what it was: the next test gets a fresh one. */
const SPOILS: Outcome[] = ['timeout', 'crash', 'error'];

/** Short time-outs are stretched by as much as the guest is slow, long ones have slack already. */
const STRETCH_MAX_S = 3600;
/** `timeout=0` of a settings file: as long as it likes, but a VM is not held for ever. */
const UNLIMITED_S = 6 * 3600;

/** The seconds that a test gets in a guest that is `factor` times slower than a real machine. */
export function stretch(seconds: number, factor: number): number {
  if (seconds === 0) return UNLIMITED_S;
  return Math.round(Math.max(seconds, Math.min(seconds * factor, STRETCH_MAX_S)));
}

/**
 * Runs the tests over a pool of VMs. Each VM takes the next test from one queue; a VM that a test has
 * crashed, hung or timed out in is replaced. A VM that does not boot ends the run, since no other will.
 *
 * @throws BootTrouble or Trouble where a guest cannot be booted; what was finished has been reported by then
 */
export async function runTests(options: RunOptions): Promise<void> {
  const { prepared, signal, on } = options;
  const queue = [...options.tests];
  // The others then fail as well, but only because they are told to stop.
  let firstFailure: unknown = null;
  const giveUp = new AbortController();
  const stop = AbortSignal.any([signal, giveUp.signal]);
  // Measured on the first guest; the others run on the same machine.
  let factor: Promise<number> | null = null;

  async function boot(vm: number): Promise<Machine> {
    const machine = await bootQemu({
      rootfs: prepared.rootfs,
      plan: prepared.plan,
      timeoutMs: BOOT_TIMEOUT_MS[prepared.plan.accel],
      signal: stop,
    });
    try {
      factor ??= prepared.plan.accel === 'kvm' ? Promise.resolve(1) : slowFactor(machine, prepared.rootfs);
      const measured = Promise.race([
        factor,
        machine.ended.then(({ why }) => Promise.reject(new GuestGone(why))),
      ]);
      on.booted(vm, machine, await measured);
      return machine;
    } catch (error) {
      await machine.dispose();
      throw error;
    }
  }

  async function timeoutFor(test: PlannedTest): Promise<number> {
    if (options.timeoutS !== null) return options.timeoutS * 1000;
    const seconds = await settingsTimeout(prepared.selftests!.install, test.collection);
    return stretch(seconds, await factor!) * 1000;
  }

  async function work(vm: number): Promise<void> {
    let machine: Machine | null = null;
    const kill = () => void machine?.kill('interrupted');
    stop.addEventListener('abort', kill);
    try {
      while (queue.length > 0 && !stop.aborted) {
        machine ??= await boot(vm);
        const test = queue.shift();
        if (!test || stop.aborted) break;
        on.started(vm, test);
        const report = await attemptTest(machine, test, {
          vm,
          attempt: 1,
          timeoutMs: await timeoutFor(test),
          slow: prepared.plan.accel === 'tcg',
          onSubtest: (name, outcome) => on.subtest(vm, test, name, outcome),
        });
        // Our own doing, not the test's: it counts as one that never reported.
        if (stop.aborted && report.outcome === 'error') break;
        await on.finished(report);
        // A console that is full would keep no word of the next test.
        if (SPOILS.includes(report.outcome) || machine.console.dropped > 0) {
          await machine.dispose();
          machine = null;
        }
      }
      await machine?.stop();
    } finally {
      stop.removeEventListener('abort', kill);
      await machine?.dispose();
    }
  }

  const workers = Array.from({ length: Math.min(options.jobs, options.tests.length) }, (_, vm) =>
    work(vm).catch((error) => {
      firstFailure ??= error;
      giveUp.abort();
    }),
  );
  await Promise.all(workers);
  if (firstFailure !== null && !signal.aborted) throw firstFailure;
}
