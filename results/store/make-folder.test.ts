// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeFolder } from './make-folder.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'multitap-folder-'));
});

afterEach(() => rm(root, { recursive: true }));

test('makes what is missing, leaves what is there, many at once', async () => {
  await Promise.all([1, 2, 3].map(() => makeFolder(join(root, 'a/b/c'))));
  await makeFolder(join(root, 'a/b'));
  expect((await stat(join(root, 'a/b/c'))).isDirectory()).toBe(true);
});

test('fails where a file, or a link to nothing, is in the way', async () => {
  await writeFile(join(root, 'file'), '');
  await symlink('nowhere', join(root, 'link'));
  await expect(makeFolder(join(root, 'file/a'))).rejects.toThrow('ENOTDIR');
  await expect(makeFolder(join(root, 'file'))).rejects.toThrow('EEXIST');
  await expect(makeFolder(join(root, 'link'))).rejects.toThrow('EEXIST');
});

test('fails below /proc, where Node’s own way never ends', async () => {
  await expect(makeFolder('/proc/no/such')).rejects.toThrow(/ENOENT|EPERM|EACCES/);
});
