// SPDX-License-Identifier: GPL-2.0-only

/** Tells words apart in the order in which they come: the second `x` is `x [2]`, as the store names subtests. */
export function uniqueWords(): (word: string) => string {
  const taken = new Set<string>();
  const next = new Map<string, number>();
  return (word) => {
    let count = next.get(word) ?? 2;
    let name = word;
    while (taken.has(name)) name = `${word} [${count++}]`;
    next.set(word, count);
    taken.add(name);
    return name;
  };
}
