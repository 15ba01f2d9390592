// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';
import type { SubtestReport, TestReport } from '../store/types.ts';
import { bareTest } from './bare-test.ts';
import { type ImportEvent, problem } from './import.ts';
import { resultBound } from './result-bound.ts';
import { worst } from './worse.ts';
import { wrong } from './wrong.ts';

const entry = z.object({
  result: z.enum(['fail', 'flaky']),
  name: z.string(),
  comment: z.string().optional(),
  time_ms: z
    .union([
      z
        .string()
        .regex(/^\d{1,12}$/)
        .transform(Number),
      z.number().min(0),
    ])
    .optional(),
});
type Entry = z.infer<typeof entry>;

/** Of the names of files, for the run's page. */
const maxFiles = 1000;

interface Name {
  collection: string;
  test: string;
  /** As the CI calls the test where it lists the test itself. */
  own: string;
}

/** What a run lists of one test. */
interface Listed extends Name {
  /** Of the test itself. */
  whole: Entry[];
  parts: Entry[];
}

/**
 * What a run lists, test by test. The kselftest `mptcp_join.sh` has two files: `selftest_mptcp_join`, in which the test
 * itself is listed, and `selftest_mptcp_join_subtests`. They are one test, called as in a run of our own; its
 * subtests keep their names, which are those that it prints. `packetdrill_dss` is a test of the collection
 * `packetdrill`; what is neither is of `mptcp-ci`.
 *
 * A test came to the worst of what is listed of it: `fail`, or `xfail` where all of it is marked flaky.
 */
export function testsOf(place: string, results: object, startedAt: number) {
  const problems: ImportEvent[] = [];
  const tests = new Map<string, Listed>();
  const files = Object.keys(results);
  const bound = resultBound(place);
  for (const [file, numbered] of Object.entries(results)) {
    bound();
    const where = `${place}.results.${file.slice(0, 200)}`;
    let taken = 0;
    for (const [number, value] of numbersOf(numbered)) {
      bound();
      const parsed = entry.safeParse(value);
      if (parsed.success) {
        add(tests, nameOf(file), parsed.data);
        taken++;
      } else problems.push(problem(`${where}.${number.slice(0, 20)}`, `not stored: ${wrong(parsed.error)}`));
    }
    if (taken === 0) problems.push(problem(where, 'no results'));
  }
  return {
    ...{ problems, files: files.slice(0, maxFiles).map((file) => file.slice(0, 200)) },
    tests: [...tests.values()].map((listed) => [testOf(listed, startedAt)]),
  };
}

function numbersOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function nameOf(file: string): Name {
  const packetdrill = /^packetdrill_(.+)$/s.exec(file);
  if (packetdrill) return { collection: 'packetdrill', test: packetdrill[1]!, own: file };
  const script = file.replace(/^selftest_/, '').replace(/_subtests$/, '');
  if (script !== file || script.startsWith('mptcp_'))
    return { collection: 'net/mptcp', test: `${script}.sh`, own: script };
  return { collection: 'mptcp-ci', test: file, own: file };
}

function add(tests: Map<string, Listed>, name: Name, one: Entry): void {
  const key = JSON.stringify([name.collection, name.test]);
  const listed = tests.get(key) ?? { ...name, whole: [], parts: [] };
  tests.set(key, listed);
  // `selftest_diag`, `test: selftest_diag`, `test: mptcp_connect_mmap`.
  const itself = one.name.replace(/^test: /, '').replace(/^selftest_/, '');
  (itself === name.own ? listed.whole : listed.parts).push(one);
}

function testOf({ collection, test: name, whole, parts }: Listed, startedAt: number): TestReport {
  const subtests = parts.map(subtestOf);
  const failed = subtests.filter(({ outcome }) => outcome === 'fail').length;
  const counted = `${failed} failed, ${subtests.length - failed} marked flaky; what passed is not listed`;
  const comments = whole.map(({ comment = '' }) => comment);
  return bareTest({
    ...{ collection, name, startedAt, subtests },
    durationMs: whole.map(durationOf).find((ms) => ms !== null) ?? null,
    outcome: worst([...whole, ...parts].map(outcomeOf)),
    message: [...comments, subtests.length > 0 ? counted : ''].filter(Boolean).join('\n'),
  });
}

function subtestOf(one: Entry): SubtestReport {
  const { name, comment: message = '' } = one;
  const markedFlaky = one.result === 'flaky';
  return { name, outcome: outcomeOf(one), durationMs: durationOf(one), line: null, markedFlaky, message };
}

const outcomeOf = ({ result }: Entry) => (result === 'flaky' ? 'xfail' : 'fail');

/** Some runs have the time in the comment only: `time=60241ms`. */
function durationOf({ time_ms, comment = '' }: Entry): number | null {
  const match = /\btime=(\d{1,12})ms\b/.exec(comment);
  return time_ms ?? (match ? Number(match[1]) : null);
}
