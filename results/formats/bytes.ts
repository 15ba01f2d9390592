// SPDX-License-Identifier: GPL-2.0-only

/** Bytes of ASCII that the grammars of the dialects are made of. */
export const ascii = {
  ...{ tab: 0x09, newline: 0x0a, space: 0x20, hash: 0x23, plus: 0x2b, dash: 0x2d, dot: 0x2e, colon: 0x3a },
  ...{ less: 0x3c, C: 0x43, T: 0x54, open: 0x5b, backslash: 0x5c, close: 0x5d },
  ...{ k: 0x6b, m: 0x6d, n: 0x6e, o: 0x6f, p: 0x70, s: 0x73, t: 0x74 },
} as const;

export const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** A space or a tab. */
export const isBlank = (byte: number): boolean => byte === ascii.space || byte === ascii.tab;

export const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Whether `bytes` from `from` up to and without `end` begin with `start`. */
export function startsWith(bytes: Uint8Array, from: number, end: number, start: Uint8Array): boolean {
  if (end - from < start.length) return false;
  for (let i = 0; i < start.length; i++) if (bytes[from + i] !== start[i]) return false;
  return true;
}
