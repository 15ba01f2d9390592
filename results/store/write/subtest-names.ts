// SPDX-License-Identifier: GPL-2.0-only
import { boundName } from '../text.ts';

/**
 * The names under which a test's subtests are kept, in the order given. A name is the identity, so none may stand
 * for two subtests of one test (the second `x` is `x [2]`), and none may be empty: that is the test itself.
 */
export function subtestNames(printed: readonly string[]): string[] {
  const taken = new Set<string>();
  const next = new Map<string, number>();
  return printed.map((text) => {
    const base = boundName(text) || '(no name)';
    let name = base;
    let count = next.get(base) ?? 2;
    while (taken.has(name)) name = `${base} [${count++}]`;
    next.set(base, count);
    taken.add(name);
    return name;
  });
}
