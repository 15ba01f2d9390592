// SPDX-License-Identifier: GPL-2.0-only
import type { OnEvent } from '../format.ts';
import type { LineReader } from '../line-format.ts';
import { newResult } from '../new-result.ts';
import { Report } from '../report.ts';
import { withoutStamps } from '../uptime.ts';
import { LineWindow } from '../window.ts';
import {
  type GtestResult,
  parseBegin,
  parseCount,
  parseDisabled,
  parseGtestResult,
  parseRan,
  parseRunning,
  parseSetUp,
} from './line.ts';

type Word = GtestResult['outcome'];

/**
 * googletest's own printer, one or several programs or repetitions in one log. What a test prints stands between its
 * `[ RUN      ]` and its result. The lists at the end repeat results; with `--gtest_brief=1` there is no more than
 * the failures and, at the end, how many passed.
 */
export class GtestReader implements LineReader {
  #report: Report;
  #window = new LineWindow();
  #open: { name: string; line: number } | null = null;
  /** Of the program that runs: what it announced, null where it did not. */
  #plan: number | null = null;
  #found: Record<Word, number> = { pass: 0, fail: 0, skip: 0 };
  /** Behind `… tests ran.`: what has no time is a repetition. */
  #listing = false;

  constructor(onEvent: OnEvent) {
    this.#report = new Report('gtest', onEvent);
  }

  read(text: string, number: number, cut: boolean): void {
    const content = withoutStamps(text);
    if (content.includes('[') && !cut && this.#mark(content, number)) return;
    if (content !== '') this.#window.add(number, content);
  }

  end(lines: number): void {
    this.#close(lines);
    this.#missing(lines, 'the log ends without the last lines of gtest');
    this.#report.end(lines);
  }

  /** Whether the line is one of gtest's own. */
  #mark(text: string, line: number): boolean {
    const running = parseRunning(text);
    if (running !== null) {
      this.#start(running, line);
      return true;
    }
    const name = parseBegin(text);
    if (name !== null) {
      this.#close(line - 1);
      this.#goOn();
      this.#window.clear();
      this.#open = { name, line };
      return true;
    }
    const result = parseGtestResult(text);
    if (result !== null && this.#isOurs(result)) {
      this.#result(result, line);
      return true;
    }
    const off = parseDisabled(text);
    if (off !== null) this.#report.result({ ...newResult(off, 'skip', line), reason: 'disabled' }, 0, 0);
    return off !== null || this.#atEnd(text, line);
  }

  /** What a test prints may look like a result: it is one of the test that runs, or where none does. */
  #isOurs({ name, durationMs, outcome }: GtestResult): boolean {
    if (this.#open !== null) return name === this.#open.name;
    // With `--gtest_brief=1` nothing begins; nor does a result whose beginning was lost, but it has its time.
    return durationMs !== null || (!this.#listing && outcome === 'fail');
  }

  /** Behind the end of a program another one goes on, whose first line was lost or never printed. */
  #goOn(): void {
    if (!this.#listing) return;
    this.#listing = false;
    this.#found = { pass: 0, fail: 0, skip: 0 };
  }

  #result({ name, outcome, durationMs, before }: GtestResult, line: number): void {
    this.#goOn();
    if (before !== '') this.#window.add(line, before);
    const diagnostics = outcome === 'pass' ? [] : this.#window.lines();
    const said = diagnostics.findIndex(({ text }) => text.endsWith(': Skipped'));
    const reason = outcome === 'skip' && said >= 0 ? (diagnostics[said + 1]?.text ?? '') : '';
    this.#found[outcome]++;
    this.#report.result(
      {
        ...newResult(name, outcome, line),
        durationMs,
        reason,
        ...(diagnostics.length > 0 ? { diagnostics } : {}),
      },
      0,
      0,
    );
    this.#open = null;
    this.#window.clear();
  }

  #start(plan: number, line: number): void {
    this.#close(line - 1);
    this.#missing(line - 1, 'another gtest began before the last lines of the one before it');
    const { summary } = this.#report;
    summary.plan = (summary.plan ?? 0) + plan;
    this.#plan = plan;
    this.#found = { pass: 0, fail: 0, skip: 0 };
    this.#listing = false;
    this.#window.clear();
    if (plan === 0 && this.#report.results === 0) summary.skipAll = 'no test was selected';
    else if (plan > 0) delete summary.skipAll;
  }

  #atEnd(text: string, line: number): boolean {
    const ran = parseRan(text);
    if (ran !== null) {
      this.#close(line - 1);
      this.#missing(line, `${ran} tests ran, fewer results were found`);
      this.#listing = true;
      return true;
    }
    if (!this.#listing) return false;
    const count = parseCount(text);
    // Of those that `--gtest_brief=1` does not name.
    if (count !== null)
      this.#unnamed(count.outcome, Math.max(0, count.count - this.#found[count.outcome]), line);
    const broken = parseSetUp(text);
    if (broken !== null) this.#report.result(newResult(broken, 'fail', line), 0, 0);
    return count !== null || broken !== null || parseGtestResult(text) !== null;
  }

  #unnamed(outcome: Word, count: number, line: number): void {
    if (count === 0) return;
    if (outcome === 'fail') {
      this.#report.lost(line, `${count} more tests failed than were found`);
      return;
    }
    const { unnamed } = this.#report.summary;
    this.#report.summary.unnamed = { ...unnamed, [outcome]: (unnamed[outcome] ?? 0) + count };
  }

  /** A test that began and has no result: the program ended in it, or its last line was lost. */
  #close(line: number): void {
    if (this.#open === null) return;
    const { name, line: began } = this.#open;
    this.#open = null;
    this.#report.lost(began, `started and never reported: ${name}`);
    const diagnostics = this.#window.lines();
    this.#window.clear();
    // Named, so that it is not counted again without a name.
    if (this.#plan !== null) this.#plan--;
    this.#report.result(
      { ...newResult(name, 'missing', began), lastLine: Math.max(began, line), diagnostics },
      0,
      0,
    );
  }

  /** The plan is over: whatever of it has no result is missing. */
  #missing(line: number, why: string): void {
    if (this.#plan === null) return;
    const { pass, fail, skip } = this.#found;
    const missing = this.#plan - pass - fail - skip;
    this.#plan = null;
    if (missing <= 0) return;
    const { summary } = this.#report;
    summary.unnamed = { ...summary.unnamed, missing: (summary.unnamed.missing ?? 0) + missing };
    this.#report.lost(line, why);
  }
}
