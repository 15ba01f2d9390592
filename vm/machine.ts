// SPDX-License-Identifier: GPL-2.0-only
import type { Console } from './console/console.ts';
import type { Execution, Streams } from './guest/guest.ts';
import type { ExecRequest, Hello } from './guest/protocol.ts';
import type { Surroundings } from './guest/surroundings.ts';
import type { GuestPlan } from './plan.ts';
import type { Rootfs } from './rootfs/build.ts';
import type { Trouble } from './trouble.ts';

/** How a machine ended. */
export interface Ending {
  /**
   * `panic`, `reset`: the kernel's own end, with and without a word; `stopped`: we asked; `killed`: we forced it;
   * `died`: the driver failed, which is not the kernel's fault.
   */
  how: 'panic' | 'reset' | 'stopped' | 'killed' | 'died';
  /** One line that a person understands. */
  why: string;
  /** Of `died`, where more is known than the line tells: what was expected, and what to do. */
  trouble?: Trouble;
  /** Of `died`: a fault of QEMU's own, which may not be met again. */
  crashed?: boolean;
}

/** What is wrong with a machine that does not answer, and all that could be learnt of it. */
export interface Diagnosis {
  /**
   * `alive`: the agent answers; `agent-stuck`: the kernel reacts, its first process does not; `guest-hung`: the
   * kernel does not react either; `driver-stopped`: QEMU's process is stopped or does not answer (ours, not the
   * kernel's fault); `gone`: the machine has ended.
   */
  state: 'alive' | 'agent-stuck' | 'guest-hung' | 'driver-stopped' | 'gone';
  /** One line that a person understands. */
  why: string;
  /** SysRq dumps, registers, the console's last lines: whatever came within the time that was given. */
  evidence: { title: string; text: string }[];
}

/**
 * A booted guest, whatever drives it. The contract: after `ended` resolves nothing of the machine is left on
 * the host; every exec that was under way has failed with GuestGone; `console` can still be read.
 */
export interface Machine {
  hello: Hello;
  /** From the start of the driver to the agent's first word, wall time. */
  bootMs: number;
  commandLine: string[];
  /** The host's process that the machine lives below. */
  pid: number;
  console: Console;
  exec(request: ExecRequest, streams?: Streams): Execution;
  /** Whether the agent answers within `timeoutMs`. */
  ping(timeoutMs: number): Promise<boolean>;
  /** What the guest's state is beside its files: to be compared before and after a test. */
  surroundings(timeoutMs: number): Promise<Surroundings>;
  /** Finds out why the machine does not answer, within `budgetMs`; never throws; changes nothing for the better. */
  diagnose(budgetMs: number): Promise<Diagnosis>;
  /** Asks the guest to power off; forces it after `graceMs`. */
  stop(graceMs?: number): Promise<Ending>;
  /** Ends it now. */
  kill(why: string): Promise<Ending>;
  ended: Promise<Ending>;
  /** Closes and removes what was kept of it: the console's spool. */
  dispose(): Promise<void>;
}

export interface BootOptions {
  rootfs: Rootfs;
  plan: GuestPlan;
  /** Wall time until the agent must have answered. */
  timeoutMs: number;
  signal?: AbortSignal;
  /** Told what went wrong on the way and was mended. */
  onNote?(text: string): void;
}

/** What a driver starts, for whoever repeats it or looks at a result later. */
export interface Told {
  /** As a person would type it. */
  commandLine: string[];
  /** What the driver puts on the kernel's command line: all of it, or what is added to another program's own. */
  kernelOptions: string[];
}

/** A way to boot machines. Each is a folder of its own, named in drivers.ts. */
export interface Driver {
  name: 'qemu' | 'virtme';
  /** What it is good for, in a line. */
  description: string;
  /** What it would start for a plan; nothing is started. `$DIR` stands for the machine's folder. */
  tells(options: Pick<BootOptions, 'rootfs' | 'plan'>): Told;
  /** @throws BootTrouble where the kernel fails to come up; Trouble where the driver does */
  boot(options: BootOptions): Promise<Machine>;
  /**
   * Where the driver can: a machine out of a snapshot of the booted guest, which is made at the first call and kept
   * in the cache; boots where neither can be done, and says so. Without `restore` every machine is booted.
   */
  restore?(options: BootOptions): Promise<Machine>;
}
