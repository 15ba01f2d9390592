// SPDX-License-Identifier: GPL-2.0-only
import type { OnEvent, TestResult } from '../format.ts';
import type { LineReader } from '../line-format.ts';
import { type BadChild, judgeParent, newResult, worseChild } from '../new-result.ts';
import { Report } from '../report.ts';
import { withoutStamps } from '../uptime.ts';
import { LineWindow } from '../window.ts';

/** `test_maps: OK, 0 SKIPPED`: the number of skipped parts; null for any other line. */
export function parseMapsEnd(text: string): number | null {
  const match = /^test_maps: OK, (\d{1,9}) SKIPPED$/.exec(text);
  return match === null ? null : Number(match[1]);
}

/** `test_update_delete(123):FAIL:update failed …` (CHECK() of test_maps.h), or a failed assert(). */
export function parseMapsFailure(text: string): { name: string; reason: string } | null {
  const check = /^(\w{1,128})\(\d{1,9}\):FAIL:(.*)$/.exec(text);
  if (check !== null) return { name: check[1]!, reason: check[2]!.trim() };
  const failed = /^test_maps: [\w./]+\.c:\d{1,9}: (\w{1,128}): Assertion .+ failed\.$/.exec(text);
  return failed === null ? null : { name: failed[1]!, reason: text };
}

/** `test_lpm_key_size:PASS`, `…:PASS with inner HASH map`, `… SKIP (no CONFIG_PREEMPT)` of map_tests/. */
function parsePart(text: string): TestResult | null {
  const passed = /^(test_\w{1,128}):PASS(?: (with .*))?$/.exec(text);
  if (passed !== null) {
    const name = passed[2] === undefined ? passed[1]! : `${passed[1]} ${passed[2]}`;
    return newResult(name, 'pass', 0);
  }
  const skipped = /^(test_\w{1,128}) SKIP \((.*)\)$/.exec(text);
  return skipped === null ? null : { ...newResult(skipped[1]!, 'skip', 0), reason: skipped[2]! };
}

/** One test that stops at its first failure, with the parts that it names as its subtests. */
export class MapsReader implements LineReader {
  #report: Report;
  #window = new LineWindow();
  #parts = 0;
  #bad: BadChild | null = null;
  #began = 0;

  constructor(onEvent: OnEvent) {
    this.#report = new Report('test_maps', onEvent);
  }

  read(text: string, number: number): void {
    const content = withoutStamps(text);
    if (content === '') return;
    const skipped = parseMapsEnd(content);
    if (skipped !== null) {
      this.#end(number);
      return;
    }
    const failure = parseMapsFailure(content);
    const part =
      failure === null
        ? parsePart(content)
        : { ...newResult(failure.name, 'fail', 0), reason: failure.reason };
    if (part === null) {
      this.#window.add(number, content);
      return;
    }
    if (failure !== null) part.diagnostics = this.#window.lines();
    this.#began ||= number;
    this.#parts++;
    this.#bad = worseChild(this.#bad, part);
    this.#report.result({ ...part, line: number, lastLine: number }, 0, 1);
    this.#window.clear();
  }

  end(lines: number): void {
    if (this.#parts > 0) {
      const outcome = this.#bad === null ? 'missing' : 'fail';
      if (this.#bad === null) this.#report.lost(lines, 'the log ends without the last line of test_maps');
      const result = { ...newResult('test_maps', outcome, this.#began), lastLine: lines };
      this.#report.result({ ...result, diagnostics: this.#window.lines() }, this.#parts, 0);
    }
    this.#report.end(lines);
  }

  #end(line: number): void {
    const outcome = judgeParent('pass', this.#bad, line, this.#report);
    this.#report.result(newResult('test_maps', outcome, line), this.#parts, 0);
    this.#parts = 0;
    this.#bad = null;
    this.#began = 0;
    this.#window.clear();
  }
}
