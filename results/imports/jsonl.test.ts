// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { jsonl } from './jsonl.ts';
import { inMemory, outline, readAll } from './testing.ts';

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
const read = (...lines: unknown[]) =>
  readAll(
    jsonl,
    inMemory(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')),
  );

test('a run keeps its UUID, its place and its words', async () => {
  const { runs, notes, problems } = await read(run, one, part);
  expect(outline(runs[0]!.tests)).toEqual(['pass net/mptcp: a.sh#1 (pass x)']);
  expect(runs[0]).toMatchObject({
    start: {
      ...{ uuid: run.uuid, branch: { name: 'net-next', url: 'https://example.org/x.git' } },
      ...{ revision: { name: 'v6.12-1', position: 7, commit: 'abc' }, variant: run.platform },
      ...{ environment: { kernel: { config: 'cafe' } }, command: 'multitap run mptcp' },
    },
    end: { state: 'complete', finishedAt: run.finishedAt },
  });
  expect(runs[0]!.tests[0]!.subtests[0]!.markedFlaky).toBe(true);
  expect(notes).toEqual(['line 1: 1 logs are named and not part of an export']);
  expect(problems).toEqual([]);
});

test('several exports in one file; one that was running is incomplete', async () => {
  const uuid = run.uuid.replace('0', '1');
  const { runs } = await read(run, one, '', { ...run, uuid, state: 'running', finishedAt: null });
  expect(runs.map(({ end, tests }) => `${end.state} ${tests.length}`)).toEqual([
    'complete 1',
    'incomplete 0',
  ]);
});

test('lines that are wrong are told with their number', async () => {
  const { runs, problems } = await read(
    ...[run, one, { ...one, attempt: 0 }, { ...part, outcome: 'fine' }, { type: 'x' }],
    { ...part, test: 'b.sh' },
  );
  expect(runs[0]!.tests).toHaveLength(1);
  expect(problems.map((text) => text.split(':')[0])).toEqual(['line 3', 'line 4', 'line 5', 'line 6']);
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
  const lines = [run, one, { ...run, uuid: run.uuid.replace('0', '1') }, '{'];
  const file = inMemory(
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  );
  const all = async () => {
    for await (const event of jsonl.read(file, {})) found.push(event.type);
  };
  await expect(all()).rejects.toThrow('line 4');
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
