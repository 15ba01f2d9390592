// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UsageTrouble } from '../../../vm/trouble.ts';
import { takeFiles } from './tree.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'multitap-tree-'));
  for (const folder of ['src/deep', '.git', 'other']) await mkdir(join(dir, folder), { recursive: true });
  for (const file of ['src/deep/a.c', 'src/b.c', 'run.sh', '.git/config', 'other/c'])
    await writeFile(join(dir, file), `${file}\n`);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

test('takes what is named with all that is in it, each once', async () => {
  const { paths, bytes } = await takeFiles(dir, ['run.sh', 'src/', './src/deep']);
  expect(paths).toEqual(['run.sh', 'src', 'src/b.c', 'src/deep', 'src/deep/a.c']);
  expect(bytes).toBe('run.sh\nsrc/b.c\nsrc/deep/a.c\n'.length);
});

test('takes a whole folder without its .git', async () => {
  const { paths } = await takeFiles(dir, ['.']);
  expect(paths).toContain('other/c');
  expect(paths).toContain('src/deep/a.c');
  expect(paths.filter((path) => path.includes('.git'))).toEqual([]);
});

test('its hash is that of names, modes, contents and links', async () => {
  const seen = new Set<string>();
  const look = async () => seen.add((await takeFiles(dir, ['.'])).hash);
  await look();
  await look();
  expect(seen.size).toBe(1);
  await writeFile(join(dir, 'src/b.c'), 'src/B.c\n');
  await look();
  await chmod(join(dir, 'run.sh'), 0o755);
  await look();
  await symlink('run.sh', join(dir, 'link'));
  await look();
  await rm(join(dir, 'link'));
  await symlink('src', join(dir, 'link'));
  await look();
  expect(seen.size).toBe(5);
});

test('does not follow links, and refuses to begin beyond one that leads out', async () => {
  await symlink('/etc', join(dir, 'src/etc'));
  expect((await takeFiles(dir, ['src'])).paths).not.toContain('src/etc/passwd');
  await expect(takeFiles(dir, ['src/etc'])).rejects.toThrow('leads out of');
  await expect(takeFiles(dir, ['src/etc/passwd'])).rejects.toThrow(UsageTrouble);
  await symlink(`${dir}-beside`, join(dir, 'beside'));
  await mkdir(`${dir}-beside`);
  try {
    await expect(takeFiles(dir, ['beside'])).rejects.toThrow('leads out of');
  } finally {
    await rm(`${dir}-beside`, { recursive: true });
  }
});

test('refuses what is not there, what is no file, and too much', async () => {
  await expect(takeFiles(dir, ['none'])).rejects.toThrow('none is not there');
  await expect(takeFiles(dir, ['.'], { paths: 3, bytes: 1e6 })).rejects.toThrow('more than 3');
  await expect(takeFiles(dir, ['.'], { paths: 100, bytes: 5 })).rejects.toThrow(UsageTrouble);
  execFileSync('mkfifo', [join(dir, 'src/pipe')]);
  await expect(takeFiles(dir, ['src'])).rejects.toThrow('neither file, folder nor symbolic link');
});
