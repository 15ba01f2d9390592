// SPDX-License-Identifier: GPL-2.0-only
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tracefile } from '../runner/schedule/coverage.ts';
import { silent } from '../vm/progress.ts';
import { buildRootfs } from '../vm/rootfs/build.ts';
import { inSandbox } from '../vm/rootfs/sandbox.ts';
import { folderForTest } from './support/program.ts';

// A program of user space in the place of a kernel: one with gcov is built by debug-kernel.test.ts only.
it('counters, and notes that lie elsewhere than they were built, become an lcov trace file', async () => {
  const rootfs = await buildRootfs(silent);
  const dir = await folderForTest('coverage');
  const source = [
    'static int never(int n)',
    '{',
    '\treturn n * 2;',
    '}',
    'int main(int argc, char **argv)',
    '{',
    '\tint sum = 0;',
    '\tfor (int i = 0; i < 5; i++)',
    '\t\tsum += i;',
    '\treturn argc > 1 ? never(sum) : 0;',
    '}',
    '',
  ];
  await writeFile(join(dir, 'own.c'), source.join('\n'));
  await inSandbox({ root: rootfs.tree, writable: [dir] }, [
    '/bin/sh',
    '-c',
    'cd "$0" && gcc --coverage -O0 -c own.c && gcc --coverage own.o -o own && ./own && mkdir now && mv own.gcno now && ln -s /build/own.gcno own.gcno && tar -cf own.tar own.gcda own.gcno && rm own.gcda own.gcno',
    dir,
  ]);
  const lcov = await tracefile(
    { rootfs, folder: dir, build: { at: '/build', now: join(dir, 'now') } },
    join(dir, 'own.tar'),
    'own.sh',
  );
  expect(lcov).toMatch(/^TN:own_sh\nSF:.*own\.c\n/);
  expect(lcov).toContain('FNDA:0,never\n');
  expect(lcov).toContain('FNDA:1,main\n');
  expect(lcov).toContain('DA:3,0\n');
  expect(lcov).toContain('DA:9,5\n');
  expect(lcov).toMatch(/FNF:2\nFNH:1\n/);
});
