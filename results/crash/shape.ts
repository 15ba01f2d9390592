// SPDX-License-Identifier: GPL-2.0-only
import { parseFrame, parsePointer } from './frames.ts';

/** asm-generic/bug.h `CUT_HERE`, and arm's `8<--- cut here ---`: the report begins with the next lines. */
const cut = /^[ \t]*(?:-{5,}\[ cut here \]-{5,}|8<--- cut here ---)/;
/** The rule above a report of lockdep or of a sanitizer, and below one of a sanitizer. */
const doubleRule = /^[ \t]*={20,}[ \t]*$/;

/** A line that announces a report without saying which. */
export function isLead(text: string): boolean {
  return cut.test(text) || doubleRule.test(text);
}

export function isDoubleRule(text: string): boolean {
  return doubleRule.test(text);
}

/** kernel/panic.c: `---[ end trace 0123456789abcdef ]---`, `---[ end Kernel panic - … ]---`. */
const end = /^[ \t]*---\[ end (?:trace|Kernel panic)/;

export function isEnd(text: string): boolean {
  return end.test(text);
}

/** Registers, dumps and headings as the architectures and debuggers print them. */
const furniture =
  /^(?:$|<\/?[#\w]+>|[A-Z][A-Za-z0-9_ ]{0,40}:|[xrR]\d{1,2} ?:|(?:sp|lr|pc|pstate|epc|ra|gp|tp|t\d|s\d+|a\d) ?:|GPR\d\d|REGS:|[0-9a-f]{8,16}[ :]|>?[0-9a-f]{8,16}: |#\d|\^+$|-> #\d|\d+ locks? held by|#PF|\[<|---|===|NMI backtrace|rcu: |\(detected|[\w ]{1,60}:$|ret_from|raw: )/;

/** Whether the line looks like part of a report, whatever its sort. */
export function looksLikeReport(text: string): boolean {
  return furniture.test(text.trimStart()) || parseFrame(text) !== null || parsePointer(text) !== null;
}

/** A line of a stack trace, not the registers' pointer. */
export function isFrame(text: string): boolean {
  return parseFrame(text) !== null;
}

/** Test output on the same wire: results, plans, diagnostics. */
const testOutput = /^[ \t]*(?:(?:not )?ok \d|\d+\.\.\d+|# |(?:K?TAP) version )/;

export function isTestOutput(text: string): boolean {
  return testOutput.test(text);
}
