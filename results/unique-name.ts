// SPDX-License-Identifier: GPL-2.0-only

/**
 * Gives out names of one list, each once: a name is an identity, so the second `x` is `x [2]`, and one that is empty is
 * `(no name)`.
 *
 * @param bound shortens what is too long with its number
 */
export function uniqueNamer(bound = (name: string) => name): (name: string) => string {
  const taken = new Set<string>();
  const next = new Map<string, number>();
  return (name) => {
    const plain = name === '' ? '(no name)' : name;
    let unique = plain;
    let count = next.get(plain) ?? 2;
    while (taken.has(unique)) unique = bound(`${plain} [${count++}]`);
    next.set(plain, count);
    taken.add(unique);
    return unique;
  };
}
