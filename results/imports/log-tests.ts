// SPDX-License-Identifier: GPL-2.0-only
import { isContradicted, titles } from '../crash/held-against.ts';
import { kinds } from '../crash/index.ts';
import { flatten, messageOf } from '../formats/flatten.ts';
import type { CrashSighting, TestReport } from '../store/types.ts';
import type { UnderstoodLog, UnderstoodTest } from '../understand/log.ts';
import { isBad, type Outcome } from '../words.ts';
import { bareTest } from './bare-test.ts';

/** Of each fault of the kernel: a test that ran behind the last of them would pass although the kernel warned. */
export const maxPlaces = 100_000;

/** Where the kernel reported something and no test is to blame. */
const consoleTest = 'kernel log';

/** The tests of a log in its order, each with all of the log. */
export function testsOfLog(understood: UnderstoodLog, content: Uint8Array, startedAt: number): TestReport[] {
  const ordered = [...understood.tests].sort((a, b) => a.lastLine - b.lastLine);
  const { placed, left } = placeCrashes(understood, ordered);
  const tests = ordered.map((test, i) => reportOf(test, placed[i]!, content));
  tests.push(...unnamedTests(understood));
  if (left.length > 0) tests.push(kernelLog(left, content));
  if (tests.length === 0 && understood.skipAll !== null) tests.push(skipped(understood.skipAll, content));
  // In the order of the log, so that pages show them in it; a log tells no time.
  return tests.map((test, i) => ({ ...test, startedAt: startedAt + i }));
}

/** To each test the crashes up to its last line, in one walk: a hostile log has many of both. */
function placeCrashes({ crashes }: UnderstoodLog, ordered: readonly UnderstoodTest[]) {
  const all = crashes
    .flatMap(({ signature, kind, title, frames, fatal, occurrences }) =>
      occurrences.map(({ line, test }) => ({
        sighting: { signature, kind, title, frames, fatal, line },
        hasTest: test !== null,
      })),
    )
    .sort((a, b) => a.sighting.line - b.sighting.line);
  const sightings = (hasTest: boolean): CrashSighting[] =>
    all.filter((one) => one.hasTest === hasTest).map(({ sighting }) => sighting);
  const blamed = sightings(true);
  let at = 0;
  const placed = ordered.map(({ lastLine }) => {
    const from = at;
    while (at < blamed.length && blamed[at]!.line <= lastLine) at++;
    return blamed.slice(from, at);
  });
  return { placed, left: sightings(false) };
}

/** The log as that of a test. The pages look for a crash in the console; here it is the same wire. */
function logsOf(content: Uint8Array, crashes: readonly CrashSighting[]): Partial<TestReport> {
  const output = { kind: 'output' as const, content };
  if (crashes.length === 0) return { logs: [output] };
  return { logs: [output, { kind: 'console', content }], crashes: [...crashes] };
}

function titlesOf(crashes: readonly CrashSighting[]): string[] {
  const faults = crashes.filter(({ kind }) => kinds[kind].severity !== 'note');
  return titles(faults).map((title) => `kernel: ${title}`);
}

function reportOf(test: UnderstoodTest, crashes: CrashSighting[], content: Uint8Array): TestReport {
  const { name, collection, outcome, durationMs, exitCode, line, diagnostics } = test;
  const told = titlesOf(crashes);
  const isWrong = told.length > 0 && isContradicted(outcome);
  const own = isWrong ? [`the test itself: ${outcome}`] : [];
  return bareTest({
    ...{ ...logsOf(content, crashes), startedAt: 0, name, collection: collection ?? '', exitCode, line },
    outcome: isWrong ? 'fail' : outcome,
    message: [...told, ...own, messageOf(test)].filter(Boolean).join('\n'),
    durationMs,
    subtests: flatten(test.subtests),
    problems: diagnostics,
  });
}

/** Results that are bad and only counted: a test for each outcome, so that the run does not look as if all were well. */
function unnamedTests({ unnamed }: UnderstoodLog): TestReport[] {
  const counted = Object.entries(unnamed) as [Outcome, number][];
  return counted
    .filter(([outcome, count]) => isBad(outcome) && count > 0)
    .map(([outcome, count]) =>
      bareTest({
        ...{ collection: '', name: `unnamed results (${outcome})`, outcome, startedAt: 0 },
        message: `${count} in the log, counted without a name`,
      }),
    );
}

function kernelLog(crashes: CrashSighting[], content: Uint8Array): TestReport {
  const told = titlesOf(crashes);
  return bareTest({
    ...{ ...logsOf(content, crashes), collection: '', name: consoleTest, startedAt: 0 },
    ...{ outcome: told.length > 0 ? 'crash' : 'skip', message: told.join('\n') },
  });
}

/** `1..0 # SKIP no root`. */
function skipped(reason: string, content: Uint8Array): TestReport {
  const name = 'the whole log';
  return bareTest({
    ...{ ...logsOf(content, []), collection: '', name, outcome: 'skip', startedAt: 0 },
    message: reason,
  });
}
