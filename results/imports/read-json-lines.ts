// SPDX-License-Identifier: GPL-2.0-only
import { ImportError, type ImportFile, MiB } from './import.ts';
import { refuseNoText, whereIn } from './read-file.ts';

/** Of an export: a test with its message and its crashes. A longer line is none, and would be held as a whole. */
const maxLine = 16 * MiB;

export interface JsonLine {
  /** `line 3`. */
  place: string;
  value: { readonly [key: string]: unknown };
}

/** The objects of a JSON Lines file, one after the other. @throws ImportError for a line that is none */
export async function* jsonLines(file: ImportFile): AsyncIterable<JsonLine> {
  let number = 0;
  for await (const bytes of linesOf(file)) {
    number++;
    const place = `line ${number}`;
    const text = bytes
      .toString('utf8')
      .trim()
      .replace(/^\ufeff/, '');
    if (text !== '') yield { place, value: objectIn(text, place) };
  }
}

function objectIn(text: string, place: string): JsonLine['value'] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ImportError(`${place} is no JSON${whereIn(error as Error)}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonLine['value'];
  throw new ImportError(`${place} is no object`);
}

async function* linesOf(file: ImportFile): AsyncIterable<Buffer> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  let isFirst = true;
  for await (const chunk of file.chunks()) {
    if (isFirst) refuseNoText(chunk);
    isFirst = false;
    let from = 0;
    for (let end = chunk.indexOf(0x0a); end >= 0; end = chunk.indexOf(0x0a, from)) {
      yield Buffer.concat([...held, chunk.subarray(from, end)]);
      held = [];
      bytes = 0;
      from = end + 1;
    }
    held.push(chunk.subarray(from));
    bytes += chunk.length - from;
    if (bytes > maxLine) throw new ImportError(`has a line of more than ${maxLine / MiB} MiB`);
  }
  if (isFirst) throw new ImportError('is empty');
  if (bytes > 0) yield Buffer.concat(held);
}
