// SPDX-License-Identifier: GPL-2.0-only

/** A suite as the table has it: what is run of it, and how its results are counted apart from our parsers. */
export interface Subject {
  suite: string;
  /** Of `multitap run`, beside suite and kernel. */
  args: readonly string[];
  /** Instead of Debian's kernels. */
  kernels?: readonly string[];
  /**
   * An awk program that prints how many subtests there are in a test's output, as a person would count them: a line
   * each.
   */
  count: string;
}

export const kernels = ['deb:6.1', 'deb:6.12', 'deb:6.18', 'deb:7.3'] as const;

/** Result lines of whatever speaks TAP, at the level below the test itself. */
const TAP = '/^(# )*(not )?ok [0-9]+/ { n++ } END { print n + 0 }';

export const subjects: readonly Subject[] = [{ suite: 'mptcp', args: ['--quick'], count: TAP }];
