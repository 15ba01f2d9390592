// SPDX-License-Identifier: GPL-2.0-only
import { plain, type Rule } from './rule.ts';

/** Things that are no fault of the kernel's code, or not of one place in it. */
export const notes: Rule[] = [
  {
    // kernel/module/main.c: tells of one module once.
    kind: 'taint',
    starts: [],
    begins:
      /^([\w-]{1,64}: (?:loading (?:out-of-tree|test) module|module license .{1,64}|module verification failed: .{1,80}) ?(?:- )?taint(?:s|ing) kernel)/,
    title: plain(([text]) => text!),
    single: true,
  },
  {
    // drivers/tty/sysrq.c: `echo c > /proc/sysrq-trigger`; older kernels used a NULL pointer for it.
    kind: 'sysrq-crash',
    starts: ['sysrq: ', 'SysRq : '],
    begins: /^(?:sysrq: )?(?:SysRq ?: )?Trigger a crash/,
    title: plain('kernel panic: sysrq triggered crash'),
    absorbs: ['panic', 'oops', 'general-protection', 'trap', 'rcu-usage'],
  },
  {
    // arch/x86/kernel/nmi.c; a panic `NMI: Not continuing` may follow.
    kind: 'nmi',
    starts: ['Uhhuh. NMI', 'NMI: '],
    begins:
      /^(?:Uhhuh\. NMI received for unknown reason|NMI: (?:PCI system error|IOCK error|memory parity error))/,
    title: plain('NMI received for unknown reason'),
    absorbs: ['panic'],
  },
];
