// SPDX-License-Identifier: GPL-2.0-only

import type { SubtestResult, TestResult } from '../../../results/store/types.ts';
import type { Outcome } from '../../../results/words.ts';
import { cut, visible } from './characters.ts';
import { type ExportFormat, lastAttempt } from './export.ts';
import { uniqueWords } from './unique-words.ts';

/** GitLab takes files below 30 MB. The logs and `multitap results` have a message in full. */
const messageLimit = 4096;

/** `failure`: a test says no. `error`: there is no answer. `skipped`: nobody needs to look. */
const elements: Partial<Record<Outcome, 'failure' | 'error' | 'skipped'>> = {
  fail: 'failure',
  timeout: 'failure',
  crash: 'failure',
  xpass: 'failure',
  missing: 'error',
  error: 'error',
  skip: 'skipped',
  xfail: 'skipped',
};

/**
 * JUnit XML as junit-10.xsd of Jenkins' xUnit plug-in has it: a `testsuite` for each test, in it a `testcase` for the
 * test itself and for each of its subtests, by the last attempt; earlier failures as Surefire's `flakyFailure` (it
 * passed in the end) or `rerunFailure`. The schema has no place for the number of an attempt: where it is not simply that
 * of the element, `system-out` says `attempt 3`.
 *
 * GitLab takes `classname` and `name` together as the identity and drops all but the first of several: both are told
 * apart here after characters that XML cannot hold were replaced.
 */
export const junit: ExportFormat = {
  name: 'junit',
  summary: 'JUnit XML (junit-10.xsd): for Jenkins, GitLab and others',
  fileName: (run) => `${run.uuid}.xml`,
  async *document({ run, tests }) {
    const seconds = run.finishedAt === null ? 0 : run.finishedAt - run.startedAt;
    const name = attribute(`${run.suite}: ${run.branch} ${run.revision} (${run.variant})`);
    yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${name}" time="${time(seconds)}">\n`;
    const unique = uniqueWords();
    for await (const attempts of tests()) yield testsuite(attempts, unique);
    yield '</testsuites>\n';
  },
};

function testsuite(attempts: TestResult[], unique: (text: string) => string): string {
  const test = lastAttempt(attempts);
  const suite = unique(visible(`${test.collection}:${test.name}`));
  const name = uniqueWords();
  const cases = [
    testcase(suite, name(visible(test.name)), test, attempts.slice(0, -1), test.attempt),
    ...test.subtests.map((subtest) =>
      testcase(suite, name(visible(subtest.name)), subtest, earlierOf(subtest, attempts), null),
    ),
  ];
  const outcomes = [test.outcome, ...test.subtests.map(({ outcome }) => outcome)];
  const count = (element: string) => outcomes.filter((outcome) => elements[outcome] === element).length;
  const when = new Date(test.startedAt).toISOString().slice(0, 19);
  return (
    `<testsuite name="${attribute(suite)}" tests="${outcomes.length}" failures="${count('failure')}"` +
    ` errors="${count('error')}" skipped="${count('skipped')}"${took(test.durationMs)} timestamp="${when}">\n` +
    `${cases.join('')}</testsuite>\n`
  );
}

type Case = Pick<SubtestResult, 'outcome' | 'message' | 'durationMs'>;
type Earlier = Case & { attempt: number };

/** @param attempt null for a subtest: that of its test */
function testcase(
  classname: string,
  name: string,
  result: Case,
  earlier: Earlier[],
  attempt: number | null,
): string {
  const { outcome, message, durationMs } = result;
  const failed = earlier.filter((one) => isFailure(one));
  const isPlain = failed.every((one, i) => one.attempt === i + 1);
  const children = [
    ...failed.map((one) => rerun(one, isFailure(result), isPlain)),
    ...(elements[outcome] ? [told(elements[outcome], outcome, message)] : []),
    ...(attempt === null || attempt === failed.length + 1 ? [] : [numbered(attempt)]),
  ];
  const head = `<testcase classname="${attribute(classname)}" name="${attribute(name)}"${took(durationMs)}`;
  return children.length > 0 ? `${head}>${children.join('')}</testcase>\n` : `${head}/>\n`;
}

function isFailure({ outcome }: Case): boolean {
  return elements[outcome] === 'failure' || elements[outcome] === 'error';
}

function rerun({ outcome, message, attempt }: Earlier, failedAgain: boolean, isPlain: boolean): string {
  const kind = elements[outcome] === 'error' ? 'Error' : 'Failure';
  return told(
    `${failedAgain ? 'rerun' : 'flaky'}${kind}`,
    outcome,
    message,
    isPlain ? '' : numbered(attempt),
  );
}

function numbered(attempt: number): string {
  return `<system-out>attempt ${attempt}</system-out>`;
}

/** `type` is our word for it: the elements are fewer. */
function told(element: string, outcome: Outcome, message: string, inside = ''): string {
  const shown = cut(message, messageLimit);
  const first = shown.split('\n')[0]!;
  return `<${element} type="${outcome}" message="${attribute(first)}">${content(shown)}${inside}</${element}>`;
}

/** What the attempts before the last said of a subtest. */
function earlierOf(subtest: SubtestResult, attempts: TestResult[]): Earlier[] {
  if (attempts.length === 1) return [];
  return attempts.slice(0, -1).flatMap(({ attempt, subtests }) => {
    const found = subtests.find(({ name }) => name === subtest.name);
    return found ? [{ ...found, attempt }] : [];
  });
}

function content(text: string): string {
  return visible(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Parsers turn white space in an attribute into spaces, unless it is a reference. */
function attribute(text: string): string {
  return content(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}

/** Nothing where nobody told: 0 would be read as a time that was measured. */
function took(ms: number | null): string {
  return ms === null ? '' : ` time="${time(ms)}"`;
}

/** Seconds. */
function time(ms: number): string {
  return (Math.max(0, ms) / 1000).toFixed(3);
}
