// SPDX-License-Identifier: GPL-2.0-only
import { copyFile, mkdir, rename, stat, utimes } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { execa } from 'execa';
import { cacheRoot } from '../../vm/cache.ts';

/**
 * Puts entries of the cache into another one, as hard links where that is possible. A file there may be the real
 * cache's own: one that is to be altered has to be made the copy's own first.
 *
 * @param paths anything in the cache, such as `Kernel.dir`: the entry that holds it is taken
 */
export async function borrowEntries(cache: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const [kind, entry] = relative(cacheRoot(), path).split('/') as [string, string];
    await mkdir(join(cache, kind), { recursive: true });
    await linkTree(join(cacheRoot(), kind, entry), join(cache, kind));
  }
}

/** `cp -a` without the copying. */
export async function linkTree(from: string, into: string): Promise<void> {
  const linked = await execa('cp', ['-al', from, into], { reject: false });
  if (linked.failed) await execa('cp', ['-a', from, into]);
}

/** Gives a file that may have other names a body of its own, looking the same, and has it altered. */
export async function alterOwn(path: string, alter: (path: string) => Promise<void>): Promise<void> {
  const { atime, mtime } = await stat(path);
  const copy = `${path}.own`;
  await copyFile(path, copy);
  await utimes(copy, atime, mtime);
  await rename(copy, path);
  await alter(path);
}
