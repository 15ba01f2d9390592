// SPDX-License-Identifier: GPL-2.0-only
import { SaxesParser } from 'saxes';
import { ImportError, type ImportFile } from './import.ts';
import { refuseNoText } from './read-file.ts';

const maxDepth = 100;
const maxAttributes = 1000;
/** Characters of one element's text that are kept: a message is kept up to 16 KiB, a test's own output may be larger. */
const maxText = 64 * 1024;

export interface Tag {
  name: string;
  attributes: Readonly<Record<string, string>>;
  /** The line on which it began, 1-based. */
  line: number;
  /** Of itself, without what is nested; cut. */
  text: string;
}

/**
 * Tells the elements of an XML document as they come. There is no entity but the five of XML: declarations are not
 * read, so that none can grow or lead to another file, and a document that uses one is refused.
 * @throws ImportError where the document is not well-formed
 */
export async function readXml(
  file: ImportFile,
  on: { open(tag: Tag): void; close(tag: Tag): void },
): Promise<void> {
  const open: Tag[] = [];
  const parser = new SaxesParser<{ xmlns: false; position: true }>({ xmlns: false, position: true });
  parser.on('error', (error) => {
    throw new ImportError(`is no XML: ${error.message.slice(0, 200)}`);
  });
  let attributesOpen = 0;
  parser.on('opentagstart', () => {
    attributesOpen = 0;
  });
  parser.on('attribute', () => {
    if (++attributesOpen > maxAttributes)
      throw new ImportError(`has an element with more than ${maxAttributes} attributes`);
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (open.length >= maxDepth) throw new ImportError(`is nested deeper than ${maxDepth} elements`);
    const tag = { name, attributes, line: parser.line, text: '' };
    open.push(tag);
    on.open(tag);
  });
  const text = (piece: string) => {
    const tag = open.at(-1);
    if (tag && tag.text.length < maxText) tag.text += piece.slice(0, maxText - tag.text.length);
  };
  parser.on('text', text);
  parser.on('cdata', text);
  parser.on('closetag', () => on.close(open.pop()!));
  const decoder = new TextDecoder();
  let isFirst = true;
  for await (const chunk of file.chunks()) {
    if (isFirst) refuseNoText(chunk);
    isFirst = false;
    parser.write(decoder.decode(chunk, { stream: true }));
  }
  if (isFirst) throw new ImportError('is empty');
  parser.write(decoder.decode()).close();
}
