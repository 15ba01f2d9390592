// SPDX-License-Identifier: GPL-2.0-only

/** What went wrong in the store, in three sentences for the one who reads it. */
export interface StoreProblem {
  happened: string;
  expected: string;
  todo: string;
  cause?: unknown;
}

/** Every error that the store throws on purpose. The message holds what happened, what was expected, what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';

  constructor(problem: StoreProblem) {
    super(
      `${problem.happened} ${problem.expected} ${problem.todo}`,
      problem.cause === undefined ? undefined : { cause: problem.cause },
    );
  }
}
