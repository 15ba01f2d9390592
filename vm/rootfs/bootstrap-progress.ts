// SPDX-License-Identifier: GPL-2.0-only
import type { StepState } from '../progress.ts';

/** apt counts in powers of ten (apt-pkg/contrib/strutl.cc, SizeToStr). */
const UNITS: Record<string, number> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 };

function bytes(amount: string, unit: string): number {
  return Number(amount.replaceAll(',', '')) * UNITS[unit]!;
}

/**
 * Reads what `mmdebstrap --verbose` says, line by line: its own stages (`I: …`), and apt's downloads
 * (`Need to get 25.4 MB of archives.`, `Get:1 … [49.4 kB]`) and packages (`Unpacking …`, `Setting up …`).
 *
 * @returns a function that takes a line and gives the state after it; null where the line tells nothing
 */
export function bootstrapProgress(): (line: string) => StepState | null {
  let done = 0;
  let total = 0;
  return (line) => {
    const stage = /^I: (.*)$/.exec(line);
    if (stage) return { text: stage[1]! };
    const need = /^Need to get (?:[\d.,]+ [kMG]?B\/)?([\d.,]+) ([kMG]?B) of archives/.exec(line);
    if (need) {
      done = 0;
      total = bytes(need[1]!, need[2]!);
      return { text: 'downloading packages', done, total, unit: 'bytes' };
    }
    const got = /^Get:\d+ .*\[([\d.,]+) ([kMG]?B)\]$/.exec(line);
    if (got && total > 0) {
      done = Math.min(total, done + bytes(got[1]!, got[2]!));
      return { text: 'downloading packages', done, total, unit: 'bytes' };
    }
    const action = /^(Unpacking|Setting up) ([^ :]+)/.exec(line);
    return action ? { text: `${action[1]!.toLowerCase()} ${action[2]}` } : null;
  };
}
