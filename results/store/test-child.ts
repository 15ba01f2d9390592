// SPDX-License-Identifier: GPL-2.0-only
// A writer of its own, for processes.test.ts: node test-child.ts DIRECTORY UUID TESTS
import { openStore } from './index.ts';
import { aRun, aSubtest, aTest } from './test-support.ts';

const [directory, uuid, tests] = process.argv.slice(2) as [string, string, string];
const store = await openStore(directory);
await store.startRun(aRun({ uuid }));
for (let index = 0; index < Number(tests); index++) {
  const subtests = Array.from({ length: 20 }, (_, n) => aSubtest(`subtest ${n}`));
  const logs = [{ kind: 'output' as const, content: Buffer.from(`${uuid} ${index}\n`) }];
  await store.addTest(uuid, aTest({ name: `test ${index}`, subtests, logs }));
  process.stdout.write(`recorded ${index}\n`);
}
await store.finishRun(uuid, { state: 'complete', finishedAt: Date.now(), reason: '' });
await store.close();
process.stdout.write('closed\n');
