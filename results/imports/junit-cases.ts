// SPDX-License-Identifier: GPL-2.0-only
import type { SubtestReport, TestReport } from '../store/types.ts';
import type { Outcome } from '../words.ts';
import { bareTest } from './bare-test.ts';

/** An attempt before the one that counts. */
export interface Earlier {
  outcome: Outcome;
  message: string;
  /** Null where only its place among the others tells it. */
  attempt: number | null;
}

/** A `testcase`. */
export interface Case {
  name: string;
  classname: string;
  /** Null where nothing was said of it: it passed. */
  outcome: Outcome | null;
  durationMs: number | null;
  message: string;
  /** In order. */
  before: Earlier[];
  attempt: number | null;
}

/**
 * The tests of a suite, each with its attempts. Where the first case is named like what stands behind the last `:` of
 * the suite, as our own export has it, it is the test and the others are its subtests.
 */
export function testsOfSuite(name: string, cases: readonly Case[]): TestReport[][] {
  const [first, ...others] = cases;
  const colon = name.length - (first?.name.length ?? 0) - 1;
  const isOwn = first !== undefined && name[colon] === ':' && name.endsWith(first.name);
  if (isOwn && cases.every(({ classname }) => classname === name))
    return [attemptsOf(name.slice(0, colon), first, others)];
  return cases.map((one) => attemptsOf(one.classname || name, one, []));
}

/**
 * The earlier attempts of a test, and the one that counts. Their subtests are told only where they failed. An attempt
 * of which only a subtest tells is one that the test itself did not fail.
 */
function attemptsOf(collection: string, test: Case, parts: readonly Case[]): TestReport[] {
  const attempts = new Map<number, TestReport>();
  const attemptOf = (attempt: number): TestReport => {
    const known = attempts.get(attempt);
    if (known) return known;
    const base = { collection, name: test.name, attempt, startedAt: 0 };
    const added = bareTest({ ...base, outcome: 'pass' });
    attempts.set(attempt, added);
    return added;
  };
  for (const { attempt, outcome, message } of numbered(test.before))
    Object.assign(attemptOf(attempt), { outcome, message });
  for (const { name, before } of parts)
    for (const { attempt, ...one } of numbered(before))
      attemptOf(attempt).subtests.push({ ...bareSubtest, name, ...one });
  const highest = [...attempts.keys()].reduce((most, one) => Math.max(most, one), 0);
  const last = attemptOf(Math.max(highest + 1, test.attempt ?? 0));
  Object.assign(last, { outcome: outcomeOf(test), message: test.message, durationMs: test.durationMs });
  last.subtests = parts.map(({ name, durationMs, message, ...one }) => ({
    ...{ ...bareSubtest, name, durationMs, message, outcome: outcomeOf(one) },
  }));
  return [...attempts.values()].sort((a, b) => a.attempt - b.attempt);
}

const bareSubtest: Omit<SubtestReport, 'name' | 'outcome'> = {
  ...{ durationMs: null, line: null, markedFlaky: false, message: '' },
};

const outcomeOf = ({ outcome }: Pick<Case, 'outcome'>): Outcome => outcome ?? 'pass';

/** Numbers that do not go up are none: each attempt is the one behind that before it. */
function numbered(before: readonly Earlier[]): (Earlier & { attempt: number })[] {
  let last = 0;
  return before.map((one) => {
    last = one.attempt !== null && one.attempt > last ? one.attempt : last + 1;
    return { ...one, attempt: last };
  });
}
