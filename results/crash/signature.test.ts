// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { kasan, recognise, stamped, warn } from './testing.ts';

const one = (lines: readonly string[]): string => {
  const [report] = recognise(...stamped(lines));
  return report!.signature;
};
const report = kasan('slab-use-after-free', 'mptcp_pm_add', 'mptcp_nl_add', 'genl_rcv_msg');
const change = (from: string | RegExp, to: string): string[] =>
  report.map((line) => line.replaceAll(from, to));

test.each([
  ['addresses', change(/ffff8880\w{8}/g, 'ffff888099999999')],
  ['offsets', change(/\+0x1a0\/0x340/g, '+0x99/0x111')],
  ['CPUs and tasks', change(/CPU: 1|mptcp_connect|88\b/g, '3')],
  ['compiler suffixes', change(/mptcp_pm_add\+/g, 'mptcp_pm_add.isra.0.constprop.0+')],
  ['a part in the cold', change(/mptcp_pm_add\+/g, 'mptcp_pm_add.cold+')],
  ['a wrapper folded into what it wraps', change(/mptcp_pm_add\+/g, '__mptcp_pm_add+')],
  ['callers folded into theirs', report.filter((line) => !line.includes('mptcp_nl_add'))],
  [
    'leftovers on the stack',
    report.flatMap((line) => (line.includes('<TASK>') ? [line, ' ? f+0x1/0x2'] : [line])),
  ],
  ['a decoder', change(/(mptcp_pm_add)\+0x1a0\/0x340$/g, '$1 (net/mptcp/pm.c:12)')],
  [
    'functions that only a decoder knows',
    report.flatMap((line) =>
      line.startsWith(' mptcp_pm_add') ? [' list_entry include/linux/list.h:12 [inline]', line] : [line],
    ),
  ],
])('stays with other %s', (_name, other) => {
  expect(one(other)).toBe(one(report));
});

test.each([
  ['function', change('mptcp_pm_add', 'mptcp_pm_del')],
  ['sort', change('slab-use-after-free', 'slab-out-of-bounds')],
  ['access', change('Read of', 'Write of')],
  ['kind', warn('net/mptcp/pm.c:12 mptcp_pm_add', 'mptcp_nl_add')],
])('changes with the %s', (_name, other) => {
  expect(one(other)).not.toBe(one(report));
});

test('is the same tomorrow: it is kept in databases', () => {
  expect(one(report)).toMatchInlineSnapshot(`"dea358c7726b0ccd"`);
});
