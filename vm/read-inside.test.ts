// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readInside } from './read-inside.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'multitap-inside-'));
  await mkdir(join(dir, 'work/deep'), { recursive: true });
  await mkdir(join(dir, 'work-too'));
  await writeFile(join(dir, 'work/own'), 'own');
  await writeFile(join(dir, 'secret'), 'secret');
  await writeFile(join(dir, 'work-too/secret'), 'secret');
});

afterEach(() => rm(dir, { recursive: true }));

const read = (path: string) => readInside(join(dir, 'work'), join(dir, 'work', path));

test('reads what is there, also through links that stay inside', async () => {
  await symlink('../own', join(dir, 'work/deep/link'));
  expect(String(await read('own'))).toBe('own');
  expect(String(await read('deep/link'))).toBe('own');
});

test('refuses what is no file, without waiting for it', async () => {
  await execa('mkfifo', [join(dir, 'work/pipe')]);
  await expect(read('pipe')).rejects.toThrow('is no file: refused');
  await expect(read('deep')).rejects.toThrow('is no file: refused');
});

test.each(['../secret', '../work-too/secret', '../../../../../../etc/hostname'])(
  'refuses a link to %s, and a folder on the way to it',
  async (target) => {
    await symlink(target, join(dir, 'work/link'));
    await expect(read('link')).rejects.toThrow(/leads out of|ENOENT/);
    await symlink('..', join(dir, 'work/up'));
    await expect(read(`up/${target.slice(3)}`)).rejects.toThrow(/leads out of|ENOENT/);
  },
);
