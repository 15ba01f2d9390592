// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { jsonl } from './jsonl.ts';
import { inMemory, openScratch, outline, readAll } from './testing.ts';

const run = {
  ...{ type: 'run', uuid: '01234567-89ab-4cde-8f01-23456789abcd', suite: 'mptcp', branch: 'net-next' },
  ...{
    revision: 'v6.12-1',
    position: 7,
    commit: 'abc',
    branchUrl: 'https://example.org/x.git',
    branchRef: null,
  },
  platform: { arch: 'x86_64', accel: 'kvm', cpus: 2, flavour: 'debug', options: '' },
  environment: { kernel: { config: 'cafe' } },
  ...{ command: 'multitap run mptcp', state: 'complete', reason: '' },
  ...{ startedAt: 1_767_600_000_000, finishedAt: 1_767_600_060_000 },
};
const result = { outcome: 'pass', line: null, message: '', durationMs: 5 };
const one = {
  ...{ type: 'test', collection: 'net/mptcp', name: 'a.sh', attempt: 1, ...result, startedAt: run.startedAt },
  ...{
    cpuMs: null,
    exitCode: 0,
    signal: null,
    timeoutMs: 90_000,
    vm: 0,
    problems: [],
    logs: [{ hash: 'x' }],
  },
};
const part = {
  ...{ type: 'subtest', collection: 'net/mptcp', test: 'a.sh', attempt: 1, name: 'x', ...result },
  markedFlaky: true,
};
const end = (tests: number, subtests: number) => ({ type: 'end', tests, subtests });
const read = (...lines: unknown[]) =>
  readAll(
    jsonl,
    inMemory(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')),
  );

test('a run keeps its UUID, its place and its words', async () => {
  const { runs, notes, problems } = await read(run, one, part, end(1, 1));
  expect(outline(runs[0]!.tests)).toEqual(['pass net/mptcp: a.sh#1 (pass x)']);
  expect(runs[0]).toMatchObject({
    start: {
      ...{ uuid: run.uuid, branch: { name: 'net-next', url: 'https://example.org/x.git' } },
      ...{ revision: { name: 'v6.12-1', position: 7, commit: 'abc' }, variant: run.platform },
      environment: { kernel: { config: 'cafe' }, originalCommand: 'multitap run mptcp' },
      command: 'multitap import jsonl file',
    },
    end: { state: 'complete', finishedAt: run.finishedAt },
  });
  expect(runs[0]!.tests[0]!.subtests[0]!.markedFlaky).toBe(true);
  expect(notes).toEqual(['line 1: 1 logs are named and not part of an export']);
  expect(problems).toEqual([]);
});

test('several exports in one file', async () => {
  const uuid = run.uuid.replace('0', '1');
  const { runs } = await read(run, one, end(1, 0), '', { ...run, uuid, state: 'error' }, end(0, 0));
  expect(runs.map(({ end, tests }) => `${end.state} ${tests.length}`)).toEqual(['complete 1', 'error 0']);
});

test('attempts of a test are one after the other; another test of its name is another', async () => {
  const lines = [one, { ...one, attempt: 2 }, one].flatMap((test) => [
    test,
    { ...part, attempt: test.attempt },
  ]);
  const { store, into } = await openScratch();
  const text = [run, ...lines, end(3, 3)].map((line) => JSON.stringify(line)).join('\n');
  expect(await into(jsonl, inMemory(text))).toMatchObject({ runs: { new: 1 }, problems: [] });
  const { results } = (await store.run(1))!;
  expect(outline(results.map((result) => ({ ...result, logs: [] }))).sort()).toEqual([
    ...['pass net/mptcp: a.sh [2]#1 (pass x)', 'pass net/mptcp: a.sh#1 (pass x)'],
    'pass net/mptcp: a.sh#2 (pass x)',
  ]);
});

test('of a run that was cut, wherever, nothing is stored, so that the whole one can be', async () => {
  const { store, into } = await openScratch();
  const lines = [run, one, part, { ...one, attempt: 2 }, { ...part, attempt: 2 }, end(2, 2)];
  const text = lines.map((line) => JSON.stringify(line)).join('\n');
  for (let cut = JSON.stringify(run).length; cut < text.length; cut += 7) {
    const report = await into(jsonl, inMemory(text.slice(0, cut)));
    expect(report.runs).toEqual({ new: 0, known: 0, different: 0 });
    expect(report.refused ?? report.problems[0]!.text).toMatch(/is no JSON|it has no end/);
  }
  for (let n = 1; n < lines.length - 1; n++) {
    const without = lines.filter((_, i) => i !== n).map((line) => JSON.stringify(line));
    expect((await into(jsonl, inMemory(without.join('\n')))).runs.new).toBe(0);
  }
  expect((await into(jsonl, inMemory(text))).runs.new).toBe(1);
  expect((await store.head(1))!.state).toBe('complete');
});

test('a run that was still running is told, and comes when it is over', async () => {
  const { runs, problems } = await read({ ...run, state: 'running', finishedAt: null }, one, end(1, 0));
  expect(runs).toEqual([]);
  expect(problems).toEqual([expect.stringContaining('export it when it is over')]);
});

test('lines that are wrong are told with their number, and their run is not stored', async () => {
  const { runs, problems } = await read(
    ...[run, one, { ...one, attempt: 0 }, { ...part, outcome: 'fine' }, { type: 'x' }],
    ...[{ ...part, test: 'b.sh' }, end(2, 2), one],
  );
  expect(runs).toEqual([]);
  expect(problems.map((text) => text.split(':')[0])).toEqual([
    ...['line 3', 'line 4', 'line 5', 'line 6', 'line 8', 'line 1'],
  ]);
});

let deep: unknown = 1;
for (let i = 0; i < 40; i++) deep = [deep];
test.each([
  [[''], 'is empty'],
  [[one], 'line 1 comes before any run'],
  [['{'], 'line 1 is no JSON'],
  [['[]'], 'line 1 is no object'],
  [[{ ...run, uuid: 'x' }], 'line 1 is no run of multitap: uuid'],
  [[{ ...run, environment: { deep } }], 'environment: no object of at most 32 levels'],
  [[{ ...run, startedAt: 1e300 }], 'startedAt'],
  [['\n\n'], 'holds no run'],
])('refuses %.60j', async (lines, why) => {
  await expect(read(...lines)).rejects.toThrow(why);
});

test('what comes before a bad line is told first', async () => {
  const found: string[] = [];
  const lines = [run, one, end(1, 0), { ...run, uuid: run.uuid.replace('0', '1') }, '{'];
  const file = inMemory(
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  );
  const all = async () => {
    for await (const event of jsonl.read(file, {})) found.push(event.type);
  };
  await expect(all()).rejects.toThrow('line 5');
  expect(found).toContain('run');
});

test('a line without an end is refused before it fills the memory', async () => {
  const file = inMemory('');
  const endless = {
    ...file,
    async *chunks() {
      for (;;) yield Buffer.alloc(1024 * 1024, 'x');
    },
  };
  await expect(readAll(jsonl, endless)).rejects.toThrow('has a line of more than 16 MiB');
});

test('a file that grows while it is read is refused all the same', async () => {
  const small = { ...jsonl, maxBytes: 2000 };
  const text = [run, ...Array(20).fill(one), end(20, 0)].map((line) => JSON.stringify(line)).join('\n');
  await expect(readAll(small, { ...inMemory(text), bytes: 1 })).rejects.toThrow('is too large');
});

test('a file may be called what it likes', async () => {
  const lines = [run, end(0, 0)].map((line) => JSON.stringify(line)).join('\n');
  const { runs } = await readAll(jsonl, inMemory(lines, "-x'; rm -rf .jsonl"));
  expect(runs[0]!.start.command).toBe("multitap import jsonl './-x'\\''; rm -rf .jsonl'");
});
