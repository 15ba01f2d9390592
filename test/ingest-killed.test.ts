// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { checkStore, openStore } from '../results/store/index.ts';
import { generateHistory } from './bench/generate.ts';
import { killedHistory } from './support/ingest-child.ts';
import { folderForTest } from './support/program.ts';
import { all } from './support/slow.ts';

/** Each store is read in full after each of its kills: several small ones take less time than a large one. */
const stores = all ? 5 : 1;
const times = 10;
const longestMs = 3000;

/**
 * Records a history, run by run, from where it was left; killed so long after it has recorded one more.
 * @returns the runs that it told of: only such as were not there before
 */
async function recordUntil(directory: string, killAfterMs: number): Promise<string[]> {
  const script = join(import.meta.dirname, 'support/ingest-child.ts');
  const child = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'close');
  const told: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    // The moment is one of writing, not of starting up, and no life is without progress.
    if (told.push(line) === 1) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  }
  expect(await gone).toEqual([null, 'SIGKILL']);
  return told;
}

test.each(Array.from({ length: stores }, (_, i) => i + 1))(
  `killed at ${times} moments while it records, store %i of ${stores} has no damage and lost nothing that was told`,
  async () => {
    const directory = await folderForTest('killed');
    const told = new Set<string>();
    for (let n = 0; n < times; n++) {
      const before = told.size;
      const more = await recordUntil(directory, Math.random() * longestMs);
      for (const uuid of more) told.add(uuid);
      expect(more.length).toBeGreaterThan(0);
      expect(told.size).toBe(before + more.length);
      const { problems } = await checkStore(directory, { content: true });
      expect(problems).toEqual([]);
      const store = await openStore(directory, { readOnly: true });
      const there = new Set((await store.runs({ limit: 100_000 })).map(({ uuid }) => uuid));
      await store.close();
      expect([...told].filter((uuid) => !there.has(uuid))).toEqual([]);
      // At most the one of each life that was recorded when it could not be told any more.
      expect(there.size - told.size).toBeLessThanOrEqual(n + 1);
    }

    // What was recorded is what was meant, whole, and none was left out.
    let whole = 0;
    const store = await openStore(directory, { readOnly: true });
    for (const { start, tests } of generateHistory(killedHistory)) {
      const run = await store.run(start.uuid);
      if (!run) break;
      const reported = run.results.filter(({ outcome }) => outcome !== 'missing');
      expect(reported.map(({ name, outcome }) => [name, outcome])).toEqual(
        tests.map(({ name, outcome }) => [name, outcome]),
      );
      whole++;
    }
    expect(whole).toBeGreaterThanOrEqual(told.size);
    await store.close();
  },
  times * 60_000,
);
