// SPDX-License-Identifier: GPL-2.0-only
import { sourceName } from './function-name.ts';

/** Where a frame comes from: the instruction pointer of the registers, or a stack trace. */
export interface Frame {
  name: string;
  /** `? name`: found on the stack, perhaps left over (arch/x86/kernel/dumpstack.c). */
  unreliable: boolean;
  /** Only a decoder knows that the function was here: it was folded into the next frame's. */
  inlined: boolean;
}

/** What stands before the name: `<IRQ> `, `[<ffffffff81002003>] `, `[c000000] [c000000] `, `(`, `? `. */
const before = String.raw`^[ \t]*(?:</?\w{2,8}>[ \t]+)?(?:\[[<0-9a-fA-Fx>]{4,24}\] ?){0,3}(?:\((?=\w))?(\? )?(?:0x)?(?:[0-9a-f]{16} +)?`;
/** A symbol has 511 characters at most (include/linux/kallsyms.h: KSYM_NAME_LEN). */
const symbol = String.raw`([A-Za-z_.$][\w.$]{0,510}(?![\w.$])|<[\w: <>,&*'()\[\]]{1,200}>(?:::[\w{}#<>]{1,80}){0,6})`;

/**
 * A line of a stack trace, plain or decoded (scripts/decode_stacktrace.sh, syzkaller's symbolizer):
 * `func+0x12/0x34 [module]`, `func+0x12/0x34 (net/a.c:12 (discriminator 3))`, `func (net/a.c:12)`,
 * `func net/a.c:12 [inline]`, `(func) from [<c010>] (caller+0x10/0x14)`, `func from caller+0x10/0x14`.
 */
const traceLine = new RegExp(
  `${before}${symbol}\\)?(?:\\+0x[0-9a-f]+(?:/0x[0-9a-f]+)?| from [([<\\w]| \\([\\w./+-]+\\.[chSs]+:\\d| [\\w./+-]+\\.(?:[chS]|rs):\\d+.*\\[inline\\]$)`,
);

const inlineMark = /\[inline\]|\(inlined(?: by)?\)/;

/** The frame that a line of a stack trace tells; null for any other line. */
export function parseFrame(text: string): Frame | null {
  const match = traceLine.exec(text);
  if (match === null) return null;
  return {
    name: sourceName(match[2]!),
    unreliable: match[1] !== undefined || text.endsWith('(unreliable)'),
    inlined: inlineMark.test(text),
  };
}

/**
 * The instruction pointer among the registers: x86 `RIP: 0010:func+…`, `EIP: …`, `IP: [<…>] func+…`; arm64
 * `pc : func+…`; arm `PC is at func+…`; powerpc `NIP [c000] func+…`; riscv `epc : func+…`; s390
 * `Krnl PSW : … (func+…)`; loongarch and mips `epc   : ffff func+…`, `ERA: ffff func+…`.
 */
const pointer = /^[ \t]*(?:(?:RIP|EIP|IP):|pc :|PC is at|NIP \[|epc +:|ERA:|Krnl PSW :|R?IP is at)(.*)$/;
const userSpace = /^ *0?0?(?:33|23|73):/;
const pointed = /(?<![\w.$])([A-Za-z_.$][\w.$]{0,510})(?:\+0x[0-9a-f]+|\s\([\w./+-]+\.[chS]+:\d)/;

/** `user`: the trap came from user space, where the kernel's stack ends. */
export function parsePointer(text: string): Frame | 'user' | null {
  const match = pointer.exec(text);
  if (match === null) return null;
  if (userSpace.test(match[1]!)) return 'user';
  const name = pointed.exec(match[1]!)?.[1];
  if (name === undefined) return null;
  return { name: sourceName(name), unreliable: false, inlined: inlineMark.test(text) };
}
