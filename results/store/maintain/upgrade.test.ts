// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { backupStore, checkStore, openStore, pruneStore, storeStats, upgradeStore } from '../index.ts';
import { olderStore } from '../migrations/older-store.ts';
import { dump, scratch, tamper } from '../test-support.ts';

const uses: [string, (directory: string) => Promise<unknown>][] = [
  ['check', (directory) => checkStore(directory, { content: true })],
  ['stats', (directory) => storeStats(directory)],
  ...[true, false].map((dryRun): [string, (directory: string) => Promise<unknown>] => [
    `prune, ${dryRun ? 'dry' : 'wet'}`,
    (directory) => pruneStore(directory, { passingLogsBefore: 0, allLogsBefore: 0, dryRun }),
  ]),
];

test.for(uses)(
  "%s of an older multitap's tables says what to do, and changes nothing",
  async ([, use], { onTestFinished }) => {
    const directory = await scratch(onTestFinished);
    (await olderStore(directory)).close();
    const before = dump(directory);
    await expect(use(directory)).rejects.toThrow(/older multitap \(0002-crashes\).*multitap db upgrade/s);
    expect(dump(directory)).toEqual(before);
  },
);

test.for(uses)("%s of a newer multitap's tables says so", async ([, use], { onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  await (await openStore(directory)).close();
  tamper(directory, "INSERT INTO kysely_migration VALUES ('9999-later', '2030-01-01T00:00:00.000Z')");
  await expect(use(directory)).rejects.toThrow(/newer multitap.*9999-later.*Update multitap/s);
});

test("an older multitap's tables can be backed up, and are brought up to date", async ({
  onTestFinished,
}) => {
  const [directory, backup] = [await scratch(onTestFinished), await scratch(onTestFinished)];
  (await olderStore(directory)).close();
  expect(await backupStore(directory, backup)).toMatchObject({ missing: 0 });
  expect(dump(backup)).toEqual(dump(directory));
  expect(await upgradeStore(directory)).toMatchObject({
    made: ['0003-packed', '0004-search', '0005-long-messages'],
  });
  expect(await upgradeStore(directory)).toMatchObject({ made: [] });
  expect(await checkStore(directory, { content: true })).toMatchObject({ problems: [] });
});

test('where there is nothing, nothing is made', async ({ onTestFinished }) => {
  await expect(upgradeStore(await scratch(onTestFinished))).rejects.toThrow(/no results/);
});
