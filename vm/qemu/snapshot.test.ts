// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { cached, cacheFolder } from '../cache.ts';
import { silent } from '../progress.ts';
import { dropSnapshot, pruneSnapshots, type Snapshot } from './snapshot.ts';

const DAY_MS = 24 * 3600 * 1000;

async function ownCache(): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'multitap-snapshots-'));
  vi.stubEnv('MULTITAP_CACHE', dir);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(dir, { recursive: true, force: true });
  });
}

async function save(name: string, kernel: string, ageMs: number, id = name): Promise<Snapshot> {
  const dir = join(await cacheFolder('snapshot'), name);
  const { facts } = await cached({
    dir,
    title: name,
    expectedMs: 1,
    needBytes: 1,
    progress: silent,
    build: async (building) => {
      await writeFile(join(building, 'state'), name);
      return { facts: { id, kernel }, files: ['state'], said: '' };
    },
  });
  const usedAt = new Date(Date.now() - ageMs);
  await utimes(dir, usedAt, usedAt);
  return { dir, facts: facts as unknown as Snapshot['facts'] };
}

const kept = async () =>
  (await readdir(await cacheFolder('snapshot'))).filter((name) => !/^\.took|\.lock$/.test(name)).sort();

test('of each kernel the four used last are kept, and nothing that was not used for two weeks', async () => {
  await ownCache();
  for (let i = 0; i < 6; i++) await save(`a${i}`, 'a', i * 1000);
  await save('b-new', 'b', DAY_MS);
  await save('b-old', 'b', 15 * DAY_MS);
  await pruneSnapshots('a5');
  // The one that was just made counts, and stays, whatever its age.
  expect(await kept()).toEqual(['a0', 'a1', 'a2', 'a3', 'a5', 'b-new']);
});

test('the one that was looked at is thrown away, not one that was made anew meanwhile', async () => {
  await ownCache();
  const snapshot = await save('a', 'a', 0, 'new');
  await dropSnapshot({ ...snapshot, facts: { ...snapshot.facts, id: 'old' } });
  expect(await kept()).toEqual(['a']);
  await dropSnapshot(snapshot);
  expect(await kept()).toEqual([]);
  await dropSnapshot(snapshot);
});
