// SPDX-License-Identifier: GPL-2.0-only

// CSI … final byte; OSC, DCS and their like up to BEL or ST; two-character escapes.
const ansi =
  /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-Z\\^-~]|\x9b[0-?]*[ -/]*[@-~]/g;

// C0 and C1 controls without tab and newline; and characters that reorder or hide text ("Trojan Source").
const unseen = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

const cut = new RegExp(`(${unseen.source})`, 'g');

export interface Piece {
  text: string;
  /** True for the stand-in of a character that cannot be seen. */
  control: boolean;
}

/** A line of a guest's output cut at its invisible characters, which get a visible stand-in: `^@` for NUL. */
export function pieces(line: string): Piece[] {
  return stripAnsi(line)
    .split(cut)
    .filter((text) => text !== '')
    .map((text) => (unseen.test(text) ? { text: standIn(text), control: true } : { text, control: false }));
}

/** The same as one string, for names and messages. */
export function visible(text: string): string {
  return stripAnsi(text).replace(cut, standIn);
}

/** Terminal colours and cursor movements say nothing on a page. */
export function stripAnsi(text: string): string {
  return text.includes('\x1b') || text.includes('\x9b') ? text.replace(ansi, '') : text;
}

function standIn(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
  if (code === 0x7f) return '^?';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
