// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { evidenceLog, summarise } from './look.ts';

const seen = `   89      1 Ss   do_wait                          00:00:00 bash ./diag.sh
   93     89 S    do_wait                          00:00:00  \\_ ip netns exec ns1 bash
   97     93 D    inode_wait_for_writeback         00:00:01      \\_ sync
   95     89 R+   -                                00:00:07  \\_ busy --loop (odd)

89 [<0>] do_wait+0x60/0x110
97 [<0>] inode_wait_for_writeback+0x2/0x20`;

test('names the processes that nobody of the test waits for, and where they are', () => {
  expect(summarise(seen)).toBe('sync (inode_wait_for_writeback), busy --loop (odd) (running)');
});

test.each(['', 'no process', '\n\n'])('says nothing for %j', (text) => {
  expect(summarise(text)).toBe('');
});

test('a command as long as a test may make it is cut', () => {
  expect(summarise(` 5 1 S do_wait 00:00:00 ${'x'.repeat(5000)}\n`).length).toBeLessThan(100);
});

test('the log of all evidence', () => {
  expect(
    String(
      evidenceLog([
        { title: 'a', text: 'one\n\n' },
        { title: 'b', text: 'two' },
      ]),
    ),
  ).toBe('== a\none\n\n== b\ntwo\n');
  expect(evidenceLog([])).toHaveLength(0);
});
