// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { aSubtest, aTest, hostileTests, stored, written } from './testing.ts';

// CSV and JSON Lines: a record for each attempt of each test and subtest.

async function exported(format: string, tests: Parameters<typeof stored>[0]): Promise<string> {
  const { source, end } = await stored(tests);
  onTestFinished(end);
  return written(format, source);
}

/** RFC 4180, strictly: what is not of its grammar throws. */
function parseCsv(text: string): string[][] {
  const records: string[][] = [[]];
  let rest = text;
  while (rest !== '') {
    const match = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest);
    if (!match) throw new Error(`no field: ${rest.slice(0, 40)}`);
    records.at(-1)!.push((match[1] ?? match[2]!).replaceAll('""', '"'));
    if (match[3] !== ',') records.push([]);
    rest = rest.slice(match[0].length);
  }
  expect(records.pop()).toEqual([]);
  return records;
}

const tests = [
  aTest('a.sh', 'fail', {
    message: 'say "no",\nthen leave',
    subtests: [aSubtest('=cmd()', 'xfail', { markedFlaky: true, durationMs: 46, line: 3 })],
  }),
];

test('csv: a header, quotes where they are needed, no formulas', async () => {
  const [header, test, subtest, ...more] = parseCsv(await exported('csv', tests));
  expect(header!.slice(5)).toEqual([
    ...['collection', 'test', 'subtest', 'attempt', 'outcome', 'duration_ms', 'started_at'],
    ...['marked_flaky', 'line', 'message'],
  ]);
  expect(test!.slice(5)).toEqual([
    ...['net/mptcp', 'a.sh', '', '1', 'fail', '1500', '2026-01-05T08:00:01.000Z', '0', ''],
    'say "no",\nthen leave',
  ]);
  expect(subtest!.slice(7)).toEqual([
    "'=cmd()",
    '1',
    'xfail',
    '46',
    '2026-01-05T08:00:01.000Z',
    '1',
    '3',
    '',
  ]);
  expect(more).toEqual([]);
});

test('jsonl: the run, the test, its subtest', async () => {
  const lines = (await exported('jsonl', tests)).split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { type: 'run', branch: 'net-next', suite: 'mptcp', tests: { fail: 1 }, platform: { accel: 'kvm' } },
    {
      type: 'test',
      collection: 'net/mptcp',
      name: 'a.sh',
      outcome: 'fail',
      message: 'say "no",\nthen leave',
    },
    { type: 'subtest', test: 'a.sh', attempt: 1, name: '=cmd()', outcome: 'xfail', line: 3 },
    { type: 'end', tests: 1, subtests: 1 },
  ]);
});

test('whatever names and messages are, every attempt is one record', async () => {
  await fc.assert(
    fc.asyncProperty(hostileTests, async (list) => {
      const { source, end } = await stored(list);
      try {
        const names: string[] = [];
        for await (const attempts of source.tests()) {
          for (const { name, subtests } of attempts) names.push(name, ...subtests.map((one) => one.name));
        }
        const [, ...records] = parseCsv(await written('csv', source));
        expect(records.map(({ length }) => length)).toEqual(names.map(() => 15));
        const lines = (await written('jsonl', source)).split(/[\n\u2028\u2029]/).slice(1, -2);
        expect(lines.map((line) => JSON.parse(line).name)).toEqual(names);
      } finally {
        await end();
      }
    }),
    { numRuns: 30 },
  );
}, 60_000);
