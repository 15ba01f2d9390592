// SPDX-License-Identifier: GPL-2.0-only
import type { TestResult } from '../format.ts';
import { type BadChild, judgeParent, newResult, worseChild } from '../new-result.ts';
import type { Report } from '../report.ts';

/** Results that wait for a test that is not done: parallel workers take turns by the test, not by the thousand. */
const maxWaiting = 20_000;
/** Tests that wait for the one that began first. */
const maxOpen = 5000;

interface Block {
  test: number;
  parent: string | null;
  waiting: TestResult[];
  /** Results that were told already. */
  told: number;
  bad: BadChild | null;
  result: TestResult | null;
  firstLine: number;
}

/**
 * Puts the subtests of test_progs to their tests, which come behind them. With `-j` the tests come in any order and
 * may be interleaved, although results have to be told one test after the other: the test that began first is told
 * as it comes, the others wait for it.
 */
export class Blocks {
  #report: Report;
  #open = new Map<number, Block>();
  #waiting = 0;

  constructor(report: Report) {
    this.#report = report;
  }

  subtest(test: number, parent: string | null, result: TestResult): void {
    let block = this.#open.get(test);
    if (block === undefined || block.result !== null) {
      if (block !== undefined) this.flush(result.line);
      block = this.#begin(test, result.line);
    }
    block.parent ??= parent;
    block.bad = worseChild(block.bad, result);
    if (this.#isFirst(block)) {
      this.#report.result(result, 0, 1);
      block.told++;
    } else this.#wait(block, result);
  }

  /** The test itself: its subtests are complete. */
  test(number: number, result: TestResult): void {
    const open = this.#open.get(number);
    if (open !== undefined && open.result !== null) this.flush(result.line);
    const block = this.#open.get(number) ?? this.#begin(number, result.line);
    const outcome = judgeParent(result.outcome, block.bad, result.line, this.#report);
    block.result = outcome === result.outcome ? result : { ...result, outcome };
    if (this.#open.size > maxOpen) this.flush(result.line);
    else this.#tellDone();
  }

  hasSubtests(number: number): boolean {
    return this.#open.get(number)?.bad != null;
  }

  /** Nothing more comes: tests that never ended are `missing`. */
  flush(line: number): void {
    for (const block of this.#open.values()) {
      if (block.result === null) {
        const name = block.parent ?? `#${block.test}`;
        this.#report.lost(line, `started and never reported: ${name}`);
        block.result = { ...newResult(name, 'missing', block.firstLine), number: block.test, lastLine: line };
      }
    }
    this.#tellDone();
  }

  #begin(test: number, firstLine: number): Block {
    const block = { test, parent: null, waiting: [], told: 0, bad: null, result: null, firstLine };
    this.#open.set(test, block);
    return block;
  }

  #isFirst(block: Block): boolean {
    return this.#open.values().next().value === block;
  }

  #wait(block: Block, result: TestResult): void {
    block.waiting.push(result);
    if (++this.#waiting > maxWaiting) this.flush(result.line);
  }

  /** Tells what is at the front and done, then what has come so far of the one behind it. */
  #tellDone(): void {
    for (const block of this.#open.values()) {
      for (const result of block.waiting) this.#report.result(result, 0, 1);
      block.told += block.waiting.length;
      this.#waiting -= block.waiting.length;
      block.waiting = [];
      if (block.result === null) return;
      this.#report.result(block.result, block.told, 0);
      this.#open.delete(block.test);
    }
  }
}
