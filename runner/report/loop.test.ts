// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { aTest } from '../../results/store/test-support.ts';
import type { RunDetail } from '../../results/store/types.ts';
import type { Outcome } from '../../results/words.ts';
import { kselftest } from '../suites/kselftest.ts';
import { loopReport } from './loop.ts';

test('a line for each attempt, a failure with its words, and the sum', () => {
  let said = '';
  const report = loopReport(
    (text) => {
      said += text;
    },
    (attempts) => (attempts < 4 ? (4 - attempts) * 3000 : null),
  );
  report.started([kselftest('net/mptcp', 'diag.sh', { timeoutS: 60 })]);
  (['pass', 'fail', 'skip', 'pass'] as Outcome[]).forEach((outcome, i) => {
    const message = outcome === 'fail' ? 'exit code 1\x1b[2J' : '';
    const durationMs = 3000 + 100 * i;
    report.test(aTest({ outcome, attempt: i + 1, durationMs, message }), false);
  });
  const run = { id: 5, branch: 'debian/6.12', revision: '6.12.107-1', variant: 'x86_64 tcg 2cpu' };
  report.finished(run as RunDetail);
  expect(said).toBe(`net/mptcp: diag.sh, again and again
✓    1  pass    3.0 s · 0 of 1 failed: 0.0 % (95 %: 0.0–79.3 %) · 3.0 s · about 0:09 left
✗    2  fail    3.1 s · 1 of 2 failed: 50.0 % (95 %: 9.5–90.5 %) · 3.0 s ± 71 ms · about 0:06 left
    exit code 1
↷    3  skip    3.2 s · 1 of 2 failed: 50.0 % (95 %: 9.5–90.5 %) · 3.0 s ± 71 ms · about 0:03 left
✓    4  pass    3.3 s · 1 of 3 failed: 33.3 % (95 %: 6.1–79.2 %) · 3.1 s ± 153 ms

Run 5 on debian/6.12 6.12.107-1 (x86_64 tcg 2cpu)
  attempts  4: 2 pass, 1 fail, 1 skip
  failures  1 of 3 failed: 33.3 % (95 %: 6.1–79.2 %)
  duration  3.1 s ± 153 ms
  failed    attempts 2
`);
  expect(report.statistics.failures).toBe(1);
});
