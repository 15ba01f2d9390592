// SPDX-License-Identifier: GPL-2.0-only
import type { TestReport } from '../store/types.ts';
import type { Outcome } from '../words.ts';
import { parseDate } from './dates.ts';
import { type ImportEvent, note, problem } from './import.ts';
import { type Case, type Earlier, testsOfSuite } from './junit-cases.ts';
import { resultBound } from './result-bound.ts';
import { worst } from './worse.ts';
import type { Tag } from './xml.ts';

/** What an element may mean: the first of them where its `type` is none of our own words for it. */
const said: Record<string, readonly Outcome[]> = {
  failure: ['fail', 'timeout', 'crash', 'xpass'],
  // Other writers mean what nobody foresaw, an exception in a fixture: the test's fault, as far as we know.
  error: ['fail', 'error', 'missing'],
  skipped: ['skip', 'xfail'],
};
/** Attempts before the last, as Surefire writes them. */
const earlier: Record<string, readonly Outcome[]> = {
  ...{ rerunFailure: said.failure!, flakyFailure: said.failure! },
  ...{ rerunError: said.error!, flakyError: said.error! },
};

/** What is understood of a document as its elements come. */
export class Document {
  readonly tests: TestReport[][] = [];
  readonly told: ImportEvent[] = [];
  isJunit = false;
  title = '';
  /** The earliest; milliseconds since the epoch. */
  startedAt: number | null = null;
  #suites: { name: string; cases: Case[]; own: Case | null }[] = [];
  /** Innermost last; null for one that is not stored. */
  #cases: (Case | null)[] = [];
  #path: string[] = [];
  /** What the element of an earlier attempt said of its number, before it is closed. */
  #attempt: number | null = null;
  #bound = resultBound();

  open(tag: Tag): void {
    const { name, attributes } = tag;
    if (name === 'testsuites') this.title = attributes.name ?? '';
    if (name === 'testsuite') this.#openSuite(attributes);
    if (name === 'testcase') this.#openCase(tag);
    if (Object.hasOwn(earlier, name)) this.#attempt = null;
    this.#path.push(name);
  }

  close(tag: Tag): void {
    this.#path.pop();
    const { name } = tag;
    const parent = this.#path.at(-1) ?? '';
    if (name === 'testsuite') this.#closeSuite();
    else if (name === 'testcase') this.#closeCase();
    else if (name === 'system-out') this.#number(parent, tag.text);
    else if (!Object.hasOwn(said, name) && !Object.hasOwn(earlier, name)) return;
    else if (parent === 'testcase') this.#tellCase(tag);
    else if (parent === 'testsuite' && Object.hasOwn(said, name)) this.#tellSuite(tag);
    else this.#lost(tag, `${name} in ${parent || 'no element'}, which belongs to no test`);
  }

  #openSuite({ name = '', timestamp = '' }: Tag['attributes']): void {
    this.isJunit = true;
    const time = parseDate(timestamp);
    if (time !== null) this.startedAt = Math.min(time, this.startedAt ?? time);
    this.#suites.push({ name, cases: [], own: null });
  }

  #closeSuite(): void {
    const suite = this.#suites.pop()!;
    // Not as arguments of one push: a suite may have more than a call can take.
    for (const test of testsOfSuite(suite.name, suite.cases)) this.tests.push(test);
    if (suite.own !== null) for (const test of testsOfSuite(suite.name, [suite.own])) this.tests.push(test);
  }

  #openCase(tag: Tag): void {
    this.#bound();
    const place = `line ${tag.line}`;
    if (this.#suites.length === 0) this.#lost(tag, 'a testcase outside of any testsuite');
    else if (this.#cases.length > 0)
      this.told.push(note(place, 'a testcase within another: stored as a test of its own'));
    this.#cases.push(this.#suites.length === 0 ? null : newCase(tag.attributes));
  }

  #closeCase(): void {
    const one = this.#cases.pop()!;
    if (one !== null) this.#suites.at(-1)!.cases.push(one);
  }

  #tellCase({ name, ...tag }: Tag): void {
    const one = this.#cases.at(-1) ?? null;
    if (one === null) return;
    const words = wordsOf(tag);
    if (Object.hasOwn(said, name)) tell(one, outcomeOf(said[name]!, tag), words);
    else {
      this.#bound();
      one.before.push({
        outcome: outcomeOf(earlier[name]!, tag),
        message: words,
        attempt: this.#attempt,
      } satisfies Earlier);
    }
  }

  /** A fixture that failed: its tests may not even be listed. */
  #tellSuite({ name, ...tag }: Tag): void {
    this.#bound();
    const suite = this.#suites.at(-1)!;
    suite.own ??= newCase({ name: '(the suite itself)' });
    tell(suite.own, outcomeOf(said[name]!, tag), wordsOf(tag));
    this.told.push(
      note(`line ${tag.line}`, `${name} of a whole suite: stored as a test, “${suite.own.name}”`),
    );
  }

  /** `attempt 3`, as our own export has it where the number is not that of the element. */
  #number(parent: string, text: string): void {
    const [, digits] = /^attempt ([1-9]\d{0,5})$/.exec(text.trim()) ?? [];
    if (digits === undefined) return;
    if (Object.hasOwn(earlier, parent)) this.#attempt = Number(digits);
    else if (parent === 'testcase' && this.#cases.at(-1)) this.#cases.at(-1)!.attempt = Number(digits);
  }

  #lost({ line }: Tag, text: string): void {
    this.#bound();
    this.told.push(problem(`line ${line}`, `${text}: not stored`));
  }
}

function newCase({ name = '', classname = '', time, status, result }: Tag['attributes']): Case {
  // GoogleTest lists the disabled ones: by `status` until 1.10, by `result` since.
  const isIdle = status === 'notrun' || result === 'suppressed' || result === 'skipped';
  return {
    ...{ name, classname, durationMs: msOf(time), message: '', before: [], attempt: null },
    outcome: isIdle ? 'skip' : null,
  };
}

/** Where two elements speak of a case the worse counts, and the words of both are kept. */
function tell(one: Case, outcome: Outcome, words: string): void {
  one.outcome = one.outcome === null ? outcome : worst([one.outcome, outcome]);
  one.message = [one.message, words].filter(Boolean).join('\n');
}

function outcomeOf(meant: readonly Outcome[], { attributes }: Pick<Tag, 'attributes'>): Outcome {
  return meant.find((outcome) => outcome === attributes.type) ?? meant[0]!;
}

/** Writers repeat the first line of the text as the message. */
function wordsOf({ attributes: { message = '' }, text }: Pick<Tag, 'attributes' | 'text'>): string {
  return text.trim() === '' || text.startsWith(message) ? text.trim() || message : `${message}\n${text}`;
}

/** Seconds, with or without thousands separators, as some writers have them. */
function msOf(time = ''): number | null {
  const value = time.replaceAll(',', '');
  return /^\d{1,9}(\.\d{1,18})?$/.test(value) ? Math.round(Number(value) * 1000) : null;
}
