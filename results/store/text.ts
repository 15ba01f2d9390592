// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { StoreError } from './error.ts';

// What a guest may make us keep: names are in every index, messages in every run that fails.
const nameBytes = 1024;
const messageBytes = 16 * 1024;
const hashDigits = 16;

/** NULs end strings in too many tools, and a lone surrogate would not come back from UTF-8 as it went in. */
function clean(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** At most 1 KiB of UTF-8. A cut name ends in a hash of the whole, so that it stays the same in every run. */
export function boundName(text: string): string {
  const name = clean(text);
  if (Buffer.byteLength(name) <= nameBytes) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, hashDigits);
  return `${head(name, nameBytes - hashDigits - 4)}…~${hash}`;
}

/** At most 16 KiB of UTF-8: the beginning, and how much is not there. */
export function boundMessage(text: string): string {
  const message = clean(text);
  const bytes = Buffer.byteLength(message);
  if (bytes <= messageBytes) return message;
  return `${head(message, messageBytes - 64)}\n… (${bytes} bytes, cut by multitap)`;
}

/** A streaming decoder keeps the bytes of a character that is cut in two for a chunk that never comes. */
function head(text: string, bytes: number): string {
  return new TextDecoder().decode(Buffer.from(text).subarray(0, bytes), { stream: true });
}

/** Rounds to whole milliseconds; null for what no clock can have said. */
export function wholeMs(duration: number | null): number | null {
  if (duration === null) return null;
  const rounded = Math.max(0, Math.round(duration));
  return Number.isSafeInteger(rounded) ? rounded : null;
}

/** So large a line or attempt has no log and no run; small enough to be told from the one before, too. */
const most = 2 ** 40;

/** The number of a line; some say 0 for none. @throws StoreError for what cannot be one */
export function wholeLine(value: number, what: string): number {
  return whole(value, what, 0, most);
}

/** The number of an attempt, from 1. @throws StoreError for what cannot be one */
export function wholeAttempt(value: number): number {
  return whole(value, 'number of the attempt', 1, most);
}

/** Rounds to a whole number. @throws StoreError for NaN, infinities, and what is below the least or above the most */
export function whole(
  value: number,
  what: string,
  least = Number.MIN_SAFE_INTEGER,
  greatest = Number.MAX_SAFE_INTEGER,
): number {
  const rounded = Math.round(value);
  if (rounded >= least && rounded <= greatest) return rounded;
  throw new StoreError({
    happened: `The ${what} is ${value}.`,
    expected: `A whole number was expected${least > Number.MIN_SAFE_INTEGER ? `, from ${least} to ${greatest}` : ''}.`,
    todo: 'This is a fault in the program that reports the result: please report it.',
  });
}
