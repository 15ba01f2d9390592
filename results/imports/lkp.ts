// SPDX-License-Identifier: GPL-2.0-only
import type { TestReport } from '../store/types.ts';
import type { Outcome } from '../words.ts';
import { ImportError, type ImportFormat, MiB, maxResultsOfRun, note, problem } from './import.ts';
import { bareTest, identityOf, runStart } from './place.ts';
import { readWhole, refuseNoText } from './read-file.ts';
import { contentHash, nameUuid } from './uuid.ts';

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
    const found = new Found(file.modifiedAt);
    let left = 0;
    for (const { number, text } of linesOf(bytes)) {
      const read = parseLine(text);
      if (read !== null) found.add(read, number);
      else if (!punctuation.test(text) && ++left <= maxProblems)
        yield problem(`line ${number}`, `no result: ${text.trim().slice(0, 160)}`);
    }
    if (found.size === 0) throw new ImportError('holds no result line of lkp');
    if (left > maxProblems) yield problem('', `${left - maxProblems} more lines that are no result`);
    for (const place of found.disagreeing)
      yield note(place, 'told twice, and not the same: the worse one counts');
    yield note('', 'it tells no date: that of the file is taken');
    const uuid = nameUuid('lkp', [contentHash(bytes), identityOf(options)]);
    const startedAt = file.modifiedAt;
    const start = runStart('lkp', file, options, {
      ...{ uuid, suite: 'kernel-selftests', branch: { name: 'imported' }, revision: { name: file.base } },
      startedAt,
    });
    const end = { state: 'complete' as const, finishedAt: startedAt, reason: '' };
    yield { type: 'run', run: { place: '', start, tests: found.tests().map((test) => [test]), end } };
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

function parseLine(line: string): Line | null {
  const text = line.trim();
  const counted = count.exec(text);
  // `: 0`: it never came to that.
  if (counted?.[1] !== undefined && Number(counted[1]) === 0) return null;
  const name = (counted ? text.slice(0, counted.index) : text).replace(/^"|"$/g, '');
  if (/[\s"]/.test(name)) return null;
  const path = name.replace(/^kernel-selftests(?:-[\w-]+)?\./, '');
  const first = path.indexOf('.');
  const last = path.lastIndexOf('.');
  const word = path.slice(last + 1);
  if (first <= 0 || last <= first + 1 || !Object.hasOwn(words, word)) return null;
  const rest = path.slice(first + 1, last);
  const named = script.exec(rest);
  const dot = rest.indexOf('.');
  const end = named ? named.index + named[0].length : dot < 0 ? rest.length : dot;
  return {
    ...{ collection: path.slice(0, first), test: rest.slice(0, end), subtest: rest.slice(end + 1) },
    outcome: words[word]!,
  };
}

/** The worse of two, so that nothing that failed is lost. */
const ranks: readonly Outcome[] = ['fail', 'timeout', 'xpass', 'pass', 'xfail', 'skip'];

/** The tests that the lines name, each with its subtests. */
class Found {
  readonly disagreeing: string[] = [];
  #tests = new Map<string, { own: Line | null; first: Line; subtests: Map<string, Line> }>();
  #startedAt: number;
  size = 0;

  constructor(startedAt: number) {
    this.#startedAt = startedAt;
  }

  add(line: Line, number: number): void {
    if (++this.size > maxResultsOfRun) throw new ImportError(`has more than ${maxResultsOfRun} results`);
    const key = `${line.collection}\0${line.test}`;
    const test = this.#tests.get(key) ?? { own: null, first: line, subtests: new Map() };
    this.#tests.set(key, test);
    const before = line.subtest === '' ? test.own : (test.subtests.get(line.subtest) ?? null);
    if (before !== null && before.outcome !== line.outcome) this.disagreeing.push(`line ${number}`);
    const worse = before === null ? line : worst([before, line]);
    if (line.subtest === '') test.own = worse;
    else test.subtests.set(line.subtest, worse);
  }

  /** A test that only its subtests tell of came to the worst of them. */
  tests(): TestReport[] {
    return [...this.#tests.values()].map(({ own, first, subtests }) => {
      const parts = [...subtests.values()];
      return bareTest({
        ...{ collection: first.collection, name: first.test, outcome: (own ?? worst(parts)).outcome },
        startedAt: this.#startedAt,
        subtests: parts.map(({ subtest, outcome }) => ({
          ...{ name: subtest, outcome, durationMs: null, line: null, markedFlaky: false, message: '' },
        })),
      });
    });
  }
}

function worst(lines: readonly Line[]): Line {
  return lines.reduce((a, b) => (ranks.indexOf(b.outcome) < ranks.indexOf(a.outcome) ? b : a));
}
