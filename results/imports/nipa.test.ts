// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { nipa } from './nipa.ts';
import { inMemory, outline, readAll } from './testing.ts';

const subtests = [
  { test: 'two', time: 1, result: 'fail', retry: 'pass' },
  { test: 'one', result: 'pass' },
];
/** As an executor publishes it. */
const file = {
  ...{
    executor: 'vmksft-mptcp-dbg',
    branch: 'net-next-2026-11-22--00-00',
    link: 'https://example.org/922204',
  },
  ...{ start: '2026-11-22 07:24:36.24+00:00', end: '2026-11-22 08:00:00+00:00' },
  results: [
    {
      ...{ test: 'flaky-sh', group: 'selftests-net-mptcp', result: 'fail', retry: 'pass', time: 0.42 },
      ...{ link: 'https://example.org/922204/2-flaky-sh', crashes: ['mptcp_foo:mptcp_bar:tcp_baz'] },
      results: subtests,
    },
  ],
};
const read = (content: unknown, others = {}) =>
  readAll(nipa, inMemory(JSON.stringify(content), 'r.json', others));

test('a result is the first attempt and a retry the second', async () => {
  const { runs, problems } = await read(file);
  expect(problems).toEqual([]);
  expect(outline(runs[0]!.tests)).toEqual([
    'fail selftests-net-mptcp: flaky-sh#1 (fail two, pass one)',
    'pass selftests-net-mptcp: flaky-sh#2 (pass two)',
  ]);
  expect(runs[0]!.tests[0]).toMatchObject({
    ...{ durationMs: 420, message: 'log: https://example.org/922204/2-flaky-sh' },
    crashes: [{ frames: ['mptcp_foo', 'mptcp_bar', 'tcp_baz'], fatal: false }],
    subtests: [{ durationMs: 1000 }, { durationMs: null }],
  });
});

test('the branch’s date is taken off, and is where the revision stands', async () => {
  const { runs } = await read(file);
  expect(runs[0]!.start).toMatchObject({
    ...{ suite: 'vmksft-mptcp', branch: { name: 'net-next' }, variant: { flavour: 'debug', cpus: 0 } },
    revision: { name: 'net-next-2026-11-22--00-00', position: Date.UTC(2026, 10, 22) / 1000 },
    startedAt: Date.UTC(2026, 10, 22, 7, 24, 36, 240),
  });
  expect((await read({ ...file, branch: 'main' })).runs[0]!.start).toMatchObject({
    ...{ branch: { name: 'main' }, revision: { name: 'main' } },
  });
});

test('executor and branch are the identity, whatever else is in it', async () => {
  const uuid = async (change: object) => (await read({ ...file, ...change })).runs[0]!.start.uuid;
  const one = await uuid({});
  expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(await uuid({ results: [] })).toBe(one);
  expect(await uuid({ executor: 'other' })).not.toBe(one);
});

test('a manifest names files beside it; the others are told', async () => {
  const entry = { executor: 'e', branch: 'b' };
  const manifest = [
    { ...entry, url: 'results-1.json' },
    { ...entry, url: null },
    { ...entry, url: 'https://example.org/a/results-2.json?x=1' },
    { ...entry, url: 'https://example.org/b/results%2d4.json' },
    7,
    { ...entry },
    { ...entry, url: '../secret.json' },
    { ...entry, url: 'bad.json' },
    { ...entry, url: 'results-3.json' },
  ];
  const others = {
    'results-1.json': JSON.stringify(file),
    'results-3.json': JSON.stringify({ ...file, executor: 'three' }),
    'results-4.json': JSON.stringify({ ...file, executor: 'e', branch: 'b' }),
    'bad.json': '{',
  };
  const { runs, problems, notes } = await read(manifest, others);
  expect(runs.map(({ start }) => start.suite)).toEqual(['vmksft-mptcp', 'e', 'three']);
  expect(problems).toEqual([
    expect.stringMatching(/results-2.json: e b: .*no such file; it belongs beside the manifest, from https:/),
    expect.stringMatching(/^\[4]: not stored/),
    expect.stringMatching(/^\[5]: not stored: url/),
    expect.stringContaining('no such file'),
    expect.stringContaining('is no JSON'),
  ]);
  expect(notes).toEqual([
    expect.stringContaining('the manifest says e b, the file vmksft-mptcp-dbg net-next-2026-11-22--00-00'),
    '[1]: e b: still running, has no results yet',
    expect.stringContaining('the file three'),
  ]);
});

test('a warning is a pass that says so', async () => {
  const results = [{ test: 'a', result: 'warn', results: [{ test: 'x', result: 'warn' }] }];
  const { runs, notes, problems } = await read({ ...file, results });
  expect(outline(runs[0]!.tests)).toEqual(['pass : a#1 (pass x)']);
  expect([runs[0]!.tests[0]!.message, runs[0]!.tests[0]!.subtests[0]!.message]).toEqual([
    ...['NIPA warns', 'NIPA warns'],
  ]);
  expect([notes.length, problems]).toEqual([2, []]);
});

test('an odd field is told and takes nothing else with it', async () => {
  const odd = {
    test: 'a',
    result: 'fail',
    time: 'x',
    retry: 1,
    group: [],
    link: {},
    crashes: 'f',
    results: {},
  };
  const { runs, problems } = await read({ ...file, results: [odd] });
  expect(outline(runs[0]!.tests)).toEqual(['fail : a#1']);
  expect(problems.map((text) => text.split(':')[0]).sort()).toEqual(
    ['crashes', 'group', 'link', 'results', 'retry', 'time'].map((key) => `results[0].${key}`),
  );
});

test('a test that passed although a subtest failed has not', async () => {
  const results = [{ test: 'a', result: 'pass', results: [{ test: 'x', result: 'fail' }] }];
  const { runs, notes } = await read({ ...file, results });
  expect(outline(runs[0]!.tests)).toEqual(['fail : a#1 (fail x)']);
  expect(notes).toEqual(['a: says pass, and 1 of its subtests failed: stored as fail']);
});

test('what is no result is told with its place, and the rest is kept', async () => {
  const odd = [
    'x',
    null,
    { test: 7, result: 'pass' },
    { test: 'a', result: 'maybe' },
    { test: 'b', result: 'pass', time: '1.5' },
  ];
  const { runs, problems } = await read({ ...file, results: odd });
  expect(outline(runs[0]!.tests)).toEqual(['pass : b#1']);
  expect(runs[0]!.tests[0]!.durationMs).toBe(1500);
  expect(problems.map((text) => text.split(':')[0])).toEqual([
    'results[0]',
    'results[1]',
    'results[2]',
    'results[3]',
  ]);
});

test('subtests that were retried without their test are told', async () => {
  const results = [{ test: 'a', result: 'fail', results: subtests }];
  const { problems } = await read({ ...file, results });
  expect(problems).toEqual([expect.stringContaining('their retries are not stored')]);
});

test.each([
  ['', 'is empty'],
  ['\x1f\x8bx', 'unpack it first, with gunzip'],
  ['{', 'is no JSON'],
  ['{}', 'is no result file of NIPA: executor'],
  ['[1]', 'is no manifest of NIPA'],
  ['7', 'is no result file'],
  [JSON.stringify({ ...file, start: 'yesterday' }), 'start "yesterday" is no date'],
  ['['.repeat(3_000_000), 'is no JSON'],
])('refuses %.20j', async (content, why) => {
  const bytes = content.startsWith('\x1f') ? Buffer.from(content, 'latin1') : content;
  await expect(readAll(nipa, inMemory(bytes))).rejects.toThrow(why);
});

test('names that are deep, long or of a prototype neither hang nor throw', async () => {
  let deep: object = { test: 'x'.repeat(1_000_000), result: 'pass' };
  for (let i = 0; i < 1000; i++) deep = { test: `${i}\0`, result: 'pass', results: [deep] };
  const content = `{"__proto__":{"executor":"p"},"executor":"__proto__","branch":"constructor","start":"2026-01-01",
    "results":[{"test":"__proto__","group":"constructor","result":"pass","results":[${JSON.stringify(deep)}]}]}`;
  const { runs, problems } = await readAll(nipa, inMemory(content));
  expect(runs[0]!.tests[0]!.subtests).toHaveLength(16);
  expect(problems).toEqual([expect.stringContaining('nested too deep')]);
});
