// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsageTrouble } from '../../../vm/trouble.ts';
import { repro } from './index.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'multitap-repro-'));
  await mkdir(join(dir, 'more'));
  for (const file of ['a.c', 'more/a.c', 'b.c', '-c.c', 'd.txt'])
    await writeFile(join(dir, file), 'int x;\n');
  await writeFile(join(dir, 'large.c'), Buffer.alloc(5 * 2 ** 20));
});
afterAll(() => rm(dir, { recursive: true }));

describe('what is asked for', () => {
  const check = (files: string[], seconds?: string) =>
    repro.check!({
      repro: files.map((file) => join(dir, file)),
      ...(seconds === undefined ? {} : { 'repro-seconds': [seconds] }),
    });

  test('is taken', async () => {
    await check(['a.c', 'b.c'], '86400');
  });

  test.each([
    ['no file', [], undefined, 'needs to be told which'],
    ['one that is not there', ['none.c'], undefined, 'is no file'],
    ['two of one name', ['a.c', 'more/a.c'], undefined, 'two files are called a.c'],
    ['another language', ['d.txt'], undefined, 'is no reproducer'],
    ['what gcc would take for an option', ['-c.c'], undefined, 'is no reproducer'],
    ['one without end', ['large.c'], undefined, 'is no reproducer'],
    ['no time', ['a.c'], '0', 'is no time'],
    ['a word', ['a.c'], 'soon', 'is no time'],
  ])('or refused: %s', async (_, files, seconds, words) => {
    await expect(check(files, seconds)).rejects.toThrow(UsageTrouble);
    await expect(check(files, seconds)).rejects.toThrow(words);
  });
});
