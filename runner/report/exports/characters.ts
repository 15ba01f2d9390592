// SPDX-License-Identifier: GPL-2.0-only

/** Control characters but tab and line feed, and what is no character: XML 1.0 (section 2.2) has no way to hold them. */
const unprintable = /[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]|\p{Surrogate}/gu;

/** Each such character as it is written in C and JavaScript (`\x1b`, `\ufffe`): nothing is lost to a reader. */
export function visible(text: string): string {
  return text.replace(unprintable, (character) => {
    const code = character.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}

/** The same on one line: line feeds and tabs, too, and what Unicode calls a separator. */
export function visibleLine(text: string): string {
  return visible(text)
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replace(/[\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}

/** At most `limit` UTF-16 units, and never half a character. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return text.slice(0, limit).replace(/\p{Surrogate}$/u, '');
}
