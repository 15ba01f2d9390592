// SPDX-License-Identifier: GPL-2.0-only
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cached, cacheFolder, hashOf } from '../cache.ts';
import { nearest } from '../nearest.ts';
import type { Progress } from '../progress.ts';
import { readInside } from '../read-inside.ts';
import type { Rootfs } from '../rootfs/build.ts';
import { inSandbox } from '../rootfs/sandbox.ts';
import { Trouble, UsageTrouble } from '../trouble.ts';
import { firstError } from './first-error.ts';
import type { KernelSource } from './kernel.ts';
import { getSource } from './source.ts';

/** Where the selftests are in the guest. */
export const GUEST_KSELFTEST = '/opt/kselftest';

export interface Selftests {
  /** The upstream version that they were built from. */
  version: string;
  /** As `make install` laid them out: `run_kselftest.sh`, `kselftest/runner.sh`, the collections. */
  install: string;
  /** The same as an erofs layer, below `/opt/kselftest`. */
  layer: string;
  /** `collection:test`, as in `kselftest-list.txt`. */
  tests: string[];
}

/** The collections that a source tree knows. */
async function collections(source: string): Promise<string[]> {
  const makefile = await readFile(join(source, 'tools/testing/selftests/Makefile'), 'utf8');
  return [...makefile.matchAll(/^TARGETS \+= (\S+)/gm)].map((match) => match[1]!);
}

/**
 * Builds one kselftest collection of the kernel's own source in the sandbox, from a throw-away copy of the
 * tree so that a build that was killed leaves nothing behind; cached by (source, collection, root).
 *
 * @throws UsageTrouble for a collection that the tree does not have, with those that it has
 */
export async function buildSelftests(
  rootfs: Rootfs,
  kernel: KernelSource,
  collection: string,
  progress: Progress,
): Promise<Selftests> {
  const key = hashOf(kernel.upstream, collection, rootfs.hash, '2');
  const folder = await cacheFolder('selftests');
  const name = `${collection.replaceAll('/', '.')}-${kernel.upstream}-${key}`;
  // Asked only where something has to be built: the source is 1 GB that a cached layer has no use for.
  const source = existsSync(join(folder, name, 'entry.json'))
    ? null
    : await getSource(rootfs, kernel, progress);
  const entry = await cached<{ tests: string[] }>({
    hashed: true,
    dir: join(folder, name),
    title: `Selftests ${collection} of ${kernel.upstream}`,
    expectedMs: 60_000,
    needBytes: 1500 * 2 ** 20,
    progress,
    build: async (dir, step) => {
      const from = source ?? (await getSource(rootfs, kernel, progress));
      const known = await collections(from);
      if (!known.includes(collection))
        throw new UsageTrouble({
          happened: `Linux ${kernel.upstream} has no selftest collection ${JSON.stringify(collection)}.`,
          expected: `one of ${nearest(collection, known).join(', ')}, …`,
        });
      // What is built may write below `work` only: a symbolic link that it leaves there must lead us nowhere.
      const work = join(dir, 'work');
      await mkdir(work);
      const tree = join(work, 'tree');
      const install = join(work, 'layer', GUEST_KSELFTEST);
      const sandbox = { root: rootfs.tree, readable: [from], writable: [work], cwd: tree };
      step.update({ text: 'copying the source' });
      await inSandbox({ ...sandbox, cwd: '/' }, ['cp', '-a', '--reflink=auto', from, tree]);
      const log = join(dir, 'build.log');
      let output = '';
      for (const [text, args] of [
        ['make headers', ['headers']],
        [
          `make install TARGETS=${collection}`,
          [
            '-C',
            'tools/testing/selftests',
            `TARGETS=${collection}`,
            'FORCE_TARGETS=1',
            'install',
            `INSTALL_PATH=${install}`,
          ],
        ],
      ] as const) {
        step.update({ text });
        const made = await inSandbox(sandbox, ['make', `-j${availableParallelism()}`, 'ARCH=x86', ...args], {
          reject: false,
          all: true,
        });
        output += `$ ${text}\n${made.all}\n`;
        if (made.failed) {
          const kept = join(folder, `${name}.log`);
          await writeFile(kept, output);
          throw new Trouble({
            happened: `Building the selftests ${collection} of Linux ${kernel.upstream} failed at ${text}:\n${firstError(made.all)}`,
            expected: 'the collection to build with the root file system’s tools',
            log: kept,
          });
        }
      }
      await writeFile(log, output);
      await rm(tree, { recursive: true });
      const list = (await readInside(work, join(install, 'kselftest-list.txt'))).toString('utf8');
      step.update({ text: 'making the guests’ layer' });
      await inSandbox({ root: rootfs.tree, writable: [dir] }, [
        'mkfs.erofs',
        '-d1',
        '--all-root',
        '-T0',
        join(dir, 'selftests.erofs'),
        join(work, 'layer'),
      ]);
      const tests = list.split('\n').filter(Boolean);
      return {
        facts: { tests },
        files: [
          'selftests.erofs',
          `work/layer${GUEST_KSELFTEST}/kselftest-list.txt`,
          `work/layer${GUEST_KSELFTEST}/run_kselftest.sh`,
        ],
        said: `${tests.filter((test) => test.startsWith(`${collection}:`)).length} tests built`,
      };
    },
  });
  return {
    version: kernel.upstream,
    install: join(entry.dir, 'work/layer', GUEST_KSELFTEST),
    layer: join(entry.dir, 'selftests.erofs'),
    tests: entry.facts.tests,
  };
}
