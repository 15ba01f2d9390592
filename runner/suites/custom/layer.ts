// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, cacheFolder, hashOf } from '../../../vm/cache.ts';
import { firstError } from '../../../vm/kernel/first-error.ts';
import type { Progress } from '../../../vm/progress.ts';
import type { Rootfs } from '../../../vm/rootfs/build.ts';
import { inSandbox } from '../../../vm/rootfs/sandbox.ts';
import { Trouble } from '../../../vm/trouble.ts';
import type { CustomFile } from './file.ts';
import type { Taken } from './tree.ts';

/** Where a custom suite's files are in the guest. */
export const guestFolder = (name: string) => `/opt/custom/${name}`;

/** Where the copy of the tree is while it is built: the same everywhere, since compilers write it down. */
const SOURCE = '/build';

/** Arguments: from where, what (a list, each ended by NUL), to where. */
const COPY =
  'set -o pipefail; tar -C "$1" --null --no-recursion -T "$2" -cf - | tar -C "$3" --no-same-owner -xf -';

/** Arguments: the folder that was built, where it goes. What a build left is copied where nothing of ours can be seen. */
const TAKE = 'if [ ! -d "$1" ] || [ -L "$1" ]; then exit 3; fi; cp -a "$1/." "$2"';

/**
 * An erofs layer with what `files` names, or with what `build` made of it in the sandbox; cached by the contents of all.
 *
 * @throws Trouble where it does not build
 */
export async function buildLayer(
  rootfs: Rootfs,
  file: CustomFile,
  taken: Taken,
  progress: Progress,
): Promise<{ layer: string; key: string }> {
  const { name, build, output = '.' } = file;
  const key = hashOf(taken.hash, build ?? '', output, JSON.stringify(file.env), rootfs.hash, '1');
  const folder = await cacheFolder('custom');
  const entry = await cached<null>({
    hashed: true,
    dir: join(folder, `${name}-${key}`),
    title: `Tests ${name}`,
    expectedMs: 20_000,
    needBytes: 3 * taken.bytes + 100 * 2 ** 20,
    progress,
    build: async (dir, step) => {
      const { tree: root } = rootfs;
      const tree = join(dir, 'tree');
      const layer = join(dir, 'layer', guestFolder(name));
      const list = join(dir, 'files');
      for (const made of [tree, layer]) await mkdir(made, { recursive: true });
      await writeFile(list, taken.paths.map((path) => `${path}\0`).join(''));
      step.update({ text: 'copying' });
      const source = { root, readable: [file.folder, list], writable: [tree] };
      await inSandbox(source, ['bash', '-c', COPY, 'copy', file.folder, list, tree]);
      if (build !== undefined) {
        step.update({ text: build.split('\n')[0]! });
        const sandbox = { root, writable: [{ from: tree, to: SOURCE }], cwd: SOURCE, env: file.env };
        const made = await inSandbox(sandbox, ['bash', '-c', build], { reject: false, all: true });
        if (made.failed) {
          const log = join(folder, `${name}-${key}.log`);
          await writeFile(log, `$ ${build}\n${made.all}\n`);
          throw new Trouble({
            happened: `Building the tests ${name} failed at ${build.split('\n')[0]}:\n${firstError(made.all)}`,
            expected: 'the build to succeed in the sandbox: the root file system’s tools, no network',
            ...{ next: 'multitap rootfs list tells which root file system that is', log },
          });
        }
      }
      const from = join(tree, output);
      const took = await inSandbox(
        { root, readable: [tree], writable: [layer] },
        ['bash', '-c', TAKE, 'take', from, layer],
        { reject: false },
      );
      if (took.failed)
        throw new Trouble({
          happened: `Building the tests ${name} made no folder ${output}.${took.exitCode === 3 ? '' : ` ${took.stderr}`}`,
          expected: 'that `output` names one that is there after the build',
        });
      step.update({ text: 'making the guests’ layer' });
      const image = join(dir, 'custom.erofs');
      await inSandbox({ root, writable: [dir] }, [
        'mkfs.erofs',
        '-d1',
        '--all-root',
        '-T0',
        image,
        join(dir, 'layer'),
      ]);
      for (const left of [tree, join(dir, 'layer'), list]) await rm(left, { recursive: true, force: true });
      return { facts: null, files: ['custom.erofs'], said: build === undefined ? 'copied' : 'built' };
    },
  });
  return { layer: join(entry.dir, 'custom.erofs'), key };
}
