// SPDX-License-Identifier: GPL-2.0-only
import { type CrashReport, kinds } from '../crash/index.ts';
import type { UnderstoodCrash, UnderstoodTest } from './log.ts';

/** Crashes that are told apart; a hostile log may hold any number. */
export const maxCrashes = 1000;
/** Of each of them, the places that are kept. */
export const maxOccurrences = 100;

/** Merges reports of the same fault as they come, within bounds. */
export class CrashList {
  #crashes = new Map<string, UnderstoodCrash>();
  #places: number;
  /** Reports of faults beyond those that are told apart. */
  leftOut = 0;

  /** @param places that are kept of each of them */
  constructor(places: number = maxOccurrences) {
    this.#places = places;
  }

  add(reports: readonly CrashReport[]): void {
    for (const report of reports) {
      const crash = this.#crashes.get(report.signature) ?? this.#begin(report);
      if (crash === null) {
        this.leftOut++;
        continue;
      }
      crash.count++;
      crash.fatal ||= report.fatal;
      const { line, lastLine, kernelTimeMs } = report;
      if (crash.occurrences.length < this.#places)
        crash.occurrences.push({ line, lastLine, kernelTimeMs, test: null });
    }
  }

  /** In the order of their first lines. */
  all(): UnderstoodCrash[] {
    const crashes = [...this.#crashes.values()];
    for (const { occurrences } of crashes) occurrences.sort((one, other) => one.line - other.line);
    return crashes.sort((one, other) => one.occurrences[0]!.line - other.occurrences[0]!.line);
  }

  #begin({ signature, kind, title, frames }: CrashReport): UnderstoodCrash | null {
    if (this.#crashes.size >= maxCrashes) return null;
    const crash: UnderstoodCrash = {
      ...{ signature, kind, title, function: frames[0] ?? null, frames },
      ...{ fatal: false, count: 0, occurrences: [] },
    };
    this.#crashes.set(signature, crash);
    return crash;
  }
}

interface Placed {
  test: UnderstoodTest;
  /** Itself last. */
  way: UnderstoodTest[];
}

/**
 * Says of each crash during which test it came: the innermost one whose result, or whose end without one, was the
 * next to be known. A test that never came to a result because of it is a `crash`, and so are those around it.
 * @param from the first line of the results: before it, as while the kernel boots, no test was running
 */
export function placeCrashes(
  crashes: readonly UnderstoodCrash[],
  tests: readonly UnderstoodTest[],
  from: number,
): void {
  if (crashes.length === 0) return;
  const placed = inOrder(tests);
  for (const { occurrences, signature, kind } of crashes)
    for (const occurrence of occurrences) {
      const found = firstFrom(placed, occurrence.line);
      if (found === undefined || occurrence.line < from) continue;
      occurrence.test = found.way.map(({ name }) => name);
      if (!found.test.crashes.includes(signature)) found.test.crashes.push(signature);
      if (kinds[kind].severity !== 'note') markCrashed(found.way);
    }
}

function markCrashed(way: readonly UnderstoodTest[]): void {
  for (const test of way.toReversed()) {
    if (test.outcome !== 'missing') return;
    test.outcome = 'crash';
  }
}

/** By the line with which each was known; children before their parents. */
function inOrder(tests: readonly UnderstoodTest[]): Placed[] {
  const placed: Placed[] = [];
  const visit = (test: UnderstoodTest, around: UnderstoodTest[]): void => {
    const way = [...around, test];
    for (const subtest of test.subtests) visit(subtest, way);
    placed.push({ test, way });
  };
  for (const test of tests) visit(test, []);
  return placed.sort((one, other) => one.test.lastLine - other.test.lastLine);
}

function firstFrom(placed: readonly Placed[], line: number): Placed | undefined {
  let low = 0;
  let high = placed.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (placed[middle]!.test.lastLine < line) low = middle + 1;
    else high = middle;
  }
  return placed[low];
}
