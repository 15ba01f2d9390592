// SPDX-License-Identifier: GPL-2.0-only
import { compareSurroundings, harmlessLeftovers } from '../../vm/guest/leftovers.ts';
import type { Surroundings } from '../../vm/guest/surroundings.ts';
import type { Machine } from '../../vm/machine.ts';

/** A guest under load takes its time to read its own state; one that takes longer is not waited for. */
const PATIENCE_MS = 20_000;

/** What a test left behind in its guest. */
export interface Leftovers {
  /** One line for each. */
  lines: string[];
  /** For at least one of them the next test would find another guest than this one did. */
  spoiled: boolean;
}

/** The guest's state; null where it cannot be read, which costs the comparison and nothing else. */
export async function surroundingsOf(machine: Machine): Promise<Surroundings | null> {
  return machine.surroundings(PATIENCE_MS).catch(() => null);
}

export function leftovers(before: Surroundings | null, after: Surroundings | null): Leftovers {
  if (!before || !after) return { lines: [], spoiled: false };
  const bad = compareSurroundings(before, after);
  return { lines: [...bad, ...inOneLine(harmlessLeftovers(before, after))], spoiled: bad.length > 0 };
}

/** Most tests load modules: one line says enough. */
function inOneLine(harmless: string[]): string[] {
  const modules = harmless.flatMap((line) => /^module (.*)$/.exec(line)?.[1] ?? []);
  const others = harmless.filter((line) => !line.startsWith('module '));
  if (modules.length === 0) return others;
  return [`module${modules.length > 1 ? 's' : ''} ${modules.join(', ')}`, ...others];
}
