// SPDX-License-Identifier: GPL-2.0-only
import { stat } from 'node:fs/promises';
import path from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { type Outcome, outcomes } from '../../words.ts';
import { checkStore, openStore } from '../index.ts';
import { aRun, aSubtest, aTest, dayMs, dump, morning, scratch, tamper } from '../test-support.ts';
import { olderCopy, olderStore } from './older-store.ts';

const uuid = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
const noCounts = '0, 0, 0, 0, 0, 0, 0, 0, 0';

/** What the version before recorded: a run with a retry, one that was cut, and one that goes on. */
const rows = [
  "INSERT INTO branch VALUES (1, 'net', NULL, NULL)",
  "INSERT INTO revision VALUES (1, 1, 'v1', 1, NULL)",
  "INSERT INTO variant VALUES (1, 'x86_64 kvm 2cpu normal', 'x86_64', 'kvm', 2, 'normal', '')",
  "INSERT INTO test VALUES (1, 'mptcp', 'net/mptcp', 'a.sh'), (2, 'mptcp', 'net/mptcp', 'b.sh')",
  "INSERT INTO name VALUES (1, 1, ''), (2, 1, 'x'), (3, 2, '')",
  'INSERT INTO series VALUES (1, 1, 1, 1, 3, 0, 0), (2, 1, 1, 2, 1, 0, 0), (3, 1, 1, 3, 2, 0, 7)',
  `INSERT INTO run VALUES
    (1, '${uuid(1)}', 'mptcp', 1, 1, 1, 1, '', ${morning}, ${morning + 9}, 1),
    (2, '${uuid(2)}', 'mptcp', 1, 1, 1, 2, 'cut', ${morning + 10}, ${morning + 19}, 1),
    (3, '${uuid(3)}', 'mptcp', 1, 1, 1, 0, '', ${morning + 20}, NULL, 1)`,
  "INSERT INTO run_detail VALUES (1, '{}', ''), (2, '{}', ''), (3, '{}', '')",
  `INSERT INTO run_count VALUES (1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0), (1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0),
    (2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0), (2, 1, ${noCounts}),
    (3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0), (3, 1, ${noCounts})`,
  `INSERT INTO result VALUES
    (1, 1, 1, 1, 500, 0, NULL, 0), (1, 2, 1, 1, NULL, 1, 7, 0),
    (1, 1, 2, 0, 400, 0, NULL, 0), (1, 2, 2, 0, 10, 1, 8, 1),
    (2, 3, 1, 7, NULL, 0, NULL, 0), (3, 1, 1, 0, 600, 0, NULL, 0)`,
  `INSERT INTO execution VALUES (1, 1, 1, ${morning + 1}, 5, 1, NULL, 9000, 0),
    (1, 1, 2, ${morning + 2}, 5, 0, NULL, 9000, 1), (3, 1, 1, ${morning + 21}, 5, 0, NULL, 9000, 0)`,
  "INSERT INTO message VALUES (1, 1, 1, 'exit code 1'), (1, 2, 1, 'why'), (2, 3, 1, 'planned, but never reported')",
  "INSERT INTO problem VALUES (1, 1, 1, 0, 3, 'what is this')",
  "INSERT INTO crash VALUES (1, 'warn:1', 'warn', 'WARNING in foo', '[]')",
  'INSERT INTO occurrence VALUES (1, 1, 1, 0, 1, 4, 0)',
];

async function older(directory: string): Promise<void> {
  const database = await olderStore(directory);
  for (const row of rows) database.exec(row);
  database.close();
}

test('what an older version recorded is all there', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  await older(directory);
  const store = await openStore(directory);
  expect(await store.run(1)).toMatchObject({
    ...{ state: 'complete', tests: { pass: 1 }, subtests: { pass: 1 } },
    results: [
      {
        ...{ name: 'a.sh', attempt: 1, outcome: 'fail', durationMs: 500, message: 'exit code 1', vm: 0 },
        ...{ problems: [{ line: 3, text: 'what is this' }], crashes: [{ title: 'WARNING in foo' }] },
        subtests: [
          { name: 'x', outcome: 'fail', durationMs: null, line: 7, message: 'why', markedFlaky: false },
        ],
      },
      {
        ...{ name: 'a.sh', attempt: 2, outcome: 'pass', durationMs: 400, message: '', vm: 1 },
        subtests: [{ name: 'x', outcome: 'pass', durationMs: 10, line: 8, markedFlaky: true }],
      },
    ],
  });
  expect(await store.run(2)).toMatchObject({
    state: 'incomplete',
    results: [{ name: 'b.sh', outcome: 'missing' }],
  });
  expect(await store.run(3)).toMatchObject({
    state: 'running',
    results: [{ name: 'a.sh', outcome: 'pass' }],
  });
  expect(await store.history(1, 10)).toMatchObject({
    counts: { pass: 2, fail: 0 },
    points: [
      { runId: 3, durationMs: 600, attempts: 1 },
      { runId: 1, durationMs: 400, attempts: 2 },
    ],
    subtests: [{ name: 'x', outcome: 'pass', runs: 1, bad: 0 }],
  });
  expect((await store.failures(1)).map(({ test, subtest }) => `${test} ${subtest}`)).toEqual([
    'a.sh ',
    'a.sh x',
  ]);

  // The one that went on goes on.
  await store.finishRun(uuid(3), { state: 'complete', finishedAt: morning + 30, reason: '' });
  await store.close();
  expect((await checkStore(directory, { content: true })).problems).toEqual([]);
  expect(dump(directory).result).toEqual([]);
});

/** Run `n`, with retries, and a subtest that few have. */
function recorded(n: number, change: object) {
  const outcome = (salt: number): Outcome => outcomes[(n * 7 + salt * 5) % outcomes.length]!;
  const start = aRun({ startedAt: morning + n * dayMs, revision: { name: `v${n}`, position: n }, ...change });
  const subtests = Array.from({ length: 5 }, (_, i) =>
    aSubtest(`part ${i}`, { outcome: outcome(i), line: n % 3 === 0 ? null : n * 10 + i, durationMs: n + i }),
  );
  if (n % 20 === 3) subtests.push(aSubtest('rare', { markedFlaky: true, durationMs: null }));
  const first = aTest({ outcome: outcome(9), subtests, message: n % 2 ? 'why' : '' });
  const again = n % 4 === 0 ? [aTest({ attempt: 2, outcome: 'pass', subtests: subtests.slice(1) })] : [];
  return { start, tests: [first, ...again, aTest({ name: 'b.sh', outcome: outcome(3) })] };
}

/** Two places: one with 100 runs, one with 20, and a run that goes on. */
async function filled(directory: string): Promise<void> {
  const store = await openStore(directory);
  const end = { state: 'complete' as const, finishedAt: morning, reason: '' };
  for (let n = 0; n < 120; n++) {
    const { start, tests } = recorded(n, n % 6 === 5 ? { branch: { name: 'net' } } : {});
    await store.addRun(start, tests, end);
  }
  const { start, tests } = recorded(500, {});
  await store.startRun(start);
  await store.addTest(start.uuid, tests[0]!);
  await store.close();
}

/** All tables but what SQLite makes of them, and the numbers that messages got in the order in which they came. */
function recordedRows(directory: string): Record<string, unknown[]> {
  const { kysely_migration: _, message, ...tables } = dump(directory);
  const own = Object.entries(tables).filter(([name]) => !/^(message|name)_search/.test(name));
  const key = ({ run, series, attempt }: Message) => run * 1e9 + series * 100 + attempt;
  const messages = (message as Message[]).map(({ id: __, ...row }) => row).sort((a, b) => key(a) - key(b));
  return { ...Object.fromEntries(own), message: messages };
}

type Message = { id?: number; run: number; series: number; attempt: number };

test('120 runs that an older version recorded become what they would be had they come today', async ({
  onTestFinished,
}) => {
  const [today, old] = [await scratch(onTestFinished), await scratch(onTestFinished)];
  await filled(today);
  await olderCopy(today, old);
  await (await openStore(old)).close();
  const [wanted, found] = [recordedRows(today), recordedRows(old)];
  expect(found.history).toHaveLength(wanted.history!.length);
  expect(found).toEqual(wanted);
  expect((await checkStore(old, { content: true })).problems).toEqual([]);
}, 60_000);

test('what the rows took is given back', async ({ onTestFinished }) => {
  const [today, old] = [await scratch(onTestFinished), await scratch(onTestFinished)];
  const store = await openStore(today);
  const subtests = Array.from({ length: 5000 }, (_, i) => aSubtest(`part ${i}`, { durationMs: i }));
  for (let n = 0; n < 60; n++) {
    const end = { state: 'complete' as const, finishedAt: morning, reason: '' };
    await store.addRun(aRun({ startedAt: morning + n * dayMs }), [aTest({ subtests })], end);
  }
  await store.close();
  await olderCopy(today, old);
  const file = path.join(old, 'multitap.db');
  const before = (await stat(file)).size;
  await (await openStore(old)).close();
  expect((await stat(file)).size).toBeLessThan(before / 3);
  const database = new Database(file, { readonly: true });
  expect(database.pragma('freelist_count', { simple: true })).toBeLessThan(100);
  database.close();
}, 60_000);

test('a run that an older process closes after the tables were changed is packed at the next opening', async ({
  onTestFinished,
}) => {
  const directory = await scratch(onTestFinished);
  await older(directory);
  await (await openStore(directory)).close();
  // What finishRun of the version before came to, where every planned test had reported.
  tamper(directory, `UPDATE run SET state = 1, finished_at = ${morning + 30} WHERE id = 3`);
  const reader = await openStore(directory, { readOnly: true });
  expect(await reader.run(3)).toMatchObject({ state: 'complete', results: [{ name: 'a.sh' }] });
  await reader.close();
  await (await openStore(directory)).close();
  expect(dump(directory).result).toEqual([]);
  expect(dump(directory).run).toContainEqual(expect.objectContaining({ id: 3, seq: 2 }));
  const store = await openStore(directory);
  expect(await store.run(3)).toMatchObject({ tests: { pass: 1 }, results: [{ name: 'a.sh' }] });
  await store.close();
  expect((await checkStore(directory, { content: true })).problems).toEqual([]);
});
