// SPDX-License-Identifier: GPL-2.0-only
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readLog, writeLog } from './log-files.ts';
import { scratch } from './test-support.ts';

test('any content comes back', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), async (content) => {
      const { hash, bytes } = await writeLog(directory, content);
      expect(Buffer.from(await readLog(directory, hash, bytes)).equals(content)).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test.for([
  ['', 0],
  ['\n', 1],
  ['one', 1],
  ['one\n', 1],
  ['one\ntwo', 2],
] as const)('lines of %j: %i', async ([text, lines], { onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  expect(await writeLog(directory, Buffer.from(text))).toMatchObject({ lines, bytes: text.length });
});

test('the same content is one file, named by its hash, and nothing temporary is left', async ({
  onTestFinished,
}) => {
  const directory = await scratch(onTestFinished);
  const content = Buffer.from('TAP version 13\n'.repeat(1000));
  const [one] = await Promise.all([writeLog(directory, content), writeLog(directory, content)]);
  const { hash } = await writeLog(directory, content);
  expect(hash).toBe(one.hash);
  const files = await readdir(path.join(directory, 'logs'), { recursive: true });
  expect(files.sort()).toEqual([hash.slice(0, 2), path.join(hash.slice(0, 2), `${hash}.zst`)]);
});

const content = Buffer.from('ok 1 everything\n'.repeat(500));
const ruin: [string, (file: string) => Promise<void>][] = [
  ['gone', (file) => rm(file)],
  ['empty', (file) => writeFile(file, '')],
  ['cut short', async (file) => writeFile(file, (await readFile(file)).subarray(0, 20))],
  ['no zstd', (file) => writeFile(file, 'something else')],
  ['of another content', (file) => writeFile(file, zstdCompressSync(Buffer.from('not ok 1\n')))],
  ['a bomb', (file) => writeFile(file, zstdCompressSync(Buffer.alloc(64 << 20)))],
  ['far too long', (file) => writeFile(file, Buffer.alloc(1 << 20))],
];
test.for(ruin)('a file that is %s is an error that names it', async ([, damage], { onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const { hash, bytes } = await writeLog(directory, content);
  await damage(path.join(directory, 'logs', hash.slice(0, 2), `${hash}.zst`));
  await expect(readLog(directory, hash, bytes)).rejects.toThrow(
    new RegExp(`${hash}.*cannot be read.*backup`, 's'),
  );
});

test('a log that cannot be written is an error that names it', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  await writeFile(path.join(directory, 'logs'), 'in the way');
  await expect(writeLog(directory, content)).rejects.toThrow(
    /logs.* cannot be written.*record the result again/s,
  );
});
