// SPDX-License-Identifier: GPL-2.0-only
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cached, cacheFolder, hashOf } from '../cache.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Progress } from '../progress.ts';
import type { Rootfs } from '../rootfs/build.ts';
import { inSandbox, type SandboxOptions } from '../rootfs/sandbox.ts';

const SOURCES = import.meta.dirname;

/** What the initramfs needs to reach its disks; built into some kernels, modules in others. */
const MODULES = ['virtio_pci', 'virtio_console', 'virtio_blk', 'virtio_rng', 'erofs', 'overlay'];

async function sourceFiles(): Promise<string[]> {
  return (await readdir(SOURCES)).filter((name) => /\.[ch]$/.test(name)).sort();
}

/** Compiles the agent, statically: in the initramfs there is no library. */
async function compile(rootfs: Rootfs, output: string): Promise<void> {
  const units = (await sourceFiles())
    .filter((name) => name.endsWith('.c'))
    .map((name) => join(SOURCES, name));
  const flags = ['-D_GNU_SOURCE', '-std=gnu11', '-static', '-Os', '-s', '-Wall', '-Wextra', '-Werror'];
  await inSandbox({ root: rootfs.tree, readable: [SOURCES], writable: [join(output, '..')] }, [
    'gcc',
    ...flags,
    '-o',
    output,
    ...units,
  ]);
}

/** Copies the modules and what they depend on, unpacked, in the order in which they must be loaded. */
async function gatherModules(sandbox: SandboxOptions, kernel: Kernel, into: string): Promise<string> {
  const order: string[] = [];
  for (const module of MODULES) {
    const { stdout } = await inSandbox(
      sandbox,
      ['modprobe', '-S', kernel.release, '-d', join(kernel.tree, 'usr'), '--show-depends', module],
      { reject: false },
    );
    for (const line of stdout.split('\n')) {
      const path = /^insmod (\S+)/.exec(line)?.[1];
      if (path && !order.includes(path)) order.push(path);
    }
  }
  const unpackers: Record<string, string> = { xz: 'xz -dc', zst: 'zstd -dcq', gz: 'gzip -dc' };
  for (const path of order) {
    const command = unpackers[path.split('.').pop()!] ?? 'cat';
    await inSandbox(sandbox, ['sh', '-c', `${command} "$1" > "$2"`, 'sh', path, join(into, plainName(path))]);
  }
  return order.map((path) => `/modules/${plainName(path)}\n`).join('');
}

function plainName(path: string): string {
  return basename(path).replace(/\.(xz|zst|gz)$/, '');
}

/** Returns the initramfs for a kernel: our init-and-agent, and the modules to reach the disks. */
export async function buildInitramfs(rootfs: Rootfs, kernel: Kernel, progress: Progress): Promise<string> {
  const sources = await Promise.all((await sourceFiles()).map((name) => readFile(join(SOURCES, name))));
  const key = hashOf(rootfs.hash, basename(kernel.dir), ...sources, MODULES.join(' '));
  const entry = await cached<null>({
    hashed: true,
    dir: join(await cacheFolder('initramfs'), `${kernel.release}-${key}`),
    title: `Guest agent for ${kernel.release}`,
    expectedMs: 4_000,
    needBytes: 64 * 2 ** 20,
    progress,
    build: async (dir) => {
      const tree = join(dir, 'tree');
      await mkdir(join(tree, 'modules'), { recursive: true });
      const sandbox = { root: rootfs.tree, readable: [kernel.tree], writable: [dir] };

      await writeFile(
        join(tree, 'modules/order'),
        await gatherModules(sandbox, kernel, join(tree, 'modules')),
      );
      await compile(rootfs, join(tree, 'init'));
      await copyFile(join(tree, 'init'), join(dir, 'agent'));
      await inSandbox({ ...sandbox, cwd: tree }, [
        'sh',
        '-c',
        'find . | cpio -o -H newc -R 0:0 --quiet > ../initramfs',
      ]);
      await rm(tree, { recursive: true });
      return { facts: null, files: ['initramfs', 'agent'], said: 'compiled' };
    },
  });
  return join(entry.dir, 'initramfs');
}
