// SPDX-License-Identifier: GPL-2.0-only
import { stripStamps } from '../strip.ts';

/** `237.76 `: seconds since the guest booted, as a recorder puts them before each line. */
const uptime = /^\d{1,9}\.\d{2,6}(?: |$)/;

/** A line of test output behind the stamps of printk, loggers and recorders. */
export function withoutStamps(text: string): string {
  const rest = stripStamps(text);
  const code = rest.charCodeAt(0);
  return code >= 0x30 && code <= 0x39 ? rest.replace(uptime, '') : rest;
}
