// SPDX-License-Identifier: GPL-2.0-only
import { cp, link, mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Prepared } from '../../runner/setup.ts';
import { cached, cacheFolder, hashOf } from '../../vm/cache.ts';
import { buildInitramfs } from '../../vm/guest/agent.ts';
import { SOURCE } from '../../vm/kernel/compile.ts';
import type { Kernel } from '../../vm/kernel/kernel.ts';
import { getSource } from '../../vm/kernel/source.ts';
import { silent } from '../../vm/progress.ts';
import type { Rootfs } from '../../vm/rootfs/build.ts';
import { inSandbox } from '../../vm/rootfs/sandbox.ts';
import { Trouble } from '../../vm/trouble.ts';

/**
 * A kernel that was compiled here, with modules of a folder's beside its own, in the guest's folder `place`.
 *
 * @throws Trouble where they do not build
 */
export async function kernelWithModules(
  rootfs: Rootfs,
  kernel: Kernel,
  sources: string,
  place: string,
): Promise<Kernel> {
  const names = (await readdir(sources)).sort();
  const read = await Promise.all(names.map((name) => readFile(join(sources, name))));
  const entry = await cached<null>({
    dir: join(await cacheFolder('external-module'), `${basename(kernel.dir)}-${hashOf(place, ...read)}`),
    title: `Modules for ${kernel.release}`,
    expectedMs: 30_000,
    needBytes: 100 * 2 ** 20,
    progress: silent,
    build: async (dir) => {
      const module = join(dir, 'module');
      const tree = join(dir, 'tree');
      await cp(sources, module, { recursive: true });
      await cp(kernel.tree, tree, { recursive: true });
      const { at, now } = kernel.build!;
      const source = await getSource(rootfs, kernel, silent, 'whole');
      const made = await inSandbox(
        {
          ...{ root: rootfs.tree, mounts: ['--ro-bind', source, SOURCE, '--ro-bind', now, at] },
          // BUG and WARN name their file: the same one on every machine.
          writable: [{ from: module, to: '/module' }],
        },
        ['make', '-C', SOURCE, `O=${at}`, 'ARCH=x86', 'M=/module', 'modules'],
        { reject: false, all: true },
      );
      if (made.failed) throw new Trouble({ happened: `The modules did not build:\n${made.all}` });
      await mkdir(join(tree, place), { recursive: true });
      for (const name of (await readdir(module)).filter((file) => file.endsWith('.ko')))
        await rename(join(module, name), join(tree, place, name));
      await link(join(kernel.dir, 'vmlinux'), join(dir, 'vmlinux'));
      const sandbox = { root: rootfs.tree, writable: [dir] };
      await inSandbox(sandbox, ['depmod', '-b', join(tree, 'usr'), kernel.release]);
      await inSandbox(sandbox, ['mkfs.erofs', '-d1', '--all-root', '-T0', join(dir, 'kernel.erofs'), tree]);
      return { facts: null, files: ['kernel.erofs'], said: 'built' };
    },
  });
  return {
    ...{ ...kernel, dir: entry.dir },
    ...{ layer: join(entry.dir, 'kernel.erofs'), tree: join(entry.dir, 'tree') },
  };
}

/** The same guest with another kernel; what was built for the first one stays. */
export async function withKernel(base: Prepared, kernel: Kernel): Promise<Prepared> {
  const layers = base.plan.layers.map((layer) => (layer === base.kernel.layer ? kernel.layer : layer));
  const initramfs = await buildInitramfs(base.rootfs, kernel, silent);
  return { ...base, kernel, plan: { ...base.plan, kernel, initramfs, layers } };
}
