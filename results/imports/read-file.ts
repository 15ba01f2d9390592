// SPDX-License-Identifier: GPL-2.0-only
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ImportError, type ImportFile, MiB } from './import.ts';

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its links lead in a circle',
};

/** @throws ImportError for what is not there, and for what is no file: a pipe might never end */
export async function openImportFile(path: string): Promise<ImportFile> {
  // The system takes no NUL in a name; a manifest may hold one.
  if (path.includes('\0')) throw new ImportError('cannot be read: there is no such file');
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new ImportError(`cannot be read: ${reasons[error.code ?? ''] ?? error.message}`);
  });
  if (!found.isFile())
    throw new ImportError(`cannot be read: it is ${found.isDirectory() ? 'a directory' : 'no regular file'}`);
  return {
    ...{ name: path, base: basename(path), bytes: found.size, modifiedAt: Math.round(found.mtimeMs) },
    chunks: () => chunksOf(path),
    beside(base) {
      if (base === '' || base === '.' || base === '..' || /[/\\]/.test(base))
        throw new ImportError(`names ${JSON.stringify(base.slice(0, 200))}, which is no file beside it`);
      return openImportFile(join(dirname(path), base));
    },
  };
}

async function* chunksOf(path: string): AsyncIterable<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    throw new ImportError(`cannot be read: ${reasons[code ?? ''] ?? message}`);
  }
}

/** The whole content. @throws ImportError where it is larger: also where it grows while it is read */
export async function readWhole(file: ImportFile, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bounded(file, maxBytes).chunks()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The same file, which is refused where it is larger: before it is read, and where it grows meanwhile. */
export function bounded(file: ImportFile, maxBytes: number): ImportFile {
  return {
    ...file,
    async *chunks() {
      refuseLarge(file.bytes, maxBytes);
      let bytes = 0;
      for await (const chunk of file.chunks()) {
        bytes += chunk.length;
        refuseLarge(bytes, maxBytes);
        yield chunk;
      }
    },
  };
}

function refuseLarge(bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  throw new ImportError(
    `is too large: ${Math.ceil(bytes / MiB)} MiB, and this format is read in memory up to ${maxBytes / MiB} MiB`,
  );
}

/** What files begin with that have to be unpacked first. */
const packed = [
  { magic: [0x1f, 0x8b], tool: 'gunzip' },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], tool: 'unzstd' },
  { magic: [0xfd, 0x37, 0x7a, 0x58], tool: 'unxz' },
  { magic: [0x42, 0x5a, 0x68], tool: 'bunzip2' },
  { magic: [0x50, 0x4b, 0x03, 0x04], tool: 'unzip' },
];

/** @throws ImportError for what is empty, and for what a packer wrote */
export function refuseNoText(bytes: Uint8Array): void {
  if (bytes.length === 0) throw new ImportError('is empty');
  const tool = packed.find(({ magic }) => magic.every((byte, i) => bytes[i] === byte))?.tool;
  if (tool !== undefined) throw new ImportError(`is packed: unpack it first, with ${tool}`);
}

/** @throws ImportError where it is no JSON. Nothing in it is believed yet */
export async function readJson(file: ImportFile, maxBytes: number): Promise<unknown> {
  const bytes = await readWhole(file, maxBytes);
  refuseNoText(bytes);
  try {
    return JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, ''));
  } catch (error) {
    throw new ImportError(`is no JSON: ${(error as Error).message.slice(0, 200)}`);
  }
}
