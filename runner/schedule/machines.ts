// SPDX-License-Identifier: GPL-2.0-only
import { dropDamaged } from '../../vm/cache.ts';
import { GuestGone } from '../../vm/guest/guest.ts';
import type { BootOptions, Driver, Machine } from '../../vm/machine.ts';
import type { GuestPlan } from '../../vm/plan.ts';
import { BootTrouble, DamageTrouble, Trouble } from '../../vm/trouble.ts';
import type { Prepared } from '../setup.ts';
import { bootWithRetries } from './boot-retry.ts';
import { makeReady, type Preparation } from './ready.ts';
import { newSession, type Session } from './session.ts';
import { slowFactor } from './slowness.ts';

const BOOT_TIMEOUT_MS = { kvm: 60_000, tcg: 300_000 };

/** `test`: each test in a guest of its own. `vm`: tests share a guest as long as none of them spoils it. */
export type Isolation = 'test' | 'vm';

/** A guest of its own for each test where that costs little. */
export function defaultIsolation(driver: Driver): Isolation {
  return driver.restore ? 'test' : 'vm';
}

export interface MachineOptions {
  prepared: Prepared;
  driver: Driver;
  isolation: Isolation;
  preparation: Preparation;
  signal: AbortSignal;
  onNote(vm: number, text: string): void;
}

export interface MachineSource {
  /**
   * A guest that no test has been in.
   *
   * @throws BootTrouble where the kernel does not come up, also when tried again; Trouble where it cannot be started;
   *   DamageTrouble where that is for a file of ours
   */
  fresh(vm: number): Promise<Session>;
  /** How many times slower than a real machine guests are; known when the first is there. */
  readonly factor: number;
}

/** Where guests come from: booted, or restored from a snapshot of a booted one where each test gets its own. */
export function machineSource(options: MachineOptions): MachineSource {
  const { prepared, driver, isolation, preparation, signal, onNote } = options;
  const { accel } = prepared.plan;
  const boot = { rootfs: prepared.rootfs, plan: prepared.plan, timeoutMs: BOOT_TIMEOUT_MS[accel], signal };
  const told = new Set<string>();
  // Measured on the first guest; the others run on the same machine.
  let factor: number | null = accel === 'kvm' ? 1 : null;
  let measuring: Promise<number> | null = null;

  async function measure(machine: Machine): Promise<void> {
    // The guest that it is measured on may die of something that is not this one's.
    await measuring?.catch(() => {});
    if (factor !== null) return;
    measuring = slowFactor(machine, prepared.rootfs);
    factor = await measuring;
  }

  async function start(vm: number): Promise<Machine> {
    const options: BootOptions = { ...boot, onNote: (text) => onNote(vm, text) };
    const machine =
      isolation === 'test' && driver.restore ? await driver.restore(options) : await driver.boot(options);
    try {
      await makeReady(machine, preparation);
      await measure(machine);
      return machine;
    } catch (error) {
      const cause = error instanceof GuestGone ? await stillborn(machine, error) : error;
      await machine.dispose();
      throw cause;
    }
  }

  return {
    get factor() {
      return factor ?? 1;
    },
    fresh: async (vm) => {
      const { value, failures } = await bootWithRetries(
        () => start(vm).catch((error) => blame(error, prepared.plan)),
        signal,
        (text) => onNote(vm, text),
      );
      const remark =
        failures.length > 0 ? `the guest came up at try ${failures.length + 1}: ${failures}` : null;
      return newSession(value, told, remark);
    },
  };
}

/** Before a kernel is blamed for not coming up: is what was booted still what was put into the cache? */
async function blame(error: unknown, { kernel, initramfs, layers }: GuestPlan): Promise<never> {
  if (!(error instanceof BootTrouble)) throw error;
  const damaged = await dropDamaged([kernel.vmlinux, initramfs, ...layers]);
  if (!damaged) throw error;
  throw new DamageTrouble({
    happened: `The guest did not come up, and ${damaged} is not what was written there.`,
    expected: 'a disk that keeps what it is given, and nobody else who writes to the cache',
    next: 'run the command again: what is damaged is made again',
    cause: error,
  });
}

/** A guest that answered, and died before it had run a program: the kernel's fault unless the driver ended. */
async function stillborn(machine: Machine, gone: GuestGone): Promise<Trouble> {
  const { how, why } = await machine.ended;
  const happened = `The guest answered, and then ended before its first test: ${why}`;
  if (how === 'died' || how === 'stopped') return new Trouble({ happened, cause: gone });
  if (why === 'interrupted') return new Trouble({ happened: 'Booting was interrupted.', cause: gone });
  return new BootTrouble({ happened, console: machine.console.tail() });
}
