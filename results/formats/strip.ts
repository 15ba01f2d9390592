// SPDX-License-Identifier: GPL-2.0-only

/** ECMA-48 escape sequences: CSI, OSC (ended by BEL or ST, or cut), and the short ones. */
const escapes =
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]+[0-~]|[0-~])?/g;

/** Control characters that a console or a binary file leaves behind; the tab stays, it may be indentation. */
const controls = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g;

/** CRs around a line are line ends; one inside is where a terminal would have started over. */
const outerReturns = /^\r+|\r+$/g;

/**
 * The line without what terminals, serial lines and damaged files add: colours and other escape sequences,
 * the CR of CRLF, NULs and other control characters, a byte order mark.
 */
export function stripTerminal(line: string): string {
  let text = line;
  if (text.includes('\x1b')) text = text.replace(escapes, '');
  text = text.replace(controls, '');
  if (text.includes('\r')) text = text.replace(outerReturns, '').replaceAll('\r', ' ');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/**
 * One stamp in front of a line, and one space behind it (what is more is the indentation of the text itself):
 * - `[   12.345678] `, `[  +0.005254] ` (dmesg --time-format delta), padded with no-break spaces too;
 * - `[    T1]`, `[   C0]`: the caller (CONFIG_PRINTK_CALLER, Documentation/admin-guide/kernel-parameters.txt);
 * - `<3>`: the level (dmesg -r, /dev/kmsg);
 * - `[Sun Nov 22 10:11:12 2026] ` (dmesg -T), `2026-11-22T10:11:12,345678+00:00 ` (dmesg --time-format iso);
 * - `4.22 [+0.02] `: the netdev CI's, inside the `# ` of the kselftest runner.
 */
const stamp =
  /^(?:<\d{1,3}>|\[[ \u00a0]*\+?\d{1,12}\.\d{1,9}\] ?|\[[ \u00a0]*[TC]\d{1,10}\] ?|\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\] ?|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[,.]\d{1,9}[+-]\d\d:?\d\d ?|\d{1,9}\.\d\d \[\+\d{1,9}\.\d\d\] ?)/;

/** The text behind its printk stamps, at most four: logs that went through two loggers carry two. */
export function stripStamps(text: string): string {
  let rest = text;
  for (let round = 0; round < 4 && mayStamp(rest.charCodeAt(0)); round++) {
    const length = stamp.exec(rest)?.[0].length;
    if (length === undefined) break;
    rest = rest.slice(length);
  }
  return rest;
}

/** `<`, `[` or a digit: most lines are done with after one comparison. */
function mayStamp(code: number): boolean {
  return code === 0x3c || code === 0x5b || (code >= 0x30 && code <= 0x39);
}
