// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { nipa } from './nipa.ts';
import { aSubtest, aTest, began, noLinks, stored, written } from './testing.ts';

const warning = {
  ...{ signature: 's', kind: 'warn' as const, title: 'WARNING in foo', line: 3, fatal: false },
  frames: ['a', 'b', 'c', 'd', 'e', 'f'],
};
const tests = [
  aTest('flaky.sh', 'fail', {
    crashes: [warning],
    subtests: [aSubtest('one thing', 'pass', { durationMs: 1400 }), aSubtest('two', 'timeout')],
  }),
  aTest('flaky.sh', 'pass', {
    ...{ attempt: 2, startedAt: began + 5000 },
    subtests: [aSubtest('one thing', 'pass'), aSubtest('two', 'pass'), aSubtest('three', 'xfail')],
  }),
  aTest('flaky-sh', 'error', { startedAt: began + 9000 }),
];

test('a result file: the first attempt, the last one as its retry, names by NIPA’s rule', async () => {
  const { source, end } = await stored(tests);
  onTestFinished(end);
  const file = JSON.parse(await written('nipa', source, { ...noLinks, url: 'https://ci.example.org' }));
  expect(file).toEqual({
    executor: 'multitap-mptcp-debug',
    branch: 'net-next-2026-01-05--08-00',
    start: '2026-01-05 08:00:00.000+00:00',
    end: '2026-01-05 08:01:00.000+00:00',
    link: `https://ci.example.org/r/${source.run.uuid}`,
    results: [
      {
        ...{ test: 'flaky-sh', group: 'selftests-net-mptcp', result: 'fail', retry: 'pass', time: 1.5 },
        link: expect.stringMatching(/^https:\/\/ci.example.org\/r\/[0-9a-f-]{36}#t\d+$/),
        crashes: ['a:b:c:d:e'],
        results: [
          { test: 'one-thing', time: 1, result: 'pass', retry: 'pass' },
          { test: 'two', result: 'fail', retry: 'pass' },
          { test: 'three', result: 'skip', retry: 'pass' },
        ],
      },
      {
        ...{ test: 'flaky-sh [2]', group: 'selftests-net-mptcp', result: 'skip', time: 1.5 },
        link: expect.any(String),
      },
    ],
  });
});

test('a revision that is one of NIPA’s branches is the branch', async () => {
  const { source, end } = await stored([], { revision: { name: 'net-next-2026-11-22--00-00', position: 1 } });
  onTestFinished(end);
  expect(JSON.parse(await written('nipa', source)).branch).toBe('net-next-2026-11-22--00-00');
});

test('the manifest names each run once, the newest last, and no more than 500', async () => {
  const { source, end } = await stored([]);
  onTestFinished(end);
  const folder = await mkdtemp(join(tmpdir(), 'multitap-nipa-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const add = (minutes: number) => {
    const run = { ...source.run, startedAt: began + minutes * 60_000 };
    const options = { ...noLinks, published: 'https://files.example.org/multitap' };
    return nipa.index!(folder, nipa.fileName(run), run, options);
  };
  for (let minutes = 0; minutes < 501; minutes++) await add(minutes);
  await add(7);
  const manifest = JSON.parse(await readFile(join(folder, 'results.json'), 'utf8')) as {
    url: string;
    branch: string;
  }[];
  expect(manifest).toHaveLength(500);
  expect(new Set(manifest.map(({ branch }) => branch)).size).toBe(500);
  expect(new Set(manifest.map(({ url }) => url)).size).toBe(500);
  expect(manifest.at(-1)).toMatchObject({
    branch: 'net-next-2026-01-05--08-07',
    executor: 'multitap-mptcp-debug',
  });
  expect(manifest.at(-1)!.url).toMatch(
    /^https:\/\/files.example.org\/multitap\/results-\d{1,6}-[0-9a-f]{8}\.json$/,
  );
});
