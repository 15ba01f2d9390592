// SPDX-License-Identifier: GPL-2.0-only
// Records whole runs as fast as it can, for check.test.ts: node test-child-runs.ts DIRECTORY MILLISECONDS
import { openStore } from './index.ts';
import { aRun, aSubtest, aTest, dayMs, morning } from './test-support.ts';

const [directory, lasts] = process.argv.slice(2) as [string, string];
const store = await openStore(directory);
const deadline = Date.now() + Number(lasts);
for (let n = 0; Date.now() < deadline; n++) {
  const outcome = n % 3 === 0 ? 'fail' : 'pass';
  const subtests = Array.from({ length: 300 }, (_, i) => aSubtest(`subtest ${i}`, { outcome }));
  const end = { state: 'complete' as const, finishedAt: Date.now(), reason: '' };
  await store.addRun(aRun({ startedAt: morning + n * dayMs }), [aTest({ outcome, subtests })], end);
  if (n === 0) process.stdout.write('ready\n');
}
await store.close();
