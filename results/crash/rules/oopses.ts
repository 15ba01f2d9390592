// SPDX-License-Identifier: GPL-2.0-only
import { overflowPlace } from '../anchors.ts';
import { byStack, plain, type Rule } from './rule.ts';

const sameFault = ['oops', 'trap', 'general-protection', 'stack-overflow'] as const;

/** arch/*: what the processor refused, BUG(), lists, stacks. */
export const oopses: Rule[] = [
  {
    kind: 'oops',
    starts: [
      'BUG: kernel NULL',
      'BUG: Kernel NULL',
      'BUG: unable to',
      'BUG: Unable to',
      'Unable to handle',
      'CPU ',
    ],
    begins:
      /^(?:CPU \d+ |BUG: )?(?:[Uu]nable to handle kernel (?:NULL pointer dereference|paging request|access to user memory|data access|execution of user memory|\w+ pointer)|[Uu]nable to handle page fault for address|kernel NULL pointer dereference|Kernel NULL pointer dereference|unable to handle kernel)/,
    title: byStack((match) => {
      const text = match[0];
      const what = /NULL pointer/.test(text)
        ? ' NULL pointer dereference'
        : /user memory/.test(text)
          ? ' access to user memory'
          : ' paging request';
      return `BUG: unable to handle kernel${what}`;
    }),
    absorbs: sameFault,
  },
  {
    kind: 'general-protection',
    starts: ['general protection', 'segment-related general', 'Oops: general', 'kasan: GPF could'],
    // The message of KASAN's had no line end before 4.6, so the fault may follow on its line.
    begins: /^(?:Oops: |segment-related |kasan: GPF could be caused by .{0,60}?)?general protection fault\b/,
    title: byStack('general protection fault'),
    absorbs: sameFault,
  },
  {
    kind: 'stack-overflow',
    starts: [
      'BUG: stack guard',
      'BUG: TASK stack',
      'BUG: IRQ stack',
      'kernel stack overflow',
      'Insufficient stack',
    ],
    begins: /^(?:BUG: (?:\S+ )?stack guard page was hit|kernel stack overflow|Insufficient stack space)/,
    title: (evidence) => ({
      what: evidence.match[0].startsWith('BUG') ? 'BUG: stack guard page was hit' : 'kernel stack overflow',
      where: overflowPlace(evidence),
    }),
    absorbs: sameFault,
  },
  {
    kind: 'trap',
    starts: ['PANIC: double', 'traps: PANIC: double'],
    begins: /^(?:traps: )?PANIC: double fault/,
    title: byStack('PANIC: double fault'),
    absorbs: sameFault,
  },
  {
    kind: 'trap',
    starts: [
      'divide error',
      'divide_error',
      'invalid opcode',
      'stack segment',
      'int3: ',
      'double fault',
      'trap stack',
      'Oops: ',
    ],
    begins: /^(?:Oops: )?(divide[ _]error|invalid opcode|(?:trap )?stack segment|int3|double fault)[:,]/,
    title: byStack(([, what]) =>
      what!.endsWith('stack segment') ? 'stack segment fault' : what!.replace('_', ' '),
    ),
    absorbs: sameFault,
  },
  {
    kind: 'unwinder',
    starts: ['WARNING: kernel stack'],
    begins: /^WARNING: kernel stack (regs|frame pointer) at .{1,120} has bad ((?:'\w+' )?value)/,
    title: plain(([, what, value]) => `WARNING: kernel stack ${what} has bad ${value}`),
  },
  {
    kind: 'list',
    starts: ['list_add corruption', 'list_del corruption', 'list_add double'],
    begins: /^list_(?:add|del) (?:corruption|double add)/,
    title: byStack('BUG: corrupted list'),
    absorbs: ['list', 'bug', 'trap', 'oops', 'warn'],
  },
  {
    kind: 'list',
    starts: ['kernel BUG at'],
    begins: /^kernel BUG at lib\/list_debug\.c:/,
    title: byStack('BUG: corrupted list'),
    absorbs: ['trap', 'oops'],
  },
  {
    kind: 'bug',
    starts: ['kernel BUG at', 'Kernel BUG at'],
    begins: /^[kK]ernel BUG at /,
    title: byStack('kernel BUG'),
    absorbs: ['trap', 'oops'],
  },
  {
    kind: 'oops',
    starts: ['Internal error: '],
    begins: /^Internal error: /,
    title: byStack('Internal error'),
    absorbs: sameFault,
  },
  {
    kind: 'oops',
    starts: ['Unhandled fault', 'Alignment trap'],
    begins: /^(Unhandled fault|Alignment trap)\b/,
    title: byStack(([, what]) => what!),
    absorbs: sameFault,
  },
  {
    kind: 'oops',
    starts: ['Oops: ', 'Oops - '],
    begins: /^Oops(?: - |: )/,
    title: byStack('Oops'),
    absorbs: sameFault,
  },
];
