// SPDX-License-Identifier: GPL-2.0-only

/**
 * Names that tell the results of one list apart, in its order: the second `x` of a collection is `x [2]`, a
 * result without a name is `(no name)`. The number that was printed is no identity: it changes whenever a test is added.
 */
export function uniqueNames(tests: readonly { name: string; collection?: string | null }[]): string[] {
  const taken = new Set<string>();
  const counts = new Map<string, number>();
  return tests.map((test) => {
    const plain = test.name === '' ? '(no name)' : test.name;
    const key = (name: string) => `${test.collection ?? ''}\0${name}`;
    let count = (counts.get(key(plain)) ?? 0) + 1;
    let name = count === 1 ? plain : `${plain} [${count}]`;
    while (taken.has(key(name))) name = `${plain} [${++count}]`;
    counts.set(key(plain), count);
    taken.add(key(name));
    return name;
  });
}
