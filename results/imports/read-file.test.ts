// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { scratch } from '../store/test-support.ts';
import { MiB } from './import.ts';
import { nipa } from './nipa.ts';
import { openImportFile, readWhole } from './read-file.ts';
import { importFormats } from './registry.ts';
import { readAll } from './testing.ts';

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
