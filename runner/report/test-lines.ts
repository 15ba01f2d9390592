// SPDX-License-Identifier: GPL-2.0-only
import { glyphs } from '../../results/glyphs.ts';
import type { TestReport } from '../../results/store/types.ts';
import { countOutcomes, isBad } from '../../results/words.ts';
import { countsLine, duration, printable } from './text.ts';

const PROBLEMS_SHOWN = 5;

/** A test for people: one line, and under it why it failed, in its own words. */
export function testLines(test: Omit<TestReport, 'logs'>): string[] {
  const outcomes = test.subtests.map(({ outcome }) => outcome);
  const subtests = outcomes.length > 0 ? ` · ${countsLine(countOutcomes(outcomes))}` : '';
  const lines = [
    `${glyphs[test.outcome]} ${test.outcome.padEnd(7)} ${printable(`${test.collection}: ${test.name}`)} (${duration(test.durationMs)}${test.attempt > 1 ? `, attempt ${test.attempt}` : ''})${subtests}`,
  ];
  if (test.message && test.outcome !== 'pass') lines.push(indented(test.message, 4));
  for (const { outcome, name, line, message } of test.subtests) {
    if (!isBad(outcome)) continue;
    lines.push(`    ${glyphs[outcome]} ${printable(name)}${line ? ` (line ${line})` : ''}`);
    if (message) lines.push(indented(message, 8));
  }
  for (const { line, text } of test.problems.slice(0, PROBLEMS_SHOWN))
    lines.push(`    ? ${line > 0 ? `line ${line}: ` : ''}${printable(text)}`);
  return lines;
}

function indented(text: string, by: number): string {
  return printable(text).replace(/^/gm, ' '.repeat(by));
}
