// SPDX-License-Identifier: GPL-2.0-only
import type { TestReport } from '../store/types.ts';
import type { Outcome } from '../words.ts';
import { bareTest } from './bare-test.ts';
import { contentHash, identityOf, nameUuid } from './identity.ts';
import { ImportError, type ImportFormat, MiB, note, problem } from './import.ts';
import { fileDate, readWhole, refuseNoText } from './read-file.ts';
import { resultBound } from './result-bound.ts';
import { runStart } from './run-start.ts';
import { agreed, worst } from './worse.ts';

const words: Record<string, Outcome> = {
  pass: 'pass',
  fail: 'fail',
  skip: 'skip',
  timeout: 'timeout',
  xfail: 'xfail',
  xpass: 'xpass',
};
/** The ends of names that kselftest's scripts have: what follows one is a subtest. */
const script = /\.(?:sh|py|pl)(?=\.|$)/;
const maxProblems = 1000;

/**
 * The 0-day robot's lines for kselftest, as its statistics (`net/mptcp.mptcp_join.sh.fail: 1`) and reports
 * (`kernel-selftests.net/mptcp.mptcp_join.sh.fail`) have them: collection, test, perhaps a subtest, what it came to.
 * A collection has no dot; a test ends at its `.sh`, `.py` or `.pl`, one without at the next dot.
 */
export const lkp: ImportFormat = {
  name: 'lkp',
  summary: 'result lines of the 0-day robot (lkp): net/mptcp.mptcp_join.sh.fail: 1',
  maxBytes: 64 * MiB,
  async *read(file, options) {
    const bytes = await readWhole(file, this.maxBytes);
    refuseNoText(bytes);
    const startedAt = fileDate(file);
    const found = new Found(startedAt);
    let left = 0;
    let zeros = 0;
    for (const { number, text, read } of resultsOf(bytes)) {
      if (read === 'never') zeros++;
      else if (read !== null) found.add(read, number);
      else if (!punctuation.test(text) && ++left <= maxProblems)
        yield problem(`line ${number}`, `no result: ${text.trim().slice(0, 160)}`);
    }
    if (found.size === 0) throw new ImportError('holds no result line of lkp');
    if (left > maxProblems) yield problem('', `${left - maxProblems} more lines that are no result`);
    if (zeros > 0) yield note('', `${zeros} lines count 0: what never happened is no result`);
    for (const place of found.disagreeing)
      yield note(place, 'told twice, and not the same: the worse one counts');
    yield note('', 'it tells no date: that of the file is taken');
    const uuid = nameUuid('lkp', [contentHash(bytes), identityOf(options)]);
    const { tests, notes } = agreed(found.tests().map((test) => [test]));
    yield* notes;
    const start = runStart('lkp', file, options, {
      ...{ uuid, suite: 'kernel-selftests', branch: { name: 'imported' }, revision: { name: file.base } },
      startedAt,
    });
    const end = { state: 'complete' as const, finishedAt: startedAt, reason: '' };
    yield { type: 'run', run: { place: '', start, tests, end } };
  },
};

function* linesOf(bytes: Buffer): Iterable<{ number: number; text: string }> {
  let number = 0;
  for (let from = 0; from < bytes.length; ) {
    const newline = bytes.indexOf(0x0a, from);
    const end = newline < 0 ? bytes.length : newline;
    yield { number: ++number, text: bytes.toString('utf8', from, Math.min(end, from + 8192)) };
    from = end + 1;
  }
}

/** What lines say; a result whose counts stand on the lines behind it waits for them. */
function* resultsOf(bytes: Buffer): Iterable<{ number: number; text: string; read: Line | 'never' | null }> {
  let open: { number: number; text: string; read: Line } | null = null;
  for (const { number, text } of linesOf(bytes)) {
    const counts: RegExpExecArray | null = open === null ? null : /^\s*(?:(\d{1,9}),?|(\],?))\s*$/.exec(text);
    if (open !== null && counts?.[1] !== undefined && Number(counts[1]) === 0) continue;
    if (open !== null) yield counts?.[2] === undefined ? open : { ...open, read: 'never' };
    open = null;
    const read = parseLine(text);
    if (read !== null && read !== 'never' && text.trimEnd().endsWith('[')) open = { number, text, read };
    else yield { number, text, read };
  }
  if (open !== null) yield open;
}

interface Line {
  collection: string;
  test: string;
  /** Empty for the test itself. */
  subtest: string;
  outcome: Outcome;
}

/** What stands behind the name: how often, also in the robot's JSON, where the number may be on the next line. */
const count = /"? ?: ?(?:\[? ?(\d{1,9}) ?\]?|\[),?$/;
/** The lines of that JSON which name nothing. */
const punctuation = /^[\s\d[\]{},]*$/;

/** `never`: a result that was counted 0 times. */
function parseLine(line: string): Line | 'never' | null {
  const text = line.trim();
  const counted = count.exec(text);
  const name = (counted ? text.slice(0, counted.index) : text).replace(/^"|"$/g, '');
  if (/[\s"]/.test(name)) return null;
  const path = name.replace(/^kernel-selftests(?:-[\w-]+)?\./, '');
  const first = path.indexOf('.');
  const last = path.lastIndexOf('.');
  const word = path.slice(last + 1);
  if (first <= 0 || last <= first + 1 || !Object.hasOwn(words, word)) return null;
  if (counted?.[1] !== undefined && Number(counted[1]) === 0) return 'never';
  const rest = path.slice(first + 1, last);
  const named = script.exec(rest);
  const dot = rest.indexOf('.');
  const end = named ? named.index + named[0].length : dot < 0 ? rest.length : dot;
  return {
    ...{ collection: path.slice(0, first), test: rest.slice(0, end), subtest: rest.slice(end + 1) },
    outcome: words[word]!,
  };
}

/** The tests that the lines name, each with its subtests. */
class Found {
  readonly disagreeing: string[] = [];
  #tests = new Map<string, { own: Line | null; first: Line; subtests: Map<string, Line> }>();
  #startedAt: number;
  #bound = resultBound();
  size = 0;

  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  add(line: Line, number: number): void {
    this.size++;
    this.#bound();
    const key = JSON.stringify([line.collection, line.test]);
    const test = this.#tests.get(key) ?? { own: null, first: line, subtests: new Map() };
    this.#tests.set(key, test);
    const before = line.subtest === '' ? test.own : (test.subtests.get(line.subtest) ?? null);
    if (before !== null && before.outcome !== line.outcome) this.disagreeing.push(`line ${number}`);
    const worse = before === null ? line : { ...line, outcome: worst([before.outcome, line.outcome]) };
    if (line.subtest === '') test.own = worse;
    else test.subtests.set(line.subtest, worse);
  }

  /** A test that only its subtests tell of came to the worst of them. */
  tests(): TestReport[] {
    return [...this.#tests.values()].map(({ own, first, subtests }) => {
      const parts = [...subtests.values()];
      return bareTest({
        ...{
          collection: first.collection,
          name: first.test,
          outcome: own?.outcome ?? worst(parts.map(({ outcome }) => outcome)),
        },
        startedAt: this.#startedAt,
        subtests: parts.map(({ subtest, outcome }) => ({
          ...{ name: subtest, outcome, durationMs: null, line: null, markedFlaky: false, message: '' },
        })),
      });
    });
  }
}
