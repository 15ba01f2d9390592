// SPDX-License-Identifier: GPL-2.0-only
import type { TestReport } from '../../results/store/types.ts';
import type { PlannedTest } from '../suites/planned-test.ts';
import { hasFailed } from './outcome.ts';

/** One attempt that is to be made. */
export interface Job {
  test: PlannedTest;
  /** 1 for the first. */
  attempt: number;
  /** Not in a guest that another test was in. */
  fresh: boolean;
}

/** What is left to do; VMs take from it until it is empty. */
export interface Queue {
  readonly isEmpty: boolean;
  /** The next; undefined where nothing is left. */
  take(): Job | undefined;
  /** Called with what came of each job that was taken; tells whether the same test comes again because of it. */
  ended(job: Job, report: TestReport): boolean;
}

/** Longest first, so that several VMs end together (LPT scheduling). Equal ones stay in their order. */
function longestFirst(jobs: Job[]): Job[] {
  return jobs.sort((a, b) => b.test.expectedSeconds - a.test.expectedSeconds);
}

/**
 * Each test once, longest first; one that failed, or that we lost, up to `retries` times more, each in a fresh VM. A
 * retry takes its place among what is left by its length: a long one started last would make everybody wait.
 */
export function testQueue(tests: readonly PlannedTest[], retries: number): Queue {
  const jobs = longestFirst(tests.map((test) => ({ test, attempt: 1, fresh: false })));
  return {
    get isEmpty() {
      return jobs.length === 0;
    },
    take: () => jobs.shift(),
    ended: ({ test, attempt }, report) => {
      const failed = hasFailed(report) || report.outcome === 'error';
      if (!failed || attempt > retries) return false;
      jobs.push({ test, attempt: attempt + 1, fresh: true });
      longestFirst(jobs);
      return true;
    },
  };
}

export interface LoopLimits {
  /** Attempts at most; null for no end. */
  times: number | null;
  untilFailure: boolean;
  /** No attempt begins after this, in milliseconds since the epoch; null for no end. */
  until: number | null;
}

/** One test again and again. */
export function loopQueue(test: PlannedTest, { times, untilFailure, until }: LoopLimits): Queue {
  let taken = 0;
  let failed = false;
  const isEmpty = () =>
    failed || (times !== null && taken >= times) || (until !== null && Date.now() >= until);
  return {
    get isEmpty() {
      return isEmpty();
    },
    take: () => (isEmpty() ? undefined : { test, attempt: ++taken, fresh: false }),
    ended: (_, report) => {
      if (untilFailure && hasFailed(report)) failed = true;
      return false;
    },
  };
}
