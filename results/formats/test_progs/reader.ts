// SPDX-License-Identifier: GPL-2.0-only
import type { OnEvent, TestResult } from '../format.ts';
import type { LineReader } from '../line-format.ts';
import { newResult } from '../new-result.ts';
import { Report } from '../report.ts';
import { withoutStamps } from '../uptime.ts';
import { LineWindow } from '../window.ts';
import { Blocks } from './blocks.ts';
import {
  type ProgsLine,
  type ProgsSummary,
  parseProgsLine,
  parseProgsSummary,
  parseWatchdog,
} from './line.ts';

/** Failures that are remembered to know their repetition. */
const maxFailures = 10_000;

/**
 * tools/testing/selftests/bpf/test_progs, one or several runs of it in one log. A subtest's log stands before its
 * result; all logs and results of failures stand again under `All error logs:`, and are not new results then.
 */
export class ProgsReader implements LineReader {
  #report: Report;
  #blocks: Blocks;
  #window = new LineWindow();
  /** A failure that nothing explained so far: before Linux 6.1 its log came behind it. */
  #unexplained: { line: ProgsLine; result: TestResult } | null = null;
  #repeating = false;
  #failures = new Set<string>();
  #killed = new Map<string, string>();
  #passed = 0;
  #failed = 0;
  #passedSubtests = 0;
  #since = 0;

  constructor(onEvent: OnEvent) {
    this.#report = new Report('test_progs', onEvent);
    this.#blocks = new Blocks(this.#report);
  }

  read(text: string, number: number, cut: boolean): void {
    const content = withoutStamps(text);
    if (content === '') return;
    const line = cut ? null : parseProgsLine(content);
    if (line !== null) {
      this.#result(line, number);
      return;
    }
    const summary = parseProgsSummary(content);
    if (summary !== null) {
      this.#summary(summary, number);
      return;
    }
    if (content === 'All error logs:') {
      this.#explain(number);
      this.#repeating = true;
      return;
    }
    const killed = parseWatchdog(content);
    if (killed !== null) this.#killed.set(killed.name, killed.reason);
    else if (/Caught signal #\d+!$/.test(content))
      this.#report.lost(number, 'the test program crashed', content);
    this.#window.add(number, content);
  }

  end(lines: number): void {
    this.#explain(lines);
    this.#blocks.flush(lines);
    for (const [name, reason] of this.#killed)
      this.#report.result({ ...newResult(name, 'timeout', lines), reason }, 0, 0);
    if (this.#since > 0) this.#report.lost(lines, 'the log ends without the Summary of test_progs');
    this.#report.end(lines);
  }

  #result(line: ProgsLine, number: number): void {
    if (line.before !== '') {
      this.#report.problem(number, 'a result behind other text, taken as a result', line.before);
      this.#window.add(number, line.before);
    }
    const key = `${line.test}/${line.subtest} ${line.name}`;
    // What failed earlier is repeated; a failure whose first report was lost is not.
    if (this.#repeating && (line.outcome !== 'fail' || this.#failures.has(key))) {
      this.#window.clear();
      return;
    }
    if (line.outcome === 'fail' && this.#failures.size < maxFailures) this.#failures.add(key);
    this.#explain(number);
    this.#since++;
    const result: TestResult = {
      ...newResult(line.name, line.outcome, number),
      number: line.subtest ?? line.test,
      ...this.#timedOut(line),
    };
    if (line.subtest === null) {
      if (line.outcome === 'fail') this.#failed++;
      else this.#passed++;
    } else if (line.outcome === 'pass') this.#passedSubtests++;
    if (line.outcome !== 'pass') result.diagnostics = this.#window.lines();
    this.#window.clear();
    const told = line.outcome !== 'fail' || result.diagnostics.length > 0;
    if (told || (line.subtest === null && this.#blocks.hasSubtests(line.test))) this.#tell(line, result);
    else this.#unexplained = { line, result };
  }

  /** The watchdog killed it: a failure of its own sort. */
  #timedOut(line: ProgsLine): Partial<TestResult> {
    const name = line.subtest === null ? line.name : `${line.parent ?? ''}/${line.name}`;
    const reason = this.#killed.get(name);
    if (reason === undefined || line.outcome !== 'fail') return {};
    this.#killed.delete(name);
    return { outcome: 'timeout', reason };
  }

  #tell(line: ProgsLine, result: TestResult): void {
    if (line.subtest === null) this.#blocks.test(line.test, result);
    else this.#blocks.subtest(line.test, line.parent, result);
  }

  /** Tells the failure that waited for what would be said behind it. */
  #explain(line: number): void {
    if (this.#unexplained === null) return;
    const { line: at, result } = this.#unexplained;
    this.#unexplained = null;
    const diagnostics = this.#window.lines();
    this.#window.clear();
    this.#tell(at, { ...result, diagnostics, lastLine: Math.max(result.line, line - 1) });
  }

  #summary(summary: ProgsSummary, line: number): void {
    this.#explain(line);
    this.#blocks.flush(line);
    const { passed, failed, passedSubtests } = summary;
    const found = this.#passed + this.#failed;
    if (passed + failed > found) {
      const missing = passed + failed - found;
      this.#report.summary.unnamed = { missing: (this.#report.summary.unnamed.missing ?? 0) + missing };
      this.#report.lost(line, `the Summary counts ${passed + failed} tests, ${found} were found`);
    } else if (passed !== this.#passed || failed !== this.#failed)
      this.#report.lost(
        line,
        `the Summary counts ${passed} passed and ${failed} failed tests, ${this.#passed} and ${this.#failed} were found: another run may have ended without its own`,
      );
    else if (passedSubtests !== this.#passedSubtests)
      this.#report.problem(
        line,
        `the Summary counts ${passedSubtests} passed subtests, ${this.#passedSubtests} were found`,
      );
    if (passed + failed + summary.skipped === 0 && this.#report.results === 0)
      this.#report.summary.skipAll = 'no test was selected';
    this.#repeating = false;
    this.#window.clear();
    this.#failures.clear();
    this.#passed = 0;
    this.#failed = 0;
    this.#passedSubtests = 0;
    this.#since = 0;
  }
}
