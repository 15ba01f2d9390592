// SPDX-License-Identifier: GPL-2.0-only

/**
 * A name as one segment of a KCIDB path, which may hold letters, digits, `_` and `-` only (path_re of kcidb-io):
 * a space is `-`, any other byte of its UTF-8 is `__` and two hexadecimal digits, no name at all is `__`.
 * A `_` stays, unless it would be taken for the beginning of such an escape.
 */
export function encodeSegment(name: string): string {
  if (name === '') return '__';
  const escaped = [...Buffer.from(name.toWellFormed())].map((byte) => {
    const character = String.fromCharCode(byte);
    if (character === ' ') return '-';
    return /[A-Za-z0-9_]/.test(character) ? character : hexadecimal(character);
  });
  // From the end, since what follows a `_` decides, and may itself become an escape.
  for (let at = escaped.length - 1; at >= 0; at--) {
    if (escaped[at] === '_' && (escaped[at + 1] ?? '_').startsWith('_')) escaped[at] = hexadecimal('_');
  }
  return escaped.join('');
}

/** The name again. Other systems' paths come out as something, too. */
export function decodeSegment(segment: string): string {
  if (segment === '__') return '';
  const bytes: number[] = [];
  for (const part of segment.match(/__[0-9a-f]{2}|./gs) ?? []) {
    if (part.length === 4) bytes.push(Number.parseInt(part.slice(2), 16));
    else bytes.push(part === '-' ? 0x20 : part.charCodeAt(0));
  }
  return Buffer.from(bytes).toString('utf8');
}

function hexadecimal(character: string): string {
  return `__${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
