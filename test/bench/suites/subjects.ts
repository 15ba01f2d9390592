// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path';
import { root } from '../../support/program.ts';

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

/** test_progs' `#12/3 name/sub:OK`, without those that are repeated with their logs. */
const TEST_PROGS = `
/^All error logs:/ { exit }
/^#[0-9]+\\/[0-9]+ +[^ ].*:(OK|FAIL|SKIP)$/ { n++ }
END { print n + 0 }`;

/** A case of a KUnit suite, or a parameter of it. */
const KUNIT = '/^    +(not )?ok [0-9]+/ { n++ } END { print n + 0 }';

const NONE = 'END { print 0 }';

const fixture = (path: string) => join(root, 'test/fixtures', path);

/** Named by MULTITAP_TEST_PACKETDRILL; without it packetdrill is one skip. */
const packetdrill = process.env.MULTITAP_TEST_PACKETDRILL;

export const subjects: readonly Subject[] = [
  { suite: 'mptcp', args: ['--quick'], count: TAP },
  { suite: 'bpf', args: ['--quick'], count: TEST_PROGS },
  { suite: 'bpf-mptcp', args: ['--quick'], count: TEST_PROGS },
  { suite: 'apps', args: ['--quick'], count: TAP },
  {
    suite: 'packetdrill',
    args: packetdrill ? ['--quick', '--packetdrill', packetdrill] : ['--quick'],
    count: TAP,
  },
  { suite: 'repro', args: ['--repro', fixture('repro/nothing.c'), '--repro-seconds', '10'], count: NONE },
  { suite: 'kunit', args: [], kernels: ['deb:6.12'], count: KUNIT },
  { suite: 'kunit', args: ['--flavour', 'kunit'], kernels: ['source:6.12'], count: KUNIT },
];
