// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openStore, StoreError } from './index.ts';
import { aRun, scratch } from './test-support.ts';

test('makes the directory and keeps what is there', async ({ onTestFinished }) => {
  const directory = path.join(await scratch(onTestFinished), 'new', 'results');
  const first = await openStore(directory);
  const run = aRun();
  const { id } = await first.startRun(run);
  await first.close();
  const second = await openStore(directory);
  expect((await second.run(run.uuid))?.id).toBe(id);
  await second.close();
});

test('a reader reads while a writer writes, and writes nothing', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const writer = await openStore(directory);
  const reader = await openStore(directory, { readOnly: true });
  const run = aRun();
  await writer.startRun(run);
  expect(await reader.runs({ limit: 5 })).toMatchObject([{ uuid: run.uuid, state: 'running' }]);
  await expect(reader.startRun(aRun())).rejects.toThrow(/cannot be written to.*without readOnly/s);
  await reader.close();
  await writer.close();
});

test('a reader works where the writers are gone', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  await (await openStore(directory)).close();
  const reader = await openStore(directory, { readOnly: true });
  expect(await reader.overview(3)).toEqual([]);
  await reader.close();
});

test('a reader of nothing says so, and makes nothing', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  await expect(openStore(directory, { readOnly: true })).rejects.toThrow(/no results in .*multitap run/s);
  expect(await readdir(directory)).toEqual([]);
});

const sqliteHead = Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(4096, 0xa5)]);
test.for([
  ['a text file', Buffer.from('not a database, but somebody cares for it\n')],
  ['a few bytes', Buffer.from('SQL')],
  ['rubbish after a good beginning', sqliteHead],
] as const)('%s is refused and left as it is', async ([, content], { onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const file = path.join(directory, 'multitap.db');
  await writeFile(file, content);
  await expect(openStore(directory)).rejects.toThrow(/damaged.*expected.*move it away/s);
  expect((await readFile(file)).equals(content)).toBe(true);
  expect(await readdir(directory)).toEqual(['multitap.db']);
});

test("another program's database is refused and left as it is", async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const file = path.join(directory, 'multitap.db');
  new Database(file).exec('CREATE TABLE recipe (name TEXT)').close();
  const before = await readFile(file);
  await expect(openStore(directory)).rejects.toThrow(StoreError);
  expect((await readFile(file)).equals(before)).toBe(true);
});

test('a directory that cannot be one is named', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  await writeFile(path.join(directory, 'file'), '');
  await expect(openStore(path.join(directory, 'file', 'results'))).rejects.toThrow(
    /ENOTDIR.*another directory/s,
  );
  await mkdir(path.join(directory, 'multitap.db'));
  await expect(openStore(directory)).rejects.toThrow(StoreError);
});
