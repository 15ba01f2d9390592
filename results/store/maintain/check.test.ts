// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkStore, openStore } from '../index.ts';
import { type PackedResult, packRun, unpackRun } from '../pack/run.ts';
import { aRun, aSubtest, aTest, dayMs, morning, scratch, tamper } from '../test-support.ts';

test('a store that another process writes to is not damaged', async ({ onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  const script = path.join(import.meta.dirname, '../test-child-runs.ts');
  const child = spawn(process.execPath, [script, directory, '5000'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'close');
  await once(child.stdout, 'data');
  const seen: number[] = [];
  while (child.exitCode === null) {
    const { problems, runs } = await checkStore(directory, { content: false });
    expect(problems).toEqual([]);
    seen.push(runs);
  }
  expect(await gone).toEqual([0, null]);
  // It was looked at while it grew, and had histories to look at.
  expect(new Set(seen).size).toBeGreaterThan(2);
  expect(seen.at(-1)).toBeGreaterThan(64);
}, 60_000);

/** 84 runs with retries that ended, and one that goes on. */
async function filled(directory: string): Promise<void> {
  const store = await openStore(directory);
  const end = { state: 'complete' as const, finishedAt: morning, reason: '' };
  for (let n = 0; n < 85; n++) {
    const start = aRun({ startedAt: morning + ((n * 37) % 85) * dayMs });
    const subtests = [
      aSubtest('x', { outcome: n % 5 === 0 ? 'fail' : 'pass', message: 'why' }),
      aSubtest('y'),
    ];
    const tests = [aTest({ outcome: 'timeout', subtests }), aTest({ attempt: 2, subtests })];
    if (n < 84) await store.addRun(start, tests, end);
    else {
      await store.startRun(start);
      await store.addTest(start.uuid, tests[0]!);
    }
  }
  await store.close();
}

let whole: string;
beforeAll(async () => {
  whole = await mkdtemp(path.join(tmpdir(), 'multitap-store-'));
  await filled(whole);
});
afterAll(() => rm(whole, { recursive: true }));

type Damage = (directory: string) => void;

const sql =
  (statement: string): Damage =>
  (directory) =>
    tamper(directory, `PRAGMA foreign_keys = OFF; ${statement}`);

/** The results of run 3 as somebody else might have packed them: another second attempt of the test. */
function repacked(change: (test: PackedResult) => void): Damage {
  return (directory) => {
    const database = new Database(path.join(directory, 'multitap.db'));
    const data = database.prepare<[], Buffer>('SELECT data FROM packed_run WHERE run = 3').pluck().get()!;
    const results = unpackRun(data);
    change(results[3]!);
    database.prepare('UPDATE packed_run SET data = ? WHERE run = 3').run(packRun(results));
    database.close();
  };
}

test.for<[what: string, damage: Damage, problem: RegExp]>([
  [
    'results that are gone',
    sql('DELETE FROM packed_run WHERE run = 3'),
    /^run 3 has ended, and its results are not/,
  ],
  [
    'a number of results',
    sql('UPDATE packed_run SET results = 7 WHERE run = 3'),
    /^run 3 should have 7 .* has 6$/,
  ],
  [
    'a failure too few',
    sql('DELETE FROM failure WHERE run = 6 AND attempt = 2'),
    /^the failures of run 6 are not/,
  ],
  [
    'a failure too many',
    sql('INSERT INTO failure VALUES (3, 1, 9, 1)'),
    /^the failures of run 3 are not those/,
  ],
  [
    'a failure that says another',
    sql('UPDATE failure SET outcome = 6 WHERE run = 6'),
    /^the failures of run 6/,
  ],
  ['a sum of a run', sql('UPDATE run_count SET pass = 9 WHERE run = 3'), /^the counts of run 3 \(level 0\)/],
  [
    'a sum of one that goes on',
    sql('UPDATE run_count SET pass = 9 WHERE run = 85'),
    /^the counts of run 85 /,
  ],
  ['a sum that is gone', sql('DELETE FROM run_count WHERE run = 85'), /^the counts of run 85 \(level 0\)/],
  [
    'an outcome of one that goes on',
    sql('UPDATE result SET outcome = 12'),
    /^a result of run 85 has the outcome 12/,
  ],
  [
    'a number of runs',
    sql('UPDATE place SET runs = 85'),
    /^place 1 should have 85 runs that ended, and has 84$/,
  ],
  ['what is folded', sql('UPDATE place SET folded = 64'), /^place 1 has 84 runs, of which 64 cannot/],
  [
    'a run without a place',
    sql('UPDATE place SET suite = suite || 1'),
    /^place 1 should have 84 runs .* has 0$/,
  ],
  [
    'a seq twice',
    sql('DROP INDEX run_by_seq; UPDATE run SET seq = 3 WHERE seq = 4'),
    /^two runs of place 1 have the same seq/,
  ],
  [
    'a gap in seq',
    sql('UPDATE run SET seq = 99 WHERE seq = 83'),
    /^the runs of place 1 are not numbered from 0 to 83$/,
  ],
  [
    'one that is over twice',
    sql('UPDATE run SET seq = NULL WHERE seq = 83'),
    /^run 84 goes on, and is packed already$/,
  ],
  [
    'rows that are left',
    sql('INSERT INTO result VALUES (3, 1, 1, 0, 0, 0, 0, 0)'),
    /^run 3 is packed, and has rows/,
  ],
  [
    'a message of nothing',
    sql("INSERT INTO message VALUES (NULL, 3, 1, 9, '')"),
    /^a row of message of run 3 belongs/,
  ],
  [
    'a message that cannot be found',
    sql("INSERT INTO message_search (message_search) VALUES ('delete-all')"),
    /^\d+ of the newest \d+ rows are not in message_search$/,
  ],
  [
    'an execution of nothing',
    sql('UPDATE execution SET attempt = 5 WHERE run = 85'),
    /^a row of execution of run 85/,
  ],
  [
    'a piece of no series',
    sql("UPDATE history SET data = x'0005' WHERE piece = 1"),
    /series 1 \(piece 1\) is not what/,
  ],
  [
    'a piece that ends early',
    sql("UPDATE history SET data = x'00'"),
    /\(piece 0\) cannot be unpacked: .* early$/,
  ],
  [
    'a word that is none',
    sql("UPDATE history SET data = x'000c'"),
    /cannot be unpacked: outcome 12 is none$/,
  ],
  [
    'totals',
    sql("UPDATE history SET totals = x'05' WHERE piece = 1"),
    /series 1 \(piece 1\) is not what its runs say/,
  ],
  [
    'the newest',
    sql('UPDATE history SET newest_outcome = 8'),
    /series 1 \(piece 0\) is not what its runs say$/,
  ],
  ['a piece that is gone', sql('DELETE FROM history WHERE piece = 0'), /series 1 \(piece 0\) is not there$/],
  [
    'a piece too many',
    sql("INSERT INTO history VALUES (1, 7, x'00', x'', 1, 1, 0)"),
    /^1 pieces of histories are of no run$/,
  ],
  [
    'a duration',
    repacked((one) => Object.assign(one, { durationMs: 1 })),
    /the history of series 1 \(piece 0\) is not/,
  ],
  [
    'a series of nowhere',
    repacked((one) => Object.assign(one, { series: 99 })),
    /^run 3 has a result of series 99, which/,
  ],
  [
    'an outcome',
    repacked((one) => Object.assign(one, { outcome: 11 })),
    /^the results of run 3 .* outcome 11 is none$/,
  ],
])('check finds what is wrong: %s', async ([, damage, problem], { onTestFinished }) => {
  const directory = await scratch(onTestFinished);
  await copyFile(path.join(whole, 'multitap.db'), path.join(directory, 'multitap.db'));
  expect(await checkStore(directory, { content: true })).toMatchObject({ problems: [], runs: 85 });
  damage(directory);
  const { problems } = await checkStore(directory, { content: true });
  expect(problems).toContainEqual(expect.stringMatching(problem));
});
