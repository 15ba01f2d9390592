// SPDX-License-Identifier: GPL-2.0-only

/** One expression for a list of patterns, parted by white space, each for the whole name of a function. */
export function group(patterns: string): RegExp {
  return new RegExp(`^(?:${patterns.trim().split(/\s+/).join('|')})$`);
}
