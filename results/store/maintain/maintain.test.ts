// SPDX-License-Identifier: GPL-2.0-only
import { copyFile, mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { backupStore, checkStore, openStore, pruneStore, restoreStore, storeStats } from '../index.ts';
import { aRun, aSubtest, aTest, dayMs, dump, morning, scratch, tamper } from '../test-support.ts';
import { logFiles } from './log-folder.ts';

const log = (text: string) => [{ kind: 'output' as const, content: Buffer.from(text) }];

/** A store with a passing, a failing and a secretly failing test, each with a log. */
async function filled(directory: string, startedAt = morning): Promise<string> {
  const store = await openStore(directory);
  const run = aRun({ startedAt });
  await store.startRun(run);
  await store.addTest(run.uuid, aTest({ name: 'good.sh', subtests: [aSubtest('x')], logs: log('good') }));
  await store.addTest(run.uuid, aTest({ name: 'bad.sh', outcome: 'fail', message: 'why', logs: log('bad') }));
  const subtests = [aSubtest('y', { outcome: 'fail' })];
  await store.addTest(run.uuid, aTest({ name: 'hidden.sh', subtests, logs: log('hidden') }));
  await store.finishRun(run.uuid, { state: 'complete', finishedAt: startedAt, reason: '' });
  await store.close();
  return run.uuid;
}

async function files(directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { file } of logFiles(directory)) found.push(file);
  return found;
}

async function grow(directory: string, hours: number): Promise<void> {
  const then = new Date(Date.now() - hours * 3_600_000);
  for (const file of await files(directory)) await utimes(file, then, then);
}

const all = { content: true };

test('check: nothing to find in a store as we write it', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  await filled(directory);
  expect(await checkStore(directory, all)).toEqual({ problems: [], runs: 1, logs: 3, unusedFiles: 0 });
});

test.each([
  [
    'a sum of a run',
    'UPDATE run_count SET pass = pass + 1 WHERE level = 1',
    /the counts of run 1 \(level 1\)/,
  ],
  ['a packet', "UPDATE packed_run SET data = x'0100'", /the results of run 1 cannot be unpacked/],
  ['a reference', 'PRAGMA foreign_keys = OFF; DELETE FROM revision', /a row of run refers to a revision/],
])('check finds %s that is wrong', async (_, statement, problem) => {
  const directory = await scratch((end) => void ends.push(end));
  await filled(directory);
  tamper(directory, statement);
  expect((await checkStore(directory, all)).problems[0]).toMatch(problem);
  await Promise.all(ends.splice(0).map((end) => end()));
});
const ends: (() => Promise<void>)[] = [];

test('check finds logs that are gone or broken, and files that nobody names', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  await filled(directory);
  const [first, second] = await files(directory);
  await rm(first!);
  await writeFile(second!, 'rubbish');
  await writeFile(`${second}.123456.tmp`, 'half a log');
  const { problems, unusedFiles } = await checkStore(directory, all);
  expect(problems).toHaveLength(2);
  expect(unusedFiles).toBe(1);
  // Without reading them only the one that is gone is known.
  expect((await checkStore(directory, { content: false })).problems).toHaveLength(1);
});

test('backup, restore: the same rows and logs', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const backup = path.join(await scratch(onTestFinished), 'deep', 'backup');
  const restored = await scratch(onTestFinished);
  await filled(directory);
  // Somebody has it open, and has not finished.
  const store = await openStore(directory);
  await store.startRun(aRun());
  expect(await backupStore(directory, backup)).toMatchObject({ copied: 3, kept: 0, missing: 0 });
  expect(dump(backup)).toEqual(dump(directory));
  await store.startRun(aRun());
  expect(await backupStore(directory, backup)).toMatchObject({ copied: 0, kept: 3 });
  expect(dump(backup).run).toHaveLength(3);
  await store.close();

  expect(await restoreStore(backup, restored, false)).toMatchObject({ copied: 3 });
  expect(dump(restored)).toEqual(dump(directory));
  expect((await checkStore(restored, all)).problems).toEqual([]);
  const there = (await readdir(backup)).filter((name) => !/^multitap\.db-(wal|shm)$/.test(name));
  expect(there.sort()).toEqual(['logs', 'multitap.db']);
});

test('restore overwrites only when forced, and when nobody has it open', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const backup = await scratch(onTestFinished);
  await filled(directory);
  await backupStore(directory, backup);
  const uuid = await filled(directory);
  await expect(restoreStore(backup, directory, false)).rejects.toThrow(
    /There are results in .* already.*--force/,
  );
  const store = await openStore(directory);
  await store.runs({ limit: 1 });
  await expect(restoreStore(backup, directory, true)).rejects.toThrow(/in use by another process/);
  await store.close();
  expect(dump(directory).run).toHaveLength(2);

  await restoreStore(backup, directory, true);
  expect(dump(directory).run).toHaveLength(1);
  // What was there can be had again.
  const aside = await scratch(onTestFinished);
  await mkdir(path.join(aside, 'logs'), { recursive: true });
  await copyFile(path.join(directory, 'multitap.db.before-restore'), path.join(aside, 'multitap.db'));
  expect(dump(aside).run).toContainEqual(expect.objectContaining({ uuid }));
});

test('a damaged backup is not restored', async ({ onTestFinished }) => {
  const backup = await scratch(onTestFinished);
  const directory = await scratch(onTestFinished);
  await writeFile(path.join(backup, 'multitap.db'), 'not a database at all');
  await expect(restoreStore(backup, directory, false)).rejects.toThrow(/damaged or no database/);
  await expect(restoreStore(directory, backup, true)).rejects.toThrow(/There are no results/);
});

test('prune: logs of passing tests go, and nothing else changes', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const uuid = await filled(directory);
  await grow(directory, 2);
  const before = dump(directory);
  const retention = { passingLogsBefore: morning + dayMs, allLogsBefore: null, dryRun: false };
  const young = { ...retention, passingLogsBefore: morning };
  expect(await pruneStore(directory, young)).toMatchObject({ tests: 0, files: 0 });
  expect(await pruneStore(directory, { ...retention, dryRun: true })).toMatchObject({ tests: 1, files: 1 });
  expect(dump(directory)).toEqual(before);
  expect(await pruneStore(directory, retention)).toMatchObject({ tests: 1, files: 1 });

  const { log: _, result_log: __, ...kept } = dump(directory);
  expect(before).toMatchObject(kept);
  expect(await checkStore(directory, all)).toMatchObject({ problems: [], logs: 2 });
  const store = await openStore(directory, { readOnly: true });
  const { results } = (await store.run(uuid))!;
  expect(results.map(({ name, logs }) => [name, logs.length])).toEqual([
    ['good.sh', 0],
    ['bad.sh', 1],
    ['hidden.sh', 1],
  ]);
  await store.close();
  expect(await pruneStore(directory, { ...retention, allLogsBefore: morning + 1 })).toMatchObject({
    files: 2,
  });
});

test('prune leaves a log that another test has, and a file that was just written', async ({
  onTestFinished,
}) => {
  const directory = await scratch(onTestFinished);
  await filled(directory);
  await filled(directory, morning + 10 * dayMs);
  await grow(directory, 2);
  const retention = { passingLogsBefore: morning + dayMs, allLogsBefore: null, dryRun: false };
  expect(await pruneStore(directory, retention)).toMatchObject({ tests: 1, files: 0 });
  const stray = path.join(directory, 'logs', 'ab', `${'ab'.repeat(32)}.zst`);
  await mkdir(path.dirname(stray), { recursive: true });
  await writeFile(stray, 'about to be recorded');
  expect(await pruneStore(directory, retention)).toMatchObject({ files: 0 });
  await grow(directory, 2);
  expect(await pruneStore(directory, retention)).toMatchObject({ files: 1 });
});

test('stats: rows, bytes of every table, bytes per result', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  await filled(directory);
  const stats = await storeStats(directory);
  expect(stats).toMatchObject({ runs: 1, series: 5, results: 5, logs: { count: 3, unpackedBytes: 13 } });
  const used = stats.tables.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(used + stats.freeBytes).toBe(stats.databaseBytes);
  expect(stats.bytesPerResult).toBeCloseTo(used / 5);
});
