// SPDX-License-Identifier: GPL-2.0-only
import { stripStamps } from '../strip.ts';

/** How deep a line stands: layers of `# ` first, columns of indentation within the innermost layer second. */
export interface Place {
  hashes: number;
  indent: number;
}

export interface PlacedLine extends Place {
  /** 1-based. */
  line: number;
  /** The kernel (or a logger) put a stamp in front of the whole line. */
  stamped: boolean;
  /** What stands behind layers and stamps, with its indentation: for people. */
  body: string;
  /** The same without indentation: for the grammar. */
  content: string;
}

/** Deeper layers are text: nothing real goes beyond three. */
export const maxHashes = 32;

/** Negative where `a` is further out than `b`. */
export function comparePlaces(a: Place, b: Place): number {
  return a.hashes - b.hashes || a.indent - b.indent;
}

/**
 * Finds out how deep a line stands.
 *
 * The kselftest runner puts `# ` in front of every line of a test's output (kselftest/prefix.pl), an empty line
 * may be a bare `#`; a runner inside a runner does so again. KTAP indents by two spaces (ktap.rst), KUnit has
 * used four and a tab. Stamps may stand in front of each layer.
 */
export function placeLine(text: string, line = 0): PlacedLine {
  let rest = stripStamps(text);
  const stamped = rest.length !== text.length;
  let hashes = 0;
  while (
    hashes < maxHashes &&
    rest.charCodeAt(0) === hash &&
    (rest.charCodeAt(1) === space || rest === '#')
  ) {
    rest = stripStamps(rest.slice(2));
    hashes++;
  }
  const body = mayBeBlank(rest.charCodeAt(rest.length - 1)) ? rest.trimEnd() : rest;
  const content = mayBeBlank(body.charCodeAt(0)) ? body.trimStart() : body;
  const indent = content.length === body.length ? 0 : columns(body, body.length - content.length);
  return { stamped, hashes, indent, body, content, line };
}

const hash = 0x23;
const space = 0x20;

/** Printable ASCII but the space is no white space, anything else may be. */
const mayBeBlank = (code: number): boolean => code <= space || code > 0x7e;

function columns(text: string, length: number): number {
  let width = 0;
  for (let i = 0; i < length; i++) width = text.charCodeAt(i) === 9 ? width - (width % 8) + 8 : width + 1;
  return width;
}
