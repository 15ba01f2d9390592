// SPDX-License-Identifier: GPL-2.0-only
import { flatten } from '../../../results/formats/flatten.ts';
import type { ParsedDocument } from '../../../results/formats/format.ts';
import { isBad } from '../../../results/words.ts';
import type { ExitReport } from '../../../vm/guest/protocol.ts';
import { verdictOf } from '../../schedule/outcome.ts';
import { ksft } from '../kselftest.ts';
import type { PlannedTest } from '../planned-test.ts';

/** What packetdrill says where only the time is wrong, with the tolerance that ksft_runner.sh has on slow machines. */
const LATE = /: timing error: .*; tolerance 0\.014000 sec/;

/**
 * On a slow machine a variant that is only late is an expected failure, also for the ksft_runner.sh of Linux 6.12,
 * which does not know this yet: since 6.18 every failure is one there.
 */
export const concludeLate: NonNullable<PlannedTest['conclude']> = (
  exit: ExitReport,
  document: ParsedDocument,
) => {
  const subtests = flatten(document.tests).map((subtest) =>
    subtest.outcome === 'fail' && LATE.test(subtest.message)
      ? { ...subtest, outcome: 'xfail' as const, message: `timing on a slow machine\n${subtest.message}` }
      : subtest,
  );
  const late = subtests.some(({ outcome }) => outcome === 'xfail');
  const onlyLate = exit.code === ksft.fail && late && !subtests.some(({ outcome }) => isBad(outcome));
  return { verdict: onlyLate ? { outcome: 'pass', message: '' } : verdictOf(exit), subtests };
};
