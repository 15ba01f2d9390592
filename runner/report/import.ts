// SPDX-License-Identifier: GPL-2.0-only
import type { ImportReport } from '../../results/imports/import-file.ts';
import { countsLine, printable } from './text.ts';

/** Standard output for people: what of a file is stored now. */
export function importLine({ file, runs, tests, subtests, crashes, refused }: ImportReport): string {
  const counted = [`${runs.new} new`, `${runs.known} known`];
  if (runs.different > 0) counted.push(`${runs.different} different`);
  const kernel = crashes > 0 ? `; kernel reports: ${crashes}` : '';
  const total = Object.values(runs).reduce((sum, n) => sum + n, 0);
  const name = printable(file);
  if (refused !== null && total === 0) return `${name}: refused`;
  const rest = refused === null ? '' : '; the rest refused';
  return `${name}: runs: ${counted.join(', ')}; tests: ${countsLine(tests)}; subtests: ${countsLine(subtests)}${kernel}${rest}`;
}

/** Standard error: what a person should know of a place in a file, on one line. */
export function importTold(file: string, { place, text }: { place: string; text: string }): string {
  return printable([file, place, text].filter(Boolean).join(': ')).replace(/\s+/g, ' ');
}
