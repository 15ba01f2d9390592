// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { assemble } from '../wat/assemble.ts';

/** As much as is used here of what neither the library of ECMAScript nor Node's types declare. */
declare const WebAssembly: {
  Memory: new (size: { initial: number }) => { buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (module: object, imports: object) => { exports: unknown };
};

/** Bytes that can be looked at in one go: they stand at the beginning of the memory. */
export const windowBytes = 65536;
/** Lines that can be looked at in one go. */
export const maxLines = 2048;

/** Numbers that tell what was seen of a line. */
export const seenNumbers = 8;

/** As the programs in this memory have it: where the ends of lines stand, where what was seen of them does. */
const endsAt = 0x10040;
const seenAt = 0x12040;

/**
 * One memory for all scanners, of WebAssembly since that looks at sixteen bytes at a time. What they leave here is gone
 * with the next call, by whoever it is: copy it before anything else is told.
 */
const memory = new WebAssembly.Memory({ initial: 3 });
export const sharedBytes = new Uint8Array(memory.buffer, 0, windowBytes);
export const sharedEnds = new Int32Array(memory.buffer, endsAt, maxLines);
export const sharedSeen = new Int32Array(memory.buffer, seenAt, seenNumbers * maxLines);

/** What the program in the text files beside `url` exports; it is made of them once somebody asks for it. */
export function program<Exports>(files: readonly string[], url: string): () => Exports {
  let loaded: Exports | undefined;
  return () => {
    loaded ??= load(files.map((file) => readFileSync(new URL(file, url), 'utf8'))) as Exports;
    return loaded;
  };
}

function load(texts: readonly string[]): unknown {
  const module = new WebAssembly.Module(assemble(texts.join('')));
  return new WebAssembly.Instance(module, { memory: { memory } }).exports;
}
