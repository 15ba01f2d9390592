// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import type { SubtestReport, TestReport } from '../store/types.ts';
import { type Outcome, outcomes } from '../words.ts';
import { parseDate } from './dates.ts';
import {
  ImportError,
  type ImportFile,
  type ImportFormat,
  type ImportProblem,
  MiB,
  maxResultsOfRun,
  note,
  problem,
} from './import.ts';
import { bareTest, identityOf, runStart } from './place.ts';
import { bounded } from './read-file.ts';
import { nameUuid } from './uuid.ts';
import { readXml, type Tag } from './xml.ts';

/** What an element in a `testcase` says of it, where its `type` is none of our own words. */
const said: Record<string, Outcome> = { failure: 'fail', error: 'error', skipped: 'skip' };
/** Attempts before the last, as Surefire writes them. */
const earlier: Record<string, Outcome> = {
  rerunFailure: 'fail',
  flakyFailure: 'fail',
  rerunError: 'error',
  flakyError: 'error',
};

/**
 * JUnit XML as most programs write it. A `testcase` is a test, its `classname` (else the name of its suite) the
 * collection. Where a suite's first case is named like what stands behind the last `:` of the suite, as our own export
 * has it, the first is the test and the others are its subtests.
 */
export const junit: ImportFormat = {
  name: 'junit',
  summary: 'JUnit XML: test cases, or suites with subtests as `multitap export` writes them',
  maxBytes: 64 * MiB,
  async *read(file, options) {
    const hash = createHash('sha256');
    const document = new Document();
    await readXml(hashed(bounded(file, this.maxBytes), hash), document);
    if (!document.isJunit) throw new ImportError('is no JUnit XML: it has no testsuite');
    for (const { place, text } of document.problems) yield problem(place, text);
    if (document.startedAt === null) yield note('', 'it tells no date: that of the file is taken');
    const startedAt = document.startedAt ?? file.modifiedAt;
    const start = runStart('junit', file, options, {
      uuid: nameUuid('junit', [hash.digest('hex'), identityOf(options)]),
      ...{ suite: 'junit', branch: { name: 'imported' }, revision: { name: file.base }, startedAt },
      facts: { title: document.title.slice(0, 1000) },
    });
    const tests = document.tests.map((attempts) => attempts.map((one) => ({ ...one, startedAt })));
    const end = { state: 'complete' as const, finishedAt: startedAt, reason: '' };
    yield { type: 'run', run: { place: '', start, tests, end } };
  },
};

function hashed(file: ImportFile, hash: ReturnType<typeof createHash>): ImportFile {
  return {
    ...file,
    async *chunks() {
      for await (const chunk of file.chunks()) {
        hash.update(chunk);
        yield chunk;
      }
    },
  };
}

interface Case extends SubtestReport {
  classname: string;
  /** What came before it, in order. */
  before: { outcome: Outcome; message: string }[];
}

/** What is understood of a document as its elements come. */
class Document {
  readonly tests: TestReport[][] = [];
  readonly problems: ImportProblem[] = [];
  isJunit = false;
  title = '';
  startedAt: number | null = null;
  #suites: { name: string; cases: Case[] }[] = [];
  #case: Case | null = null;
  #count = 0;

  open(tag: Tag): void {
    const { name, attributes } = tag;
    if (name === 'testsuites') this.title = attributes.name ?? '';
    if (name === 'testsuite') this.#openSuite(attributes);
    if (name === 'testcase') this.#case = this.#newCase(tag);
  }

  close(tag: Tag): void {
    // Not as arguments of one push: a suite may have more than a call can take.
    if (tag.name === 'testsuite') for (const test of testsOf(this.#suites.pop()!)) this.tests.push(test);
    else if (tag.name === 'testcase') this.#closeCase();
    else if (this.#case !== null) tell(this.#case, tag);
  }

  #openSuite({ name = '', timestamp = '' }: Tag['attributes']): void {
    this.isJunit = true;
    const time = parseDate(timestamp);
    if (time !== null) this.startedAt = Math.min(time, this.startedAt ?? time);
    this.#suites.push({ name, cases: [] });
  }

  #newCase({ attributes, line }: Tag): Case | null {
    const place = `line ${line}`;
    if (++this.#count > maxResultsOfRun) throw new ImportError(`has more than ${maxResultsOfRun} results`);
    if (this.#suites.length === 0) {
      this.problems.push({ place, text: 'a testcase outside of any testsuite: not stored' });
      return null;
    }
    const { name = '', classname = '', time } = attributes;
    return {
      ...{ name, classname, outcome: 'pass', durationMs: msOf(time), line: null, markedFlaky: false },
      ...{ message: '', before: [] },
    };
  }

  #closeCase(): void {
    if (this.#case !== null) this.#suites.at(-1)!.cases.push(this.#case);
    this.#case = null;
  }
}

/** What an element in a test case says of it; any but these (`system-out`, `properties`) say nothing. */
function tell(one: Case, { name, attributes, text }: Tag): void {
  const { type = '', message = '' } = attributes;
  // Writers repeat the first line of the text as the message.
  const words =
    text.trim() === '' || text.startsWith(message) ? text.trim() || message : `${message}\n${text}`;
  if (Object.hasOwn(earlier, name))
    one.before.push({ outcome: ownWord(type) ?? earlier[name]!, message: words });
  if (!Object.hasOwn(said, name)) return;
  one.outcome = ownWord(type) ?? said[name]!;
  one.message = words;
}

function ownWord(type: string): Outcome | undefined {
  return outcomes.find((outcome) => outcome === type);
}

/** Seconds, with or without thousands separators, as some writers have them. */
function msOf(time = ''): number | null {
  const value = time.replaceAll(',', '');
  return /^\d{1,9}(\.\d{1,18})?$/.test(value) ? Math.round(Number(value) * 1000) : null;
}

function testsOf({ name, cases }: { name: string; cases: Case[] }): TestReport[][] {
  const [first, ...others] = cases;
  const colon = name.length - (first?.name.length ?? 0) - 1;
  const isOwn = first !== undefined && name[colon] === ':' && name.endsWith(first.name);
  if (isOwn && cases.every(({ classname }) => classname === name))
    return [attemptsOf(name.slice(0, colon), first, others)];
  return cases.map((one) => attemptsOf(one.classname || name, one, []));
}

/** The earlier attempts of a test, and the one that counts. Their subtests are told only where they failed. */
function attemptsOf(collection: string, test: Case, parts: Case[]): TestReport[] {
  const attempts = [...test.before, test].map(({ outcome, message }, i) =>
    bareTest({ collection, name: test.name, attempt: i + 1, outcome, message, startedAt: 0 }),
  );
  const last = attempts.at(-1)!;
  last.durationMs = test.durationMs;
  last.subtests = parts.map(({ classname: _classname, before: _before, ...subtest }) => subtest);
  for (const { before, name } of parts)
    for (const [i, one] of before.entries())
      if (i < attempts.length - 1)
        attempts[i]!.subtests.push({ name, ...one, durationMs: null, line: null, markedFlaky: false });
  return attempts;
}
