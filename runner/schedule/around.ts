// SPDX-License-Identifier: GPL-2.0-only

import type { Surroundings } from '../../vm/guest/surroundings.ts';
import type { Machine } from '../../vm/machine.ts';
import type { PlannedTest } from '../suites/planned-test.ts';
import { type CoverageCollector, collectCoverage, resetCoverage } from './coverage.ts';
import { type Hook, runHook } from './hooks.ts';
import { clearKmemleak, scanKmemleak } from './kmemleak.ts';
import { type Leftovers, leftovers, surroundingsOf } from './leftovers.ts';

/** What is done in the guest around each test. */
export interface Around {
  pre: Hook | null;
  post: Hook | null;
  /** Whether the kernel has it. */
  kmemleak: boolean;
  coverage: CoverageCollector | null;
}

export interface Before {
  /** Why the test cannot be run; empty where it can. */
  failed: string;
  output: Buffer;
  surroundings: Surroundings | null;
}

export interface After {
  leftovers: Leftovers;
  /** kmemleak's words. */
  leaks: Buffer;
  output: Buffer;
  /** What went wrong in this, which is not the test's fault. */
  problems: string[];
  /** The guest answered before the test, and does not now. */
  silent: boolean;
}

/**
 * The user's script first, so that what it sets up is not taken for the test's doing.
 *
 * @throws GuestGone where the guest dies meanwhile
 */
export async function beforeTest(machine: Machine, test: PlannedTest, around: Around): Promise<Before> {
  const hook = around.pre && (await runHook(machine, around.pre, test));
  const output = hook?.output ?? Buffer.alloc(0);
  if (hook?.failed) return { failed: hook.failed, output, surroundings: null };
  if (around.coverage) await resetCoverage(machine);
  if (around.kmemleak) await clearKmemleak(machine);
  return { failed: '', output, surroundings: await surroundingsOf(machine) };
}

/**
 * What the test left behind, before the user's script tidies up.
 *
 * @throws GuestGone where the guest dies meanwhile
 */
export async function afterTest(
  machine: Machine,
  test: PlannedTest & { attempt: number },
  around: Around,
  before: Before,
  outcome: string,
): Promise<After> {
  const problems: string[] = [];
  if (around.coverage) problems.push(...(await collectCoverage(machine, test, around.coverage)));
  const now = before.surroundings && (await surroundingsOf(machine));
  const leaks = around.kmemleak ? await scanKmemleak(machine) : Buffer.alloc(0);
  const hook = around.post && (await runHook(machine, around.post, test, outcome));
  if (hook?.failed) problems.push(hook.failed);
  return {
    leftovers: leftovers(before.surroundings, now),
    leaks,
    output: hook?.output ?? Buffer.alloc(0),
    problems,
    silent: before.surroundings !== null && now === null,
  };
}
