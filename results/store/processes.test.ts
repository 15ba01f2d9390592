// SPDX-License-Identifier: GPL-2.0-only
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openStore } from './index.ts';
import { aRun, dump, scratch } from './test-support.ts';

/** Runs a writer; `onLine` sees what it says. @returns its lines, when it is gone */
async function writer(
  directory: string,
  uuid: string,
  tests: number,
  onLine?: (child: ChildProcess, lines: string[]) => void,
): Promise<{ lines: string[]; code: number | null }> {
  const script = path.join(import.meta.dirname, 'test-child.ts');
  const child = spawn(process.execPath, [script, directory, uuid, String(tests)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'close');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    onLine?.(child, lines);
  }
  const [code] = (await gone) as [number | null];
  return { lines, code };
}

test('processes that write at once lose nothing, while a reader reads', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const uuids = [randomUUID(), randomUUID(), randomUUID()];
  let writing = true;
  const reading = (async () => {
    let counted = 0;
    const reader = await openStore(directory);
    while (writing) {
      const runs = await reader.runs({ limit: 10 });
      const tests = runs.reduce((sum, run) => sum + run.tests.pass, 0);
      expect(tests).toBeGreaterThanOrEqual(counted);
      counted = tests;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await reader.close();
  })();
  const done = await Promise.all(uuids.map((uuid) => writer(directory, uuid, 40)));
  writing = false;
  await reading;
  expect(done.map(({ code }) => code)).toEqual([0, 0, 0]);

  const store = await openStore(directory, { readOnly: true });
  for (const uuid of uuids) {
    const run = await store.run(uuid);
    expect(run).toMatchObject({ state: 'complete', tests: { pass: 40 }, subtests: { pass: 800 } });
    for (const { logs } of run!.results) expect(await store.log(logs[0]!.hash)).not.toBeNull();
    expect(await store.history(run!.results[0]!.series, 10)).toMatchObject({ counts: { pass: 3 } });
  }
  await store.close();
}, 60_000);

test('a writer that is killed loses nothing that it said was recorded', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  for (const lastWords of [1, 6, 13]) {
    const uuid = randomUUID();
    const killed = await writer(directory, uuid, 1000, (child, lines) => {
      // Not at a boundary between two tests, but somewhere in the next ones.
      if (lines.length === lastWords) setTimeout(() => child.kill('SIGKILL'), Math.random() * 30);
    });
    expect(killed).toMatchObject({ code: null });
    const recorded = killed.lines.length;
    expect(recorded).toBeLessThan(1000);

    const store = await openStore(directory);
    const run = await store.run(uuid);
    // One may have been recorded without having been said.
    expect(run?.state).toBe('running');
    expect(run!.tests.pass - recorded).toBeOneOf([0, 1]);
    expect(run?.results.map((result) => result.subtests.length)).toEqual(run?.results.map(() => 20));
    for (const { logs } of run!.results) expect(await store.log(logs[0]!.hash)).not.toBeNull();
    await store.close();

    // The same again finishes what was begun.
    const resumed = await writer(directory, uuid, recorded + 5);
    expect(resumed.code).toBe(0);
    expect(dump(directory).packed_run).toContainEqual(
      expect.objectContaining({ run: run!.id, results: 21 * (recorded + 5) }),
    );
  }
}, 60_000);

test('a writer waits for one that takes long', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const store = await openStore(directory);
  const other = new Database(path.join(directory, 'multitap.db'));
  other.exec('BEGIN IMMEDIATE');
  // It fires when SQLite has given up waiting in this process, and the store has not.
  setTimeout(() => other.exec('COMMIT').close(), 100);
  expect(await store.startRun(aRun())).toEqual({ id: 1 });
  await store.close();
});
