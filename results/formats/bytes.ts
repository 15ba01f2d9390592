// SPDX-License-Identifier: GPL-2.0-only

export const newline = 0x0a;

export const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

export const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Whether `bytes` from `from` up to and without `end` begin with `start`. */
export function startsWith(bytes: Uint8Array, from: number, end: number, start: Uint8Array): boolean {
  if (end - from < start.length) return false;
  for (let i = 0; i < start.length; i++) if (bytes[from + i] !== start[i]) return false;
  return true;
}
