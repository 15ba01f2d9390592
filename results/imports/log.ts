// SPDX-License-Identifier: GPL-2.0-only
import { kinds } from '../crash/index.ts';
import { auto } from '../formats/auto.ts';
import { flatten, messageOf } from '../formats/flatten.ts';
import type { CrashSighting, RunEnd, TestReport } from '../store/types.ts';
import { hasContent, understand } from '../understand/index.ts';
import type { UnderstoodLog, UnderstoodTest } from '../understand/log.ts';
import type { Outcome } from '../words.ts';
import { ImportError, type ImportFormat, MiB, maxResultsOfRun, note, problem } from './import.ts';
import { bareTest, identityOf, runStart } from './place.ts';
import { readWhole, refuseNoText } from './read-file.ts';
import { contentHash, nameUuid } from './uuid.ts';

/** Where the kernel reported something and no test is to blame. */
const consoleTest = 'kernel log';
/** Outcomes that say that all is well, which a kernel that reports a fault of its own contradicts. */
const contradicted: readonly Outcome[] = ['pass', 'skip', 'xfail'];

/**
 * Any log that `multitap parse` understands: one run. Each test has the whole log, so that its lines are those of the
 * file; the store keeps it once.
 */
export const log: ImportFormat = {
  name: 'log',
  summary: 'any log that `multitap parse` understands: one run, with the crashes in it',
  maxBytes: 64 * MiB,
  async *read(file, options) {
    const bytes = await readWhole(file, this.maxBytes);
    refuseNoText(bytes);
    const parser = understand(file.base, auto);
    parser.push(bytes);
    const understood = parser.end();
    if (!hasContent(understood)) throw new ImportError(noContent(bytes, understood));
    yield note('', 'it tells no date: that of the file is taken');
    for (const { line, text } of understood.problems) yield problem(`line ${line}`, text);
    for (const [outcome, count] of Object.entries(understood.unnamed))
      yield problem('', `${count} results (${outcome}) are counted without a name: not stored`);
    const startedAt = file.modifiedAt;
    const tests = testsOf(understood, bytes, startedAt);
    const results = tests.reduce((sum, { subtests }) => sum + 1 + subtests.length, 0);
    if (results > maxResultsOfRun) throw new ImportError(`has more than ${maxResultsOfRun} results`);
    const start = runStart('log', file, options, {
      uuid: nameUuid('log', [contentHash(bytes), identityOf(options)]),
      ...{ suite: understood.format, branch: { name: 'imported' }, revision: { name: file.base }, startedAt },
      facts: { dialect: understood.format, metadata: understood.metadata },
    });
    yield {
      type: 'run',
      run: { place: '', start, tests: tests.map((test) => [test]), end: endOf(understood, startedAt) },
    };
  },
};

function noContent(bytes: Buffer, { lines }: UnderstoodLog): string {
  return bytes.subarray(0, 512).includes(0)
    ? 'is no text'
    : `holds no result and no crash, in ${lines} lines`;
}

function endOf({ complete, bailOut }: UnderstoodLog, finishedAt: number): RunEnd {
  if (complete) return { state: 'complete', finishedAt, reason: '' };
  const reason = bailOut === null ? 'the log is not complete' : `Bail out! ${bailOut}`.trim();
  return { state: 'incomplete', finishedAt, reason };
}

function testsOf(understood: UnderstoodLog, content: Uint8Array, startedAt: number): TestReport[] {
  const ordered = [...understood.tests].sort((a, b) => a.lastLine - b.lastLine);
  const { placed, left } = placeCrashes(understood, ordered);
  // In the order of the log, so that pages show them in it; a log tells no time.
  const tests = ordered.map((test, i) => reportOf(test, placed[i]!, content, startedAt + i));
  if (left.length > 0 || tests.length === 0) tests.push(kernelLog(left, content, startedAt + tests.length));
  return tests;
}

/** To each test the crashes up to its last line, in one walk: a hostile log has many of both. */
function placeCrashes({ crashes }: UnderstoodLog, ordered: readonly UnderstoodTest[]) {
  const all = crashes
    .flatMap(({ signature, kind, title, frames, fatal, occurrences }) =>
      occurrences.map(({ line }) => ({ signature, kind, title, frames, fatal, line })),
    )
    .sort((a, b) => a.line - b.line);
  let at = 0;
  const placed = ordered.map(({ lastLine }) => {
    const from = at;
    while (at < all.length && all[at]!.line <= lastLine) at++;
    return all.slice(from, at);
  });
  return { placed, left: all.slice(at) };
}

/** The log as that of a test. The pages look for a crash in the console; here it is the same wire. */
function logsOf(content: Uint8Array, crashes: readonly CrashSighting[]): Partial<TestReport> {
  const output = { kind: 'output' as const, content };
  if (crashes.length === 0) return { logs: [output] };
  return { logs: [output, { kind: 'console', content }], crashes: [...crashes] };
}

function titlesOf(crashes: readonly CrashSighting[]): string[] {
  const faults = crashes.filter(({ kind }) => kinds[kind].severity !== 'note');
  return [...new Set(faults.map(({ title }) => `kernel: ${title}`))].slice(0, 5);
}

function kernelLog(crashes: CrashSighting[], content: Uint8Array, startedAt: number): TestReport {
  const titles = titlesOf(crashes);
  return bareTest({
    ...{ ...logsOf(content, crashes), collection: '', name: consoleTest, startedAt },
    ...{ outcome: titles.length > 0 ? 'crash' : 'skip', message: titles.join('\n') },
  });
}

function reportOf(
  test: UnderstoodTest,
  crashes: CrashSighting[],
  content: Uint8Array,
  startedAt: number,
): TestReport {
  const { name, collection, outcome, durationMs, exitCode, line, diagnostics } = test;
  const titles = titlesOf(crashes);
  const isContradicted = titles.length > 0 && contradicted.includes(outcome);
  const own = isContradicted ? [`the test itself: ${outcome}`] : [];
  return bareTest({
    ...{ ...logsOf(content, crashes), startedAt, name, collection: collection ?? '', exitCode, line },
    outcome: isContradicted ? 'fail' : outcome,
    message: [...titles, ...own, messageOf(test)].filter(Boolean).join('\n'),
    durationMs,
    subtests: flatten(test.subtests),
    problems: diagnostics,
  });
}
