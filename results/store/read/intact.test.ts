// SPDX-License-Identifier: GPL-2.0-only
import path from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { StoreError } from '../error.ts';
import { openStore } from '../index.ts';
import { runsPerFold } from '../pack/point.ts';
import { aRun, aTest, morning, scratch } from '../test-support.ts';

test('a page that meets damage says what, and what to do', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const store = await openStore(directory);
  const end = { state: 'complete' as const, finishedAt: morning, reason: '' };
  for (let n = 0; n < runsPerFold; n++) await store.addRun(aRun({ startedAt: morning + n }), [aTest()], end);
  await store.close();
  const database = new Database(path.join(directory, 'multitap.db'));
  database.exec("UPDATE packed_run SET data = x'01ff' WHERE run = 1; UPDATE history SET data = x'3f3f3f'");
  database.close();

  const damaged = await openStore(directory, { readOnly: true });
  onTestFinished(() => damaged.close());
  const found = (work: Promise<unknown>): Promise<Error> =>
    work.then(
      () => expect.fail('no error'),
      (error) => error,
    );
  const ofRun = await found(damaged.run(1));
  expect(ofRun).toBeInstanceOf(StoreError);
  expect(ofRun.message).toMatch(/^Run 1 is damaged: .* `multitap db check`/);
  for (const work of [damaged.points(1, 10), damaged.history(1, 10)]) {
    const ofSeries = await found(work);
    expect(ofSeries).toBeInstanceOf(StoreError);
    expect(ofSeries.message).toMatch(/^The history of series 1 is damaged: /);
  }
  // What is not damaged can be read.
  expect((await damaged.run(2))?.results).toHaveLength(1);
});
