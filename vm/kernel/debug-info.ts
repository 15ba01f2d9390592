// SPDX-License-Identifier: GPL-2.0-only
import { existsSync } from 'node:fs';
import { copyFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, cacheFolder } from '../cache.ts';
import type { Progress } from '../progress.ts';
import type { Rootfs } from '../rootfs/build.ts';
import { inSandbox } from '../rootfs/sandbox.ts';
import { Trouble } from '../trouble.ts';
import { openApt } from './apt.ts';
import type { Kernel, PackagedKernel } from './kernel.ts';
import { getSource } from './source.ts';

/** The DWARF of a kernel: what turns `func+0x12/0x34` into `func (net/mptcp/pm.c:12)`. */
export interface DebugInfo {
  /** The image with its debug information, not stripped. */
  vmlinux: string;
  /** The folder with the modules' debug information. */
  modules: string;
  /** The kernel's own `scripts/decode_stacktrace.sh`. */
  script: string;
}

const SCRIPT = 'decode_stacktrace.sh';

async function entryOf(kernel: Kernel): Promise<string> {
  return join(await cacheFolder('debug-info'), `${kernel.release}_${kernel.version}`);
}

function layout(entry: string): DebugInfo {
  return { vmlinux: join(entry, 'vmlinux'), modules: join(entry, 'modules'), script: join(entry, SCRIPT) };
}

/** The debug information that is in the cache; null where none is. Asks no network. */
export async function knownDebugInfo(kernel: Kernel): Promise<DebugInfo | null> {
  const found = layout(await entryOf(kernel));
  return existsSync(found.vmlinux) ? found : null;
}

/**
 * Gets a Debian kernel's debug information (`linux-image-RELEASE-dbg`): some 300 MB to download, 1.8 GB unpacked.
 *
 * @throws Trouble where the archive does not have it for this version (any more)
 */
export async function getDebugInfo(
  rootfs: Rootfs,
  kernel: PackagedKernel,
  progress: Progress,
): Promise<DebugInfo> {
  const entry = await cached<null>({
    dir: await entryOf(kernel),
    title: `Debug information of ${kernel.release}`,
    expectedMs: 120_000,
    needBytes: 2800 * 2 ** 20,
    progress,
    build: async (dir, step) => {
      const source = await getSource(rootfs, kernel, progress);
      const apt = await openApt(rootfs, kernel.source.suite, step);
      const name = `linux-image-${kernel.release}-dbg`;
      const found = (await apt.show([name])).get(name);
      if (found?.Version !== kernel.version)
        throw new Trouble({
          happened: `${kernel.source.suite} has ${found ? `${name} ${found.Version}` : `no ${name}`}.`,
          expected: `version ${kernel.version}, which the kernel in the cache has`,
          next: found
            ? `get the newer kernel: multitap kernel get ${kernel.reference}`
            : 'traces stay as the kernel prints them',
        });
      await apt.download([`${name}=${kernel.version}`], dir, step);
      step.update({ text: 'unpacking' });
      const [deb] = await readdir(dir);
      await copyFile(join(source, 'scripts', SCRIPT), join(dir, SCRIPT));
      const files = join(dir, 'files');
      await inSandbox({ root: rootfs.tree, writable: [dir] }, ['dpkg-deb', '-x', join(dir, deb!), files]);
      const debug = join(files, 'usr/lib/debug');
      const boot = [join(debug, 'boot'), join(debug, 'usr/lib/modules', kernel.release)].find(
        (path) => existsSync(join(path, `vmlinux-${kernel.release}`)) || existsSync(join(path, 'vmlinux')),
      );
      const modules = ['lib/modules', 'usr/lib/modules']
        .map((path) => join(debug, path, kernel.release))
        .find((path) => existsSync(path));
      if (!boot || !modules)
        throw new Trouble({
          happened: `${name} does not hold vmlinux and modules where they were looked for.`,
          expected: 'usr/lib/debug/boot/vmlinux-RELEASE and usr/lib/debug/lib/modules/RELEASE',
        });
      const image = [`vmlinux-${kernel.release}`, 'vmlinux'].find((file) => existsSync(join(boot, file)))!;
      await rename(join(boot, image), join(dir, 'vmlinux'));
      await rename(modules, join(dir, 'modules'));
      await rm(files, { recursive: true });
      await rm(join(dir, deb!));
      return { facts: null, files: ['vmlinux', SCRIPT], said: 'downloaded and unpacked' };
    },
  });
  return layout(entry.dir);
}
