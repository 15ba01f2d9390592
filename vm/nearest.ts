// SPDX-License-Identifier: GPL-2.0-only

/** Those names that share most with the wanted one, best first. */
export function nearest(wanted: string, names: readonly string[]): string[] {
  const pairs = (text: string) => new Set([...text].slice(1).map((char, i) => text[i]! + char));
  const own = pairs(wanted);
  const score = (name: string) => {
    const other = pairs(name);
    const shared = [...own].filter((pair) => other.has(pair)).length;
    return (2 * shared) / (own.size + other.size || 1);
  };
  return [...names].sort((a, b) => score(b) - score(a)).slice(0, 5);
}
