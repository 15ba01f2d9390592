// SPDX-License-Identifier: GPL-2.0-only
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { plausible } from './dates.ts';
import { ImportError, type ImportFile, MiB } from './import.ts';

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'permission denied',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its links lead in a circle',
};

/** `O_NONBLOCK`: opening a pipe would wait for somebody who writes to it. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK;

/** @throws ImportError for what is not there, and for what is no file: a pipe might never end */
export async function openImportFile(path: string): Promise<ImportFile> {
  if (path === '-')
    throw new ImportError(
      'cannot be read: a run needs the name and the date of a file; write standard input into one',
    );
  return openWith(path, flags);
}

async function openWith(path: string, how: number): Promise<ImportFile> {
  const file = await openHandle(path, how);
  const { size, mtimeMs } = await file.stat().finally(() => file.close());
  return {
    ...{ name: path, base: basename(path), bytes: size, modifiedAt: Math.round(mtimeMs) },
    chunks: () => chunksOf(path, how),
    beside(base) {
      if (base === '' || base === '.' || base === '..' || /[/\\]/.test(base))
        throw new ImportError(`names ${JSON.stringify(base.slice(0, 200))}, which is no file beside it`);
      // Who wrote the manifest may have put a link beside it that leads anywhere.
      return openWith(join(dirname(path), base), flags | constants.O_NOFOLLOW);
    },
  };
}

/** What is looked at is what is read: by a name it may be another file a moment later. */
async function openHandle(path: string, how: number): Promise<FileHandle> {
  // The system takes no NUL in a name; a manifest may hold one.
  if (path.includes('\0')) throw new ImportError('cannot be read: there is no such file');
  const handle = await open(path, how).catch((error: NodeJS.ErrnoException) => {
    const isLink = error.code === 'ELOOP' && (how & constants.O_NOFOLLOW) !== 0;
    throw new ImportError(
      `cannot be read: ${isLink ? 'it is a link, and none is followed' : reasonOf(error)}`,
    );
  });
  const found = await handle.stat();
  if (found.isFile()) return handle;
  await handle.close();
  const what = found.isDirectory() ? 'a directory' : 'no regular file; write what it gives into one';
  throw new ImportError(`cannot be read: it is ${what}`);
}

const reasonOf = ({ code, message }: NodeJS.ErrnoException): string => reasons[code ?? ''] ?? message;

async function* chunksOf(path: string, how: number): AsyncIterable<Uint8Array> {
  const handle = await openHandle(path, how);
  try {
    yield* handle.createReadStream({ highWaterMark: 256 * 1024 }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new ImportError(`cannot be read: ${reasonOf(error as NodeJS.ErrnoException)}`);
  }
}

/** When a file was changed, for what tells no date of its own. @throws ImportError where nobody can have */
export function fileDate({ modifiedAt }: ImportFile): number {
  const date = plausible(modifiedAt);
  if (date !== null) return date;
  throw new ImportError(
    'tells no date, and that of the file is not from 1990 to 2199: give it that of its run, with touch --date',
  );
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
    throw new ImportError(`is no JSON${whereIn(error as Error)}`);
  }
}

/** Where a JSON text is wrong. Not the error's own words, which quote the text: it may be somebody's secret. */
export function whereIn({ message }: Error): string {
  if (message.includes('end of JSON input')) return ': it ends too early';
  const [at] = /\bat position \d+(?: \(line \d+ column \d+\))?/.exec(message) ?? [];
  return at === undefined ? '' : `: it is wrong ${at}`;
}
