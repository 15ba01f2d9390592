// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { openStore } from '../index.ts';
import { aRun, aTest, morning, scratch, tamper } from '../test-support.ts';

test('a run with more messages than a call has room for arguments', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const store = await openStore(directory);
  const test = aTest({ outcome: 'fail', message: 'why' });
  await store.addRun(aRun(), [test], { state: 'complete', finishedAt: morning, reason: '' });
  tamper(
    directory,
    `WITH RECURSIVE more (series) AS (SELECT 2 UNION ALL SELECT series + 1 FROM more LIMIT 300000)
     INSERT INTO message SELECT NULL, 1, series, 1, 'x' FROM more`,
  );
  expect((await store.run(1))!.results).toMatchObject([{ message: 'why' }]);
  await store.close();
});
