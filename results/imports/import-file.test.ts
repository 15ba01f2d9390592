// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { aRun, dump } from '../store/test-support.ts';
import { maxResultsOfRun } from './import.ts';
import { importFile } from './import-file.ts';
import { jsonl } from './jsonl.ts';
import { junit } from './junit.ts';
import { log } from './log.ts';
import { nipa } from './nipa.ts';
import { importFormats } from './registry.ts';
import { inMemory, openScratch, outline, quiet, readAll } from './testing.ts';

const nipaFile = (results: unknown[]) => {
  const head = { executor: 'e', branch: 'net-2026-01-01--00-00', start: '2026-01-01 00:00:00+00:00' };
  return inMemory(JSON.stringify({ ...head, results }), 'results.json');
};
const flaky = {
  test: 'a',
  group: 'g',
  result: 'fail',
  retry: 'pass',
  time: 1.5,
  results: [{ test: 'x', result: 'fail' }],
};

test('importing again changes nothing and says so', async () => {
  const { folder, store, into } = await openScratch();
  const file = nipaFile([flaky, flaky]);
  expect(await into(nipa, file)).toMatchObject({
    ...{ runs: { new: 1, known: 0, different: 0 }, tests: { fail: 2, pass: 2 }, subtests: { fail: 2 } },
    ...{ problems: [], refused: null },
  });
  const before = dump(folder);
  expect((await into(nipa, file)).runs).toEqual({ new: 0, known: 1, different: 0 });
  expect(dump(folder)).toEqual(before);
  const [run] = await store.runs({ limit: 9 });
  const { results } = (await store.run(run!.id))!;
  expect(outline(results.map((one) => ({ ...one, logs: [] }))).sort()).toEqual([
    ...['fail g: a [2]#1 (fail x)', 'fail g: a#1 (fail x)', 'pass g: a [2]#2', 'pass g: a#2'],
  ]);
});

test('a retry belongs to what it repeats, also where another one of that name has none', async () => {
  const { store, into } = await openScratch();
  await into(nipa, nipaFile([{ test: 'a', group: 'g', result: 'fail' }, flaky]));
  const [run] = await store.runs({ limit: 9 });
  const { results } = (await store.run(run!.id))!;
  expect(outline(results.map((one) => ({ ...one, logs: [] }))).sort()).toEqual([
    ...['fail g: a [2]#1 (fail x)', 'fail g: a#1', 'pass g: a [2]#2'],
  ]);
});

test('the same run with other results is told and not overwritten', async () => {
  const { folder, into } = await openScratch();
  await into(nipa, nipaFile([flaky]));
  const before = dump(folder);
  const report = await into(nipa, nipaFile([{ ...flaky, retry: 'fail' }]));
  expect(report.runs).toEqual({ new: 0, known: 0, different: 1 });
  expect(report.problems).toEqual([
    { place: '', text: expect.stringContaining('is stored with other results') },
  ]);
  expect(dump(folder)).toEqual(before);
});

test('the same run for another branch is told, not passed over', async () => {
  const { folder, into } = await openScratch();
  const file = nipaFile([flaky]);
  await into(nipa, file);
  const before = dump(folder);
  for (const [options, how] of [
    [{ branch: 'b' }, 'with the branch "net", not "b"'],
    [{ suite: 's' }, 'with the suite "e", not "s"'],
    [{ revision: 'r' }, 'with the revision "net-2026-01-01--00-00", not "r"'],
    [{ variant: { cpus: 4 } }, 'with the cpus "0", not "4"'],
  ] as const)
    expect(await into(nipa, file, options)).toMatchObject({
      ...{ runs: { new: 0, known: 0, different: 1 } },
      problems: [{ text: expect.stringContaining(how) }],
    });
  expect(dump(folder)).toEqual(before);
});

test('names and messages that the store cuts are known again', async () => {
  const { into } = await openScratch();
  const long = 'ü\0'.repeat(5000);
  const results = [
    { ...flaky, test: long, link: `https://example.org/${long.repeat(9)}`, results: [flaky, flaky] },
  ];
  await into(nipa, nipaFile(results));
  expect((await into(nipa, nipaFile(results))).runs.known).toBe(1);
});

test('a stored revision and branch stay where they are, and tell where an imported run stands', async () => {
  const { store, into } = await openScratch();
  const name = 'net-2026-01-01--00-00';
  const live = aRun({ branch: { name: 'net' }, revision: { name, position: 3 } });
  await store.addRun(live, [], { state: 'complete', finishedAt: live.startedAt, reason: '' });
  await into(nipa, nipaFile([flaky]));
  for (const { id } of await store.runs({ limit: 9 })) expect((await store.head(id))!.position).toBe(3);
});

test('--position says where an unknown revision stands', async () => {
  const { store } = await openScratch();
  const file = nipaFile([flaky]);
  await importFile(store, nipa, file.name, async () => file, { revision: 'v7', position: 7 }, quiet);
  expect(await store.head(1)).toMatchObject({ revision: 'v7', position: 7 });
});

test('no run has more results than can be stored at once', async () => {
  const { store } = await openScratch();
  const read = (await readAll(nipa, nipaFile([flaky]))).runs[0]!;
  const many = Array.from({ length: maxResultsOfRun }, () => [read.tests[0]!]);
  const format = {
    ...nipa,
    async *read() {
      yield { type: 'run' as const, run: { ...read, tests: many } };
    },
  };
  const report = await importFile(store, format, 'x', async () => nipaFile([]), {}, quiet);
  expect(report).toMatchObject({ runs: { new: 0 }, refused: 'has more than 200000 results' });
});

test('a file that breaks off keeps the runs before', async () => {
  const { store, into } = await openScratch();
  const runs = [1, 2].map((n) => ({
    ...{
      type: 'run',
      uuid: `${n}1234567-89ab-4cde-8f01-23456789abcd`,
      suite: 's',
      branch: 'b',
      revision: 'r',
    },
    ...{ position: 1, platform: { arch: '', accel: '', cpus: 1, flavour: '', options: '' }, environment: {} },
    ...{ command: '', state: 'complete', reason: '', startedAt: 1_767_600_000_000, finishedAt: null },
  }));
  const whole = runs.flatMap((run) => [JSON.stringify(run), '{"type":"end","tests":0,"subtests":0}']);
  const text = whole.join('\n');
  const cut = await into(jsonl, inMemory(text.slice(0, -10)));
  expect(cut).toMatchObject({
    runs: { new: 1, known: 0 },
    refused: expect.stringContaining('line 4 is no JSON'),
  });
  expect((await store.runs({ limit: 9 })).map(({ uuid }) => uuid)).toEqual([runs[0]!.uuid]);
  expect(await into(jsonl, inMemory(text))).toMatchObject({ runs: { new: 1, known: 1 }, refused: null });
});

test('a bad file is only told', async () => {
  const { store, into } = await openScratch();
  for (const format of importFormats)
    expect(await into(format, inMemory('\x01', 'export-x.json'))).toMatchObject({
      ...{ runs: { new: 0 }, refused: expect.any(String) },
    });
  expect(await store.runs({ limit: 9 })).toEqual([]);
});

test.each([jsonl, junit])('$name: a file that grows beyond what is read is refused', async (format) => {
  const { into } = await openScratch();
  const start = format === junit ? '<testsuite>' : '{"type":"x"';
  const file = { ...inMemory(start + ' '.repeat(2000)), bytes: 1 };
  expect((await into({ ...format, maxBytes: 1000 }, file)).refused).toContain('is too large');
});

test('a log’s problems are listed up to a number', async () => {
  const { into } = await openScratch();
  const lines = Array.from({ length: 1500 }, (_, i) => `ok ${i + 2} - a${i}\nBail out! no\n`);
  const report = await into(log, inMemory(`1..1\n${lines.join('')}`));
  expect(report.problems.length).toBeLessThanOrEqual(1000);
});

test('a time that nobody told is none, and steers no schedule', async () => {
  const { store, into } = await openScratch();
  await into(nipa, nipaFile([{ test: 'a', result: 'pass' }]));
  const [run] = await store.runs({ limit: 1 });
  expect((await store.run(run!.id))!.results[0]!.durationMs).toBeNull();
  const variant = { arch: '', accel: '', cpus: 0, flavour: 'normal', options: '' };
  expect(await store.durations('e', variant)).toEqual([]);
});
