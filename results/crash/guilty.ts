// SPDX-License-Identifier: GPL-2.0-only
import { calledFrames, type Evidence, type Stack } from './evidence.ts';
import { isLastResort, isMachinery } from './machinery.ts';

/** The frames of a stack that say something, innermost first. */
export function meaningful(stack: Stack | undefined, skip?: RegExp): string[] {
  return calledFrames(stack).filter((name) => !isMachinery(name) && skip?.test(name) !== true);
}

/** Where a state was entered is not where it hurt: `Preemption disabled at:` (kernel/sched/core.c). */
const aside = /\b(?:disabled|enabled) at:/;

/** The function to blame: the first that says something, of the first stack that has one. `skip`: what else to pass over. */
export function guiltyFunction({ stacks }: Evidence, skip?: RegExp): string | null {
  const candidates = stacks.filter(({ heading }) => !aside.test(heading));
  for (const stack of candidates) {
    const [first] = meaningful(stack, skip);
    if (first !== undefined) return first;
  }
  return candidates.flatMap((stack) => calledFrames(stack)).find(isLastResort) ?? null;
}
