// SPDX-License-Identifier: GPL-2.0-only
import type { Console } from './console/console.ts';
import type { Execution, Streams } from './guest/guest.ts';
import type { ExecRequest, Hello } from './guest/protocol.ts';

/** How a machine ended. */
export interface Ending {
  /**
   * `panic`, `reset`: the kernel's own end, with and without a word; `stopped`: we asked; `killed`: we forced it;
   * `died`: the driver failed, which is not the kernel's fault.
   */
  how: 'panic' | 'reset' | 'stopped' | 'killed' | 'died';
  /** One line that a person understands. */
  why: string;
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
  /** Asks the guest to power off; forces it after `graceMs`. */
  stop(graceMs?: number): Promise<Ending>;
  /** Ends it now. */
  kill(why: string): Promise<Ending>;
  ended: Promise<Ending>;
  /** Closes and removes what was kept of it: the console's spool. */
  dispose(): Promise<void>;
}
