// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkStore, openStore } from '../results/store/index.ts';
import { folderForTest, multitap, root, until } from './support/program.ts';

test('multitap import: summary on standard output, problems on standard error, 2 for what is refused', async () => {
  const folder = await folderForTest('import');
  const data = join(folder, 'data');
  const good = join(folder, 'good.log');
  const bad = join(folder, 'bad.log');
  await writeFile(good, '1..3\nok 1 - a\nnot ok 2 - b\n');
  await writeFile(bad, 'nothing\n');
  const variant = ['--variant', 'arch=x86_64 cpus=2 flavour=debug mitigations=off', '--branch', 'net'];
  const first = await multitap([
    'import',
    'log',
    bad,
    good,
    join(folder, 'none'),
    ...variant,
    '--data',
    data,
  ]);
  expect(first.exitCode).toBe(2);
  expect(first.stdout).toBe(
    [
      `${bad}: refused`,
      `${good}: runs: 1 new, 0 known; tests: 1 pass, 1 fail, 1 missing; subtests: nothing`,
      `${join(folder, 'none')}: refused`,
    ].join('\n'),
  );
  expect(first.stderr).toContain(`multitap: ${bad} holds no result and no crash, in 1 lines`);
  expect(first.stderr).toContain('1 results (missing) are counted without a name');

  const again = await multitap(['import', 'log', good, ...variant, '--data', data, '--json']);
  expect(again.exitCode).toBe(0);
  expect(JSON.parse(String(again.stdout))).toMatchObject({
    version: 1,
    files: [
      {
        file: good,
        runs: { new: 0, known: 1, different: 0 },
        tests: { pass: 1, fail: 1, missing: 1 },
        refused: null,
      },
    ],
  });

  const listed = await multitap(['results', '--json', '--data', data]);
  expect(JSON.parse(String(listed.stdout))).toMatchObject([
    {
      branch: 'net',
      variant: 'x86_64 2cpu debug mitigations=off',
      state: 'incomplete',
      revision: 'good.log',
    },
  ]);
  for (const args of [
    ['nope', good],
    ['log'],
    ['log', good, '--variant', 'cpus=x'],
    ['log', good, '--variant', ''],
    ['log', good, '--variant', 'flavour= archs=x86'],
    ['log', good, '--variant', 'archs=x86'],
    ['log', '-'],
    ['log', good, '--branch', ' '],
  ])
    expect((await multitap(['import', ...args, '--data', data])).exitCode).toBe(2);
});

test('multitap import: 4 where something in a file is not stored', async () => {
  const folder = await folderForTest('import-partly');
  const data = ['--data', join(folder, 'data')];
  const file = join(folder, 'lines');
  await writeFile(file, 'net.a.sh.pass: 1\nsomething else\n');
  expect((await multitap(['import', 'lkp', file, ...data])).exitCode).toBe(4);
  const history = join(folder, 'export-debug.json');
  await writeFile(history, JSON.stringify([{}, { run_id: '1', tag: 'export/20260101T000000' }]));
  expect((await multitap(['import', 'mptcp-ci', history, ...data])).exitCode).toBe(0);
  const other = await multitap(['import', 'mptcp-ci', history, '--branch', 'net', ...data]);
  expect(other.exitCode).toBe(4);
  expect(other.stderr).toContain('is stored with the branch "export", not "net": left as it is');
});

test('killed in the middle, what was imported is whole, and the rest comes with the next', async () => {
  const folder = await folderForTest('import-killed');
  const data = join(folder, 'data');
  const file = join(folder, 'export-normal.json');
  const count = 400;
  const runs = Array.from({ length: count }, (_, i) => ({
    ...{ run_id: `${i + 1}`, tag: 'export/20260101T000000' },
    results: { selftest_diag_subtests: { 1: { result: 'fail', name: 'diag: x' } } },
  }));
  await writeFile(file, JSON.stringify(runs));
  const main = join(root, 'bin/main.ts');
  const there = async () => {
    const store = await openStore(data, { readOnly: true }).catch(() => null);
    const stored = (await store?.runs({ limit: 10_000 })) ?? [];
    await store?.close();
    return stored;
  };
  for (const more of [1, 50, 100]) {
    const before = (await there()).length;
    const child = spawn(process.execPath, [main, 'import', 'mptcp-ci', file, '--data', data]);
    const gone = once(child, 'close');
    await until('some more runs', 300_000, async () => (await there()).length >= before + more);
    child.kill('SIGKILL');
    await gone;
    expect((await checkStore(data, { content: true })).problems).toEqual([]);
    for (const { tests, state } of await there()) expect([tests.fail, state]).toEqual([1, 'complete']);
  }
  const known = (await there()).length;
  const last = await multitap(['import', 'mptcp-ci', file, '--data', data, '--json']);
  expect(JSON.parse(String(last.stdout)).files[0].runs).toEqual({ new: count - known, known, different: 0 });
});
