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

const times = process.env.MULTITAP_TEST_ALL ? 50 : 10;
const longestMs = 3000;

/** Records a history, run by run, from where it was left; killed after so long. @returns the runs it told of */
async function recordUntil(directory: string, killAfterMs: number): Promise<string[]> {
  const script = join(import.meta.dirname, 'support/ingest-child.ts');
  const child = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'close');
  const told: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    // It records from here on: the moment is one of writing, not of starting up.
    if (line === 'ready') setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    else told.push(line);
  }
  expect(await gone).toEqual([null, 'SIGKILL']);
  return told;
}

test(`killed at ${times} moments while it records, a store has no damage and lost nothing that was told`, async () => {
  const directory = await folderForTest('killed');
  const told = new Set<string>();
  for (let n = 0; n < times; n++) {
    for (const uuid of await recordUntil(directory, Math.random() * longestMs)) told.add(uuid);
    const { problems } = await checkStore(directory, { content: true });
    expect(problems).toEqual([]);
    const store = await openStore(directory, { readOnly: true });
    const there = new Set((await store.runs({ limit: 100_000 })).map(({ uuid }) => uuid));
    await store.close();
    expect([...told].filter((uuid) => !there.has(uuid))).toEqual([]);
    // At most the one of each life that was recorded when it could not be told any more.
    expect(there.size - told.size).toBeLessThanOrEqual(n + 1);
  }
  expect(told.size).toBeGreaterThan(times);

  // What was recorded is what was meant, whole.
  const store = await openStore(directory, { readOnly: true });
  for (const { start, tests } of generateHistory(killedHistory)) {
    if (!told.has(start.uuid)) break;
    const run = (await store.run(start.uuid))!;
    const reported = run.results.filter(({ outcome }) => outcome !== 'missing');
    expect(reported.map(({ name, outcome }) => [name, outcome])).toEqual(
      tests.map(({ name, outcome }) => [name, outcome]),
    );
  }
  await store.close();
});
