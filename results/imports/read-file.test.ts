// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process';
import { mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { scratch } from '../store/test-support.ts';
import { MiB } from './import.ts';
import { nipa } from './nipa.ts';
import { fileDate, openImportFile, readJson, readWhole } from './read-file.ts';
import { importFormats } from './registry.ts';
import { inMemory, readAll } from './testing.ts';

test('a file, and one beside it; nothing that is elsewhere', async () => {
  const folder = await scratch(onTestFinished);
  await writeFile(join(folder, 'a'), 'aa');
  await writeFile(join(folder, 'b'), 'bb');
  await mkdir(join(folder, 'c'));
  const file = await openImportFile(join(folder, 'a'));
  expect((await readWhole(file, 10)).toString()).toBe('aa');
  expect((await readWhole(await file.beside('b'), 10)).toString()).toBe('bb');
  for (const name of ['../a', '/etc/passwd', '..', '.', '', 'c/d', 'c\\d'])
    await expect((async () => file.beside(name))()).rejects.toThrow('is no file beside it');
  for (const name of ['x', 'a\0b', 'x'.repeat(5000)])
    await expect(file.beside(name)).rejects.toThrow('cannot be read');
  await expect(file.beside('c')).rejects.toThrow('it is a directory');
  await expect(openImportFile('/dev/zero')).rejects.toThrow('it is no regular file');
  await expect(openImportFile('-')).rejects.toThrow('write standard input into one');
});

test('a link is followed where a person named it, and not beside it; a pipe is never waited for', async () => {
  const folder = await scratch(onTestFinished);
  await writeFile(join(folder, 'a'), 'secret: ');
  await symlink('a', join(folder, 'link'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  const file = await openImportFile(join(folder, 'link'));
  expect((await readWhole(file, 10)).toString()).toBe('secret: ');
  await expect(file.beside('link')).rejects.toThrow('it is a link, and none is followed');
  await expect(file.beside('pipe')).rejects.toThrow('it is no regular file; write what it gives into one');
  await expect(readJson(file, 10)).rejects.toThrow(/^is no JSON(?!.*secret)/);
});

test('a file that is exchanged before it is read is looked at again', async () => {
  const folder = await scratch(onTestFinished);
  for (const name of ['a', 'b']) await writeFile(join(folder, name), name);
  const beside = await (await openImportFile(join(folder, 'a'))).beside('b');
  await rm(join(folder, 'b'));
  await symlink('a', join(folder, 'b'));
  await expect(readWhole(beside, 10)).rejects.toThrow('it is a link');
});

test('a date that no test machine’s clock can have said is none', () => {
  const file = (modifiedAt: number) => ({ ...inMemory(''), modifiedAt });
  expect(fileDate(file(Date.UTC(2026, 0)))).toBe(Date.UTC(2026, 0));
  for (const date of [0, Number.NaN, Date.UTC(2300, 0)])
    expect(() => fileDate(file(date))).toThrow('not from 1990 to 2199: give it that of its run');
});

test.each(importFormats)('$name refuses what is absurdly large before reading it', async (format) => {
  const folder = await scratch(onTestFinished);
  const path = join(folder, 'export-debug.json');
  await writeFile(path, '[');
  // Sparse: it takes no space.
  await truncate(path, 2048 * MiB);
  const began = performance.now();
  await expect(readAll(format, await openImportFile(path))).rejects.toThrow('is too large: 2048 MiB');
  expect(performance.now() - began).toBeLessThan(2000);
});

test('a file that grows while it is read is refused all the same', async () => {
  const folder = await scratch(onTestFinished);
  await writeFile(join(folder, 'a'), 'aaaa');
  const file = { ...(await openImportFile(join(folder, 'a'))), bytes: 1 };
  await expect(readWhole(file, 2)).rejects.toThrow('too large');
  await expect(readAll(nipa, file)).rejects.toThrow('is no JSON');
});
