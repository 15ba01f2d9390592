// SPDX-License-Identifier: GPL-2.0-only
import { cp, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Prepared } from '../../runner/setup.ts';
import { cached, cacheFolder, hashOf } from '../../vm/cache.ts';
import { getHeaders, makeWithHeaders } from '../../vm/kernel/headers.ts';
import type { Kernel } from '../../vm/kernel/kernel.ts';
import { silent } from '../../vm/progress.ts';
import type { Rootfs } from '../../vm/rootfs/build.ts';
import { inSandbox } from '../../vm/rootfs/sandbox.ts';
import { Trouble } from '../../vm/trouble.ts';
import { root } from './program.ts';

const SOURCES = join(root, 'test/fixtures/fault-module');

/** Where the module is in the guest: `insmod` it, then write a fault's name to FAULT_TRIGGER. */
export const FAULT_MODULE = '/opt/fault/fault.ko';
export const FAULT_TRIGGER = '/sys/kernel/debug/fault/provoke';

/**
 * An erofs layer with the module, built for a kernel from test/fixtures/fault-module.
 *
 * @throws Trouble where the kernel's headers cannot be had, or the module does not build
 */
export async function faultLayer(rootfs: Rootfs, kernel: Kernel): Promise<string> {
  const names = (await readdir(SOURCES)).sort();
  const sources = await Promise.all(names.map((name) => readFile(join(SOURCES, name))));
  const key = hashOf(rootfs.hash, kernel.version, kernel.configHash, ...sources);
  const entry = await cached<null>({
    dir: join(await cacheFolder('fault-module'), `${kernel.release}-${key}`),
    title: `Fault module for ${kernel.release}`,
    expectedMs: 30_000,
    needBytes: 50 * 2 ** 20,
    progress: silent,
    build: async (dir) => {
      const headers = await getHeaders(rootfs, kernel, silent);
      const source = join(dir, 'source');
      const layer = join(dir, 'layer');
      await cp(SOURCES, source, { recursive: true });
      const make = await makeWithHeaders(headers, kernel, join(dir, 'Kbuild.mk'));
      const sandbox = { root: rootfs.tree, readable: [headers], writable: [dir] };
      // BUG and WARN name their file: the same one on every machine.
      const paths = `-fmacro-prefix-map=${source}/=`;
      const made = await inSandbox(sandbox, [...make, `M=${source}`, `KCFLAGS=${paths}`, 'modules'], {
        reject: false,
        all: true,
      });
      if (made.failed)
        throw new Trouble({ happened: `The fault module for ${kernel.release} did not build:\n${made.all}` });
      await mkdir(join(layer, 'opt/fault'), { recursive: true });
      await rename(join(source, 'fault.ko'), join(layer, FAULT_MODULE));
      await inSandbox(sandbox, ['mkfs.erofs', '-d1', '--all-root', '-T0', join(dir, 'fault.erofs'), layer]);
      await writeFile(join(dir, 'build.log'), made.all);
      return { facts: null, files: ['fault.erofs'], said: 'built' };
    },
  });
  return join(entry.dir, 'fault.erofs');
}

/** The same guest with the module at FAULT_MODULE. */
export async function withFaults(prepared: Prepared): Promise<Prepared> {
  const layer = await faultLayer(prepared.rootfs, prepared.kernel);
  return { ...prepared, plan: { ...prepared.plan, layers: [...prepared.plan.layers, layer] } };
}
