// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { leftOut } from './mptcp.ts';

test('what is left out within a subtest that passes is told once', () => {
  // mptcp_sockopt.sh of 6.18 on 6.1.
  const output = [
    '04 Mark v6                                           [ OK ]',
    'MPTCP_FULL_INFO test skipped: Operation not supported',
    'MPTCP_FULL_INFO test skipped: Operation not supported',
    '05 SOL_MPTCP sockopt v4                              [ OK ]',
    'ok 5 - mptcp_sockopt: sockopt v4 # time=426ms',
  ].join('\n');
  expect(leftOut(output)).toEqual([
    'not tested, although its subtest passed: MPTCP_FULL_INFO test skipped: Operation not supported',
  ]);
  expect(leftOut(output.replaceAll('MPTCP_FULL_INFO test skipped', ''))).toEqual([]);
});
