// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { classify } from './classify.ts';

test.each([
  ['ok 1 - pm_netlink: defaults addr list # time=153ms', 'pass'],
  ['# ok 25 - diag: ....chk many msk in use # SKIP time=3114ms', 'skip'],
  ['# not ok 24 - diag: many msk socket present # timeout time=79454ms', 'timeout'],
  ['not ok 1 selftests: net/mptcp: diag.sh # exit=1', 'fail'],
  ['not ok 1 selftests: net/mptcp: mptcp_join.sh # TIMEOUT 480 seconds', 'timeout'],
  ['    not ok 2 inner # TODO later', 'xfail'],
  ['# 01 defaults addr list                                [ OK ]', 'pass'],
  ['# 24 many msk socket present     [FAIL] timeout while expecting 200 max 148 last 0', 'fail'],
  ['# 25 ....chk many msk in use     [SKIP] Feature probably not supported', 'skip'],
  ['[   98.417730] BUG: kernel NULL pointer dereference, address: 0000000000000018', 'crash'],
  ['[   12.000000] WARNING: CPU: 1 PID: 2 at net/mptcp/protocol.c:1', 'crash'],
  ['okay then', null],
  ['books are ok', null],
  ['[    0.000000] Linux version 7.3.4', null],
  ['', null],
])('%s: %s', (line, outcome) => {
  expect(classify(line)).toBe(outcome);
});

test('a hostile line takes no time', () => {
  const before = performance.now();
  for (const line of ['# '.repeat(200_000), '['.repeat(400_000), 'INFO: task '.repeat(40_000).slice(0, 4000)])
    classify(line);
  expect(performance.now() - before).toBeLessThan(1000);
});
