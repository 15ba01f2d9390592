// SPDX-License-Identifier: GPL-2.0-only
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, cacheFolder, hashOf } from '../../vm/cache.ts';
import type { Progress } from '../../vm/progress.ts';
import type { Rootfs } from '../../vm/rootfs/build.ts';
import { inSandbox } from '../../vm/rootfs/sandbox.ts';

/**
 * A folder of our own files, without folders in it, as an erofs layer that has them at `to`, an absolute path in the
 * guest; `hash` changes with every byte of them.
 */
export async function ownLayer(
  rootfs: Rootfs,
  { name, folder, to }: { name: string; folder: string; to: string },
  progress: Progress,
): Promise<{ layer: string; hash: string }> {
  const names = (await readdir(folder)).sort();
  const contents = await Promise.all(names.map((file) => readFile(join(folder, file))));
  const hash = hashOf(...names.flatMap((file, i) => [file, contents[i]!]));
  const entry = await cached<null>({
    hashed: true,
    dir: join(await cacheFolder('suites'), `${name}-${hashOf(hash, to, rootfs.hash)}`),
    title: `Tests of ${name}`,
    expectedMs: 1000,
    needBytes: 10 * 2 ** 20,
    progress,
    build: async (dir) => {
      await cp(folder, join(dir, 'layer', to), { recursive: true });
      await layerOf(rootfs, dir, join(dir, 'layer'), `${name}.erofs`);
      return { facts: null, files: [`${name}.erofs`], said: 'packed' };
    },
  });
  return { layer: join(entry.dir, `${name}.erofs`), hash };
}

/** Makes an image of a tree in a cache entry that is being built; file names in it are what `tree` has. */
export async function layerOf(rootfs: Rootfs, dir: string, tree: string, image: string): Promise<void> {
  await inSandbox({ root: rootfs.tree, writable: [dir] }, [
    ...['mkfs.erofs', '-d1', '--all-root', '-T0'],
    join(dir, image),
    tree,
  ]);
}
