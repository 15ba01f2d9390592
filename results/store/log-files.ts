// SPDX-License-Identifier: GPL-2.0-only
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import { StoreError } from './error.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Measured on kernel logs: 3.9–4.1×, and level 19 gains a fifth for many times the work. */
const level = 3;

/** A log's address and size. */
export interface LogFile {
  /** SHA-256 of the content, in hexadecimal. */
  hash: string;
  bytes: number;
  lines: number;
}

/**
 * Keeps the content under its hash. It is on the disk when this returns; the same content is kept once.
 * @param directory the store's directory
 * @throws StoreError where it cannot be written
 */
export async function writeLog(directory: string, content: Uint8Array): Promise<LogFile> {
  const hash = sha256(content);
  const file = logPath(directory, hash);
  if (!(await stillWanted(file))) await pack(file, content);
  return { hash, bytes: content.byteLength, lines: countLines(content) };
}

/**
 * @param bytes how long the content is: no more is ever unpacked, whatever the file has become
 * @throws StoreError where the file is gone, damaged, or holds something else
 */
export async function readLog(directory: string, hash: string, bytes: number): Promise<Uint8Array> {
  const file = logPath(directory, hash);
  try {
    // zstd adds at most 1/256 and a little; a longer file cannot be ours, and need not be read to know it.
    const { size } = await stat(file);
    if (size > bytes + bytes / 128 + 1024) throw new Error(`${size} bytes are too many`);
    const content = await decompress(await readFile(file), { maxOutputLength: Math.max(1, bytes) });
    if (sha256(content) !== hash) throw new Error('the content has another hash');
    return content;
  } catch (cause) {
    throw new StoreError({
      happened: `The log ${file} cannot be read: ${cause instanceof Error ? cause.message : cause}.`,
      expected: `${bytes} bytes with that SHA-256, compressed by zstd, were expected.`,
      todo: 'The results are not affected; restore the file from a backup to read the log again.',
      cause,
    });
  }
}

export function isHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** Where a log is kept. */
export function logPath(directory: string, hash: string): string {
  return path.join(directory, 'logs', hash.slice(0, 2), `${hash}.zst`);
}

async function pack(file: string, content: Uint8Array): Promise<void> {
  const packed = await compress(content, { params: { [constants.ZSTD_c_compressionLevel]: level } });
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await replace(file, packed);
  } catch (cause) {
    throw new StoreError({
      happened: `The log ${file} cannot be written: ${(cause as Error).message}.`,
      expected: 'Space and permission to write were expected; nothing was recorded.',
      todo: 'Make space or correct the permissions, and record the result again.',
      cause,
    });
  }
}

/** Whoever is killed in between leaves a temporary file, never half a log under its name. */
async function replace(file: string, content: Uint8Array): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(path.dirname(file));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A last line without its newline counts. */
function countLines(content: Uint8Array): number {
  const newline = 0x0a;
  let lines = 0;
  for (let at = content.indexOf(newline); at >= 0; at = content.indexOf(newline, at + 1)) lines++;
  return content.length > 0 && content.at(-1) !== newline ? lines + 1 : lines;
}

/** Whether it is there. One that is stays young: `prune` removes none that somebody has just asked for. */
async function stillWanted(file: string): Promise<boolean> {
  const now = new Date();
  return utimes(file, now, now).then(
    () => true,
    // Another user's file may be used, though not touched.
    (error: NodeJS.ErrnoException) => error.code === 'EPERM',
  );
}
