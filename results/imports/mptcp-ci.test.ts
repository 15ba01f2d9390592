// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { mptcpCi } from './mptcp-ci.ts';
import { inMemory, outline, readAll } from './testing.ts';

const run = {
  ...{ run_id: '100', tag: 'export/20241017T090159' },
  results: {
    selftest_mptcp_join_subtests: {
      12: { result: 'fail', name: 'mptcp_join: fastclose', time_ms: '7242' },
      3: { result: 'flaky', name: 'mptcp_join: simult', comment: 'IGNORE Flaky' },
    },
    packetdrill_dss: { 16: { result: 'flaky', name: 'packetdrill: a.pkt', comment: 'time=31ms' } },
  },
};
const read = (elements: unknown, name = 'export-debug.json') =>
  readAll(mptcpCi, inMemory(JSON.stringify(elements), name));

test('what is listed is stored, and nothing else', async () => {
  const { runs, problems, notes } = await read([run, { ...run, run_id: '101', results: {} }]);
  expect([problems, notes]).toEqual([[], []]);
  expect(outline(runs[0]!.tests)).toEqual([
    'fail net/mptcp: mptcp_join.sh#1 (xfail mptcp_join: simult, fail mptcp_join: fastclose)',
    'xfail packetdrill: dss#1 (xfail packetdrill: a.pkt)',
  ]);
  expect(runs[0]!.tests[0]!.subtests).toMatchObject([
    { markedFlaky: true },
    { markedFlaky: false, durationMs: 7242 },
  ]);
  expect(runs[0]!.tests[1]!.subtests[0]!.durationMs).toBe(31);
  expect(runs[1]!.tests).toEqual([]);
  expect(runs[0]!.end.state).toBe('complete');
});

test('a test and its subtests are in two files and one test', async () => {
  const results = {
    selftest_mptcp_join: {
      7: { result: 'fail', name: 'test: selftest_mptcp_join', comment: 'FAIL', time_ms: 9 },
    },
    selftest_mptcp_join_subtests: run.results.selftest_mptcp_join_subtests,
    selftest_diag_subtests: { 1: { result: 'flaky', name: 'diag: x' } },
    selftest_diag: { 1: { result: 'flaky', name: 'selftest_diag' } },
    mptcp_connect_mmap: { 1: { result: 'fail', name: 'test: mptcp_connect_mmap' } },
    mptcp_connect_mmap_subtests: { 1: { result: 'flaky', name: 'mptcp_connect_mmap: y' } },
    'bpftest_test_progs-cpuv4_mptcp': { 1: { result: 'fail', name: 'test: bpftest_test_progs-cpuv4_mptcp' } },
  };
  const { runs } = await read([{ ...run, results }]);
  const { tests, start } = runs[0]!;
  expect(outline(tests)).toEqual([
    'fail net/mptcp: mptcp_join.sh#1 (xfail mptcp_join: simult, fail mptcp_join: fastclose)',
    'xfail net/mptcp: diag.sh#1 (xfail diag: x)',
    'fail net/mptcp: mptcp_connect_mmap.sh#1 (xfail mptcp_connect_mmap: y)',
    'fail mptcp-ci: bpftest_test_progs-cpuv4_mptcp#1',
  ]);
  expect(tests[0]).toMatchObject({
    durationMs: 9,
    message: expect.stringMatching(/^FAIL\n1 failed, 1 marked/),
  });
  expect(start.environment.files).toEqual(Object.keys(results));
});

test('endless files without results are refused', async () => {
  const results = Object.fromEntries(Array.from({ length: 200_001 }, (_, i) => [`f${i}`, 0]));
  await expect(read([{ ...run, results }])).rejects.toThrow('[0] has more than 200000 results');
}, 120_000);

test('the file’s name tells mode and branch, the tag the date', async () => {
  const { runs } = await read([run]);
  expect(runs[0]!.start).toMatchObject({
    ...{
      suite: 'mptcp',
      branch: { name: 'export' },
      variant: { flavour: 'debug' },
      revision: { name: run.tag },
    },
    startedAt: Date.UTC(2024, 9, 17, 9, 1, 59),
  });
  const net = (await read([run], 'export-net-btf-debug.json')).runs[0]!.start;
  expect([net.branch.name, net.variant.flavour]).toEqual(['export-net', 'btf-debug']);
  expect(net.uuid).not.toBe(runs[0]!.start.uuid);
  await expect(read([run], 'history.json')).rejects.toThrow('tells no mode');
});

test('a run that says error is not complete', async () => {
  const of = async (error: string) => (await read([{ ...run, error }])).runs[0]!.end;
  expect(await of('all')).toMatchObject({ state: 'error', reason: expect.stringContaining('error: all') });
  expect(await of('all - all')).toMatchObject({ state: 'error' });
  expect(await of('Global Timeout')).toMatchObject({ state: 'incomplete', reason: 'Global Timeout' });
});

test('a tag without a date: that of the run before it by number, and told', async () => {
  const at = (run_id: string, tag: string) => ({ run_id, tag, results: {} });
  const { runs, notes } = await read([
    ...[at('150', 'export'), at('90', 'export')],
    ...[at('100', 'export/20240101T000000'), at('200', 'export/20240301T000000')],
  ]);
  expect(runs.map(({ start }) => [start.revision.name, new Date(start.startedAt).getUTCMonth()])).toEqual([
    ...[
      ['export (run 150)', 0],
      ['export (run 90)', 0],
    ],
    ...[
      ['export/20240101T000000', 0],
      ['export/20240301T000000', 2],
    ],
  ]);
  expect(notes).toHaveLength(2);
  expect((await read([at('1', 'export')])).problems).toEqual([expect.stringContaining('tells no date')]);
});

test('empty runs and what is none are told', async () => {
  const { runs, problems, notes } = await read([{}, 7, { run_id: 5, tag: 'x' }, run]);
  expect(runs).toHaveLength(1);
  expect(problems.map((text) => text.split(':')[0])).toEqual(['[1]', '[2]']);
  expect(notes).toEqual(['[0]: an empty run, which says nothing: not stored']);
});

test('results that are none are told with their place', async () => {
  const results = { a: { 1: { result: 'pass', name: 'x' }, 2: null }, b: [], c: 'x', __proto__: null };
  const { runs, problems } = await read([{ ...run, results }]);
  expect(runs[0]!.tests).toEqual([]);
  expect(problems.map((text) => text.split(': ')[0])).toEqual([
    ...['[0].results.a.1', '[0].results.a.2', '[0].results.a', '[0].results.b', '[0].results.c'],
  ]);
});

test('refuses what is no array', async () => {
  await expect(read({ run })).rejects.toThrow('an array of runs was expected');
});
