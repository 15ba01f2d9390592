// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { parseFrame, parsePointer } from './frames.ts';

describe('a line of a stack trace', () => {
  test.each([
    [' mptcp_pm_add+0x12/0x34', 'mptcp_pm_add'],
    [' mptcp_pm_add+0x12/0x34 [mptcp]', 'mptcp_pm_add'],
    [' [<ffffffff82d4e304>] mptcp_pm_add+0x12/0x34', 'mptcp_pm_add'],
    [' <IRQ>  [<ffffffff816efb87>] show_task+0x31a/0x325', 'show_task'],
    ['[c00000007a3efa20] [c00000000030a060] update_flag+0x26c/0x280', 'update_flag'],
    ['[<8015df40>] (futex_wake) from [<801559ec>] (do_futex+0x4c/0xf8)', 'futex_wake'],
    [' unwind_backtrace from show_stack+0x10/0x14', 'unwind_backtrace'],
    [' mptcp_pm_add+0x12/0x34 (net/mptcp/pm.c:12 (discriminator 3))', 'mptcp_pm_add'],
    [' mptcp_pm_add (net/mptcp/pm.c:12 net/mptcp/pm.c:40) mptcp', 'mptcp_pm_add'],
    [' mptcp_pm_add.part.0.constprop.0+0x12/0x34', 'mptcp_pm_add'],
    [' mptcp_pm_add+0x12/0x34ok 1 - a test', 'mptcp_pm_add'],
    [' __x64_sys_read+0x12/0x34', 'sys_read'],
  ])('%s', (line, name) => {
    expect(parseFrame(line)).toEqual({ name, unreliable: false, inlined: false });
  });

  test('a leftover on the stack is marked', () => {
    expect(parseFrame(' ? kmalloc+0x12/0x34')).toMatchObject({ name: 'kmalloc', unreliable: true });
    expect(parseFrame('[c000] [c00000000030a060] f+0x26c/0x280 (unreliable)')).toMatchObject({
      unreliable: true,
    });
  });

  test('what only a decoder knows is marked', () => {
    expect(parseFrame(' kref_put include/linux/kref.h:70 [inline]')).toMatchObject({
      name: 'kref_put',
      inlined: true,
    });
    expect(parseFrame(' kref_put (include/linux/kref.h:70) (inlined by)')).toMatchObject({ inlined: true });
  });

  test.each([
    'CPU: 0 PID: 5 Comm: x',
    'Code: 48 89 ef',
    ' </TASK>',
    'Call Trace:',
    'a line of text',
    '',
    'x86: 12 (a.c)',
  ])('%j is none', (line) => {
    expect(parseFrame(line)).toBeNull();
  });
});

describe('the instruction pointer', () => {
  test.each([
    ['RIP: 0010:mptcp_pm_add+0x12/0x34', 'mptcp_pm_add'],
    ['RIP: 0010:[<ffffffff82d4e304>]  [<ffffffff82d4e304>] __memset+0x24/0x30', '__memset'],
    ['RIP: 0010:mptcp_pm_add (net/mptcp/pm.c:12)', 'mptcp_pm_add'],
    ['EIP: mptcp_pm_add+0x12/0x34', 'mptcp_pm_add'],
    ['pc : mptcp_pm_add+0x12/0x34 [mptcp]', 'mptcp_pm_add'],
    ['PC is at mptcp_pm_add+0x12/0x34', 'mptcp_pm_add'],
    ['NIP [c00000000022d79c] mptcp_pm_add+0x1ac/0x5f0', 'mptcp_pm_add'],
    ['epc : mptcp_pm_add+0x44c/0xbc0', 'mptcp_pm_add'],
    ['Krnl PSW : 0704c00180000000 000000000012a33c (mptcp_pm_add+0x1c/0x40)', 'mptcp_pm_add'],
  ])('%s', (line, name) => {
    expect(parsePointer(line)).toEqual({ name, unreliable: false, inlined: false });
  });

  test('in user space the stack ends', () => {
    expect(parsePointer('RIP: 0033:0x7fe80723d76d')).toBe('user');
  });

  test('an address alone tells no function', () => {
    expect(parsePointer('RIP: 0010:0x286')).toBeNull();
  });
});
