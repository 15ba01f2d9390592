// SPDX-License-Identifier: GPL-2.0-only
import { stripStamps } from './strip.ts';

/** `237.76 `: seconds since the guest booted, as a recorder puts them before each line. */
const uptime = /^\d{1,9}\.\d{2,6}(?: |$)/;

export function stripUptime(text: string): string {
  const code = text.charCodeAt(0);
  return code >= 0x30 && code <= 0x39 ? text.replace(uptime, '') : text;
}

/** A line of test output behind the stamps of printk, loggers and recorders. */
export function withoutStamps(text: string): string {
  return stripUptime(stripStamps(text));
}
