// SPDX-License-Identifier: GPL-2.0-only

/** Databases bound the number of parameters of a statement; 500 rows of 13 columns are below every bound. */
export function* chunks<T>(list: readonly T[], size = 500): Generator<T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}
