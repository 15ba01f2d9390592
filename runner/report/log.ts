// SPDX-License-Identifier: GPL-2.0-only
import { glyphs } from '../../results/glyphs.ts';
import type { UnderstoodCrash, UnderstoodLog, UnderstoodTest } from '../../results/understand/log.ts';
import { type Counts, countOutcomes, isBad, noCounts, type Outcome } from '../../results/words.ts';
import { countsLine, duration, printable } from './text.ts';

const PROBLEMS_SHOWN = 10;
const OCCURRENCES_SHOWN = 3;

/** A log for people: what it is, its tests, below each what went wrong in it, and the kernel's own faults. */
export function logLines(log: UnderstoodLog): string[] {
  return [
    headLine(log),
    ...log.tests.flatMap((test) => testLines(test, 0)),
    ...log.crashes.flatMap(crashLines),
    ...problemLines(log),
  ];
}

function headLine(log: UnderstoodLog): string {
  const { tests, subtests } = log.counts;
  const plan = log.plan === null ? '' : `, ${log.plan} planned`;
  const nested = Object.values(subtests).some((count) => count > 0)
    ? `; subtests ${countsLine(subtests)}`
    : '';
  const unnamed = countsLine({ ...noCounts(), ...log.unnamed });
  const ends = [
    withReason('; all skipped', log.skipAll),
    withReason('; bailed out', log.bailOut),
    log.complete ? '' : '; incomplete',
  ].join('');
  return printable(
    `${log.file}: ${log.format}, ${log.lines} lines${plan}: ${countsLine(tests)}${nested}${unnamed === 'nothing' ? '' : `; without a name ${unnamed}`}${ends}`,
  );
}

function withReason(what: string, reason: string | null): string {
  if (reason === null) return '';
  return reason === '' ? what : `${what}: ${reason}`;
}

/** What failed in full, what is fine inside of a test only as a number. */
function testLines(test: UnderstoodTest, depth: number): string[] {
  const pad = '  '.repeat(depth);
  const name = test.collection === null ? test.name : `${test.collection}: ${test.name}`;
  const taken = test.durationMs === null ? '' : ` (${duration(test.durationMs)})`;
  const nested = test.subtests.length === 0 ? '' : ` · ${countsLine(nestedCounts(test))}`;
  const why = test.reason === '' ? '' : `: ${test.reason}`;
  const place = test.outcome === 'pass' ? '' : ` [line ${test.line}]`;
  return [
    printable(
      `${pad}${glyphs[test.outcome]} ${test.outcome.padEnd(7)} ${name}${taken}${nested}${why}${place}`,
    ),
    ...(isBad(test.outcome)
      ? test.diagnostics.map(({ line, text }) => printable(`${pad}    ${line}: ${text.trimEnd()}`))
      : []),
    ...test.subtests.filter(isWorthALine).flatMap((subtest) => testLines(subtest, depth + 1)),
  ];
}

function isWorthALine({ outcome, subtests, crashes }: UnderstoodTest): boolean {
  return isBad(outcome) || crashes.length > 0 || subtests.some(isWorthALine);
}

function nestedCounts(test: UnderstoodTest): Counts {
  const outcomes = (tests: UnderstoodTest[]): Outcome[] =>
    tests.flatMap((one) => [one.outcome, ...outcomes(one.subtests)]);
  const counts = countOutcomes(outcomes(test.subtests));
  counts.missing += test.unnamed.missing ?? 0;
  return counts;
}

function crashLines({
  title,
  kind,
  signature,
  frames,
  count,
  occurrences,
  fatal,
}: UnderstoodCrash): string[] {
  const places = occurrences.slice(0, OCCURRENCES_SHOWN).map(({ line, test }) => {
    return `line ${line}${test === null ? '' : ` during ${test.join(' / ')}`}`;
  });
  const left = count - places.length;
  return [
    `☠ ${title}${fatal ? ', fatal' : ''} [${kind}, ${signature}]`,
    ...(frames.length > 0 ? [`    ${frames.join(' < ')}`] : []),
    `    ${places.join('; ')}${left > 0 ? `; and ${left} more` : ''}`,
  ].map(printable);
}

function problemLines({ problems }: UnderstoodLog): string[] {
  const shown = problems
    .slice(0, PROBLEMS_SHOWN)
    .map(({ line, text }) => printable(`? ${line > 0 ? `line ${line}: ` : ''}${text}`));
  const left = problems.length - shown.length;
  return left > 0 ? [...shown, `? and ${left} more notes (--json has them)`] : shown;
}
