// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Prepared } from '../../runner/setup.ts';
import { cached, cacheFolder, hashOf } from '../../vm/cache.ts';
import { buildInitramfs } from '../../vm/guest/agent.ts';
import { openApt } from '../../vm/kernel/apt.ts';
import type { Kernel } from '../../vm/kernel/kernel.ts';
import { silent } from '../../vm/progress.ts';
import { inSandbox } from '../../vm/rootfs/sandbox.ts';
import { Trouble } from '../../vm/trouble.ts';
import { FAULT_MODULE } from './fault-module.ts';
import { root } from './program.ts';

const CONFIG = join(root, 'test/fixtures/debug-kernel/config');
const MODULE = join(root, 'test/fixtures/fault-module');

/** `$1`: the folder, with the tarball, `config` and the module's source; what is left of the tree is what gcov reads. */
const BUILD = `
set -e
cd "$1"
mkdir tree && tar -C tree --strip-components=1 -xf ./*.orig.tar.*
rm ./*.orig.tar.*
cd tree
sed -i '1i GCOV_PROFILE := y' net/mptcp/Makefile
make -s KCONFIG_ALLCONFIG=../config allnoconfig
for option in $(sed -n 's/^\\(CONFIG_[^=]*\\)=y$/\\1/p' ../config); do
	grep -q "^$option=y" .config || { echo "not in this kernel: $option" >&2; exit 1; }
done
make -s -j"$(nproc)" bzImage modules
make -s M="$1/module" modules
make -s kernelrelease > ../release
mv arch/x86/boot/bzImage ..
cp .config ../built-config
find . -type f ! -path './net/mptcp/*' -delete
`;

interface Facts {
  release: string;
  configHash: string;
  builtAt: string;
}

/**
 * A kernel with KASAN, lockdep, kmemleak and gcov, and the fault module for it, built from the source of the kernel
 * in `base`: `base` with that one instead.
 *
 * @throws Trouble where the source cannot be had or does not build
 */
export async function withDebugKernel(base: Prepared): Promise<Prepared> {
  const { rootfs, kernel } = base;
  const sources = (await readdir(MODULE)).sort().map((name) => join(MODULE, name));
  const key = hashOf(BUILD, ...(await Promise.all([CONFIG, ...sources].map((path) => readFile(path)))));
  const entry = await cached<Facts>({
    dir: join(await cacheFolder('debug-kernel'), `${kernel.upstream}-${rootfs.hash}-${key}`),
    title: `Kernel ${kernel.upstream} with checks`,
    expectedMs: 900_000,
    needBytes: 6 * 2 ** 30,
    progress: silent,
    build: async (dir, step) => {
      const apt = await openApt(rootfs, kernel.source.suite, step);
      await apt.source(kernel.source.name, kernel.source.version, dir, step);
      await cp(CONFIG, join(dir, 'config'));
      await cp(MODULE, join(dir, 'module'), { recursive: true });
      const sandbox = { root: rootfs.tree, writable: [dir] };
      const made = await inSandbox(sandbox, ['sh', '-c', BUILD, 'sh', dir], { reject: false, all: true });
      if (made.failed)
        throw new Trouble({ happened: `The kernel did not build:\n${String(made.all).slice(-4000)}` });
      const release = (await readFile(join(dir, 'release'), 'utf8')).trim();
      const config = await readFile(join(dir, 'built-config'));
      const layer = join(dir, 'layer');
      await mkdir(join(layer, 'boot'), { recursive: true });
      await mkdir(join(layer, 'opt/fault'), { recursive: true });
      await mkdir(join(layer, 'usr/lib/modules', release), { recursive: true });
      await writeFile(join(layer, 'boot', `config-${release}`), config);
      await rename(join(dir, 'module/fault.ko'), join(layer, FAULT_MODULE));
      await inSandbox(sandbox, ['depmod', '-b', join(layer, 'usr'), release]);
      await inSandbox(sandbox, ['mkfs.erofs', '-d1', '--all-root', '-T0', join(dir, 'kernel.erofs'), layer]);
      await rm(join(dir, 'module'), { recursive: true });
      const configHash = createHash('sha256').update(config).digest('hex').slice(0, 16);
      return {
        facts: { release, configHash, builtAt: join(dir, 'tree') },
        files: ['bzImage', 'kernel.erofs'],
        said: 'built',
      };
    },
  });
  const { dir, facts } = entry;
  const debug: Kernel = {
    ...kernel,
    ...facts,
    ...{ reference: 'debug', flavour: 'debug', dir, build: { at: facts.builtAt, now: join(dir, 'tree') } },
    // Not by the PVH entry: with KASAN, what runs first there uses its shadow before that is mapped: a triple fault.
    vmlinux: join(dir, 'bzImage'),
    bzImage: join(dir, 'bzImage'),
    layer: join(dir, 'kernel.erofs'),
    tree: join(dir, 'layer'),
  };
  const layers = base.plan.layers.map((layer) => (layer === kernel.layer ? debug.layer : layer));
  const initramfs = await buildInitramfs(rootfs, debug, silent);
  return { ...base, kernel: debug, plan: { ...base.plan, kernel: debug, initramfs, layers } };
}
