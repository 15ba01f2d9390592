// SPDX-License-Identifier: GPL-2.0-only
import type { Machine } from '../../vm/machine.ts';

/** A booted guest with what the runner knows of it beyond what the machine tells. */
export interface Session {
  machine: Machine;
  /** How many tests ran in it. */
  tests: number;
  /** The last of them; null for none. */
  last: string | null;
  /** Up to where its console was read. */
  consoleAt: number;
  /** Signatures of what its kernel said outside of tests and was told already: guests of one snapshot share their boot. */
  told: Set<string>;
  /** What a person should know of how it came up, for its first test; null for nothing. */
  remark: string | null;
}

export function newSession(
  machine: Machine,
  told = new Set<string>(),
  remark: string | null = null,
): Session {
  return { machine, tests: 0, last: null, consoleAt: 0, told, remark };
}
