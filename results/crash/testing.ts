// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { recogniseAll } from './recogniser.ts';
import type { CrashReport } from './report.ts';

/** The reports in a log of these lines. */
export function recognise(...lines: string[]): CrashReport[] {
  return recogniseAll(Buffer.from(`${lines.join('\n')}\n`));
}

export const titles = (...lines: string[]): string[] => recognise(...lines).map(({ title }) => title);

/** printk stamps before each line, a millisecond apart. */
export function stamped(lines: readonly string[], from = 12, caller = ''): string[] {
  return lines.map((line, index) => {
    const stamp = (from + index / 1000).toFixed(6).padStart(12);
    return `[${stamp}]${caller === '' ? '' : `[${caller.padStart(6)}]`} ${line}`;
  });
}

/** lib/dump_stack.c: dump_stack_print_info(). */
export const who = (cpu = 1, comm = 'mptcp_connect', pid = 88): string[] => [
  `CPU: ${cpu} UID: 0 PID: ${pid} Comm: ${comm} Not tainted 6.15.0-rc1 #1 PREEMPT(full)`,
  'Hardware name: QEMU Standard PC (i440FX + PIIX, 1996), BIOS 1.16.2-1 04/01/2014',
];

/** arch/x86/kernel/dumpstack.c: show_trace_log_lvl(). */
export const trace = (...functions: string[]): string[] => [
  'Call Trace:',
  ' <TASK>',
  ...functions.map((name) => ` ${name}+0x12/0x340`),
  ' do_syscall_64+0xcf/0x260',
  ' entry_SYSCALL_64_after_hwframe+0x77/0x7f',
  ' </TASK>',
];

/** kernel/panic.c: __warn(), as x86 prints it. */
export const warn = (place: string, ...functions: string[]): string[] => [
  '------------[ cut here ]------------',
  `WARNING: CPU: 1 PID: 88 at ${place}+0x120/0x148`,
  'Modules linked in: mptcp_diag tcp_diag inet_diag',
  ...who(),
  `RIP: 0010:${place.split(' ').at(-1)}+0x120/0x148`,
  'Code: 48 89 ef 5d e9 01 07 3f 00 5d be 03 00 00 00 e9 26 <0f> 0b 90',
  'RSP: 0018:ffffc90000da8de0 EFLAGS: 00000046',
  'RAX: 0000000000000000 RBX: ffff888012345678 RCX: 0000000000000027',
  ...trace(...functions),
  '---[ end trace 0000000000000000 ]---',
];

/** mm/kasan/report.c: print_report(). */
export const kasan = (sort: string, first: string, ...functions: string[]): string[] => [
  '==================================================================',
  `BUG: KASAN: ${sort} in ${first}+0x1a0/0x340`,
  'Read of size 8 at addr ffff888012acfc20 by task mptcp_connect/88',
  '',
  ...who(),
  'Call Trace:',
  ' <TASK>',
  ' dump_stack_lvl+0x116/0x1b0',
  ' print_report+0xc1/0x630',
  ' ? __virt_addr_valid+0x81/0x610',
  ' kasan_report+0x96/0xd0',
  ...[first, ...functions].map((name) => ` ${name}+0x1a0/0x340`),
  ' do_syscall_64+0xcf/0x260',
  ' entry_SYSCALL_64_after_hwframe+0x77/0x7f',
  ' </TASK>',
  '',
  'Allocated by task 80:',
  ' kasan_save_stack+0x24/0x50',
  ' mptcp_alloc+0x24/0x50',
  '',
  'The buggy address belongs to the object at ffff888012acfc00',
  ' which belongs to the cache kmalloc-64 of size 64',
  'Memory state around the buggy address:',
  ' ffff888012acfb00: fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc',
  '>ffff888012acfc00: fa fb fb fb fb fb fb fb fc fc fc fc fc fc fc fc',
  '                               ^',
  '==================================================================',
];

/** arch/x86/mm/fault.c: show_fault_oops(), then __die(). */
export const oops = (first: string, ...functions: string[]): string[] => [
  'BUG: kernel NULL pointer dereference, address: 0000000000000008',
  '#PF: supervisor read access in kernel mode',
  '#PF: error_code(0x0000) - not-present page',
  'PGD 0 P4D 0 ',
  'Oops: Oops: 0000 [#1] SMP KASAN PTI',
  ...who(0, 'insmod', 99),
  `RIP: 0010:${first}+0x20/0x40 [crasher]`,
  'Code: 5d be 03 00 00 00 e9 26 b3 23 02 66 0f 1f <48> 8b 00',
  'RSP: 0018:ffffc90000da8de0 EFLAGS: 00010046',
  ...trace(...functions),
  'Modules linked in: crasher(O)',
  'CR2: 0000000000000008',
  '---[ end trace 0000000000000000 ]---',
  `RIP: 0010:${first}+0x20/0x40 [crasher]`,
  'RSP: 0018:ffffc90000da8de0 EFLAGS: 00010046',
];
