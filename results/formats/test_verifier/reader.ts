// SPDX-License-Identifier: GPL-2.0-only
import type { OnEvent, TestResult } from '../format.ts';
import type { LineReader } from '../line-format.ts';
import { newResult } from '../new-result.ts';
import { Report } from '../report.ts';
import { withoutStamps } from '../uptime.ts';
import { LineWindow } from '../window.ts';
import {
  parseVerifierHeader,
  parseVerifierResult,
  parseVerifierSummary,
  type VerifierHeader,
} from './line.ts';

/** The words that the Summary counts. */
type Word = 'pass' | 'skip' | 'fail';

/** A test that has begun: its word, or what explains its failure, may still come. */
interface Open {
  header: VerifierHeader;
  line: number;
  result: TestResult | null;
}

/**
 * `#12/p DESCRIPTION OK`: `/p` with privileges, `/u` without, which makes it another test (`DESCRIPTION @unpriv`, as
 * test_progs calls it). A failure is explained by the lines behind it. With `-v` the verifier's log comes between
 * the description and the word.
 */
export class VerifierReader implements LineReader {
  #report: Report;
  #open: Open | null = null;
  #window = new LineWindow();
  #counts = { pass: 0, skip: 0, fail: 0 };
  #since = 0;

  constructor(onEvent: OnEvent) {
    this.#report = new Report('test_verifier', onEvent);
  }

  read(text: string, number: number): void {
    const content = withoutStamps(text);
    const header = parseVerifierHeader(content);
    if (header !== null) {
      this.#begin(header, number);
      return;
    }
    const summary = parseVerifierSummary(content);
    if (summary !== null) {
      this.#summary(summary, number);
      return;
    }
    if (content === '') return;
    const late = this.#open?.result === null ? parseVerifierResult(content) : null;
    if (late?.description === '') {
      const { description } = plainHeader(this.#open!.header);
      this.#word({ ...late, description }, this.#open!);
    }
    this.#window.add(number, content);
  }

  end(lines: number): void {
    this.#close(lines);
    if (this.#since > 0) this.#report.lost(lines, 'the log ends without the Summary of test_verifier');
    this.#report.end(lines);
  }

  #begin(header: VerifierHeader, line: number): void {
    this.#close(line - 1);
    this.#open = { header, line, result: null };
    const result = parseVerifierResult(header.rest);
    if (result !== null) this.#word(result, this.#open);
  }

  #word(
    { description, outcome, reason }: NonNullable<ReturnType<typeof parseVerifierResult>>,
    open: Open,
  ): void {
    const { number, unprivileged } = open.header;
    const name = unprivileged ? `${description} @unpriv` : description;
    open.result = { ...newResult(name, outcome, open.line), number, reason };
  }

  /** Tells the test that was open, with what explains it. */
  #close(line: number): void {
    if (this.#open === null) return;
    const { header, line: began, result } = this.#open;
    this.#open = null;
    this.#since++;
    const { description } = plainHeader(header);
    const told = result ?? { ...newResult(description, 'missing', began), number: header.number };
    if (result === null) this.#report.lost(began, `started and never reported: ${description}`);
    if (told.outcome in this.#counts) this.#counts[told.outcome as Word]++;
    const bad = told.outcome !== 'pass' && told.outcome !== 'skip';
    if (bad) told.diagnostics = this.#window.lines();
    this.#window.clear();
    this.#report.result({ ...told, lastLine: bad ? Math.max(began, line) : began }, 0, 0);
  }

  #summary([passed, skipped, failed]: [number, number, number], line: number): void {
    this.#close(line - 1);
    const { pass, skip, fail } = this.#counts;
    const missing = passed + skipped + failed - pass - skip - fail;
    if (missing > 0) {
      this.#report.summary.unnamed = { missing: (this.#report.summary.unnamed.missing ?? 0) + missing };
      this.#report.lost(line, `the Summary counts ${missing} more results than were found`);
    } else if (passed !== pass || skipped !== skip || failed !== fail)
      this.#report.lost(
        line,
        `the Summary counts ${passed} passed, ${skipped} skipped, ${failed} failed; ${pass}, ${skip}, ${fail} were found`,
      );
    this.#counts = { pass: 0, skip: 0, fail: 0 };
    this.#since = 0;
    this.#window.clear();
  }
}

/** Before its word came, all of the line is the description, but for the `, verifier log:` of `-v`. */
function plainHeader({ rest, unprivileged }: VerifierHeader): { description: string } {
  const description = rest.replace(/ *, verifier log:$/, '').trim();
  return { description: unprivileged ? `${description} @unpriv` : description };
}
