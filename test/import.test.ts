// SPDX-License-Identifier: GPL-2.0-only
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderForTest, multitap } from './support/program.ts';

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
    ['log', good, '--branch', ' '],
  ])
    expect((await multitap(['import', ...args, '--data', data])).exitCode).toBe(2);
});
