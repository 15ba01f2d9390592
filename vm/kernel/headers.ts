// SPDX-License-Identifier: GPL-2.0-only
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, cacheFolder } from '../cache.ts';
import type { Progress } from '../progress.ts';
import type { Rootfs } from '../rootfs/build.ts';
import { inSandbox } from '../rootfs/sandbox.ts';
import { Trouble } from '../trouble.ts';
import { openApt } from './apt.ts';
import type { Kernel } from './kernel.ts';

/**
 * The headers that a module for a Debian kernel is built with, unpacked, not installed.
 *
 * @throws Trouble where the archive has dropped them: it keeps those of few versions
 */
export async function getHeaders(rootfs: Rootfs, kernel: Kernel, progress: Progress): Promise<string> {
  const name = `linux-headers-${kernel.release}`;
  const { source } = kernel;
  if (!source) throw new Trouble({ happened: `Debian does not have the headers of ${kernel.release}.` });
  const entry = await cached<null>({
    dir: join(await cacheFolder('headers'), `${kernel.release}_${kernel.version}`),
    title: `Headers of ${kernel.release}`,
    expectedMs: 20_000,
    needBytes: 300 * 2 ** 20,
    progress,
    build: async (dir, step) => {
      const apt = await openApt(rootfs, source.suite, step);
      const found = (await apt.show([name])).get(name);
      if (found?.Version !== kernel.version)
        throw new Trouble({
          happened: `${source.suite} has ${found ? `${name} ${found.Version}` : `no ${name}`}.`,
          expected: `version ${kernel.version}, as the kernel`,
        });
      const parts = found.Depends!.match(/\blinux-(?:headers-[^\s,]+-common|kbuild-[^\s,]+)/g)!;
      await apt.download([name, ...parts], dir, step);
      for (const deb of (await readdir(dir)).filter((file) => file.endsWith('.deb'))) {
        await inSandbox({ root: rootfs.tree, writable: [dir] }, ['dpkg-deb', '-x', join(dir, deb), dir]);
        await rm(join(dir, deb));
      }
      await rm(join(dir, 'usr/share'), { recursive: true, force: true });
      return { facts: null, files: [`usr/src/${name}/Makefile`], said: 'downloaded and unpacked' };
    },
  });
  return entry.dir;
}

/**
 * The beginning of a `make` that builds modules with the headers, wherever they are: their Makefile names the folder in
 * which the package would have been installed.
 *
 * @param makefile is written: one that names where they are
 */
export async function makeWithHeaders(headers: string, kernel: Kernel, makefile: string): Promise<string[]> {
  const folder = join(headers, 'usr/src', `linux-headers-${kernel.release}`);
  const text = await readFile(join(folder, 'Makefile'), 'utf8');
  await writeFile(makefile, text.replaceAll('/usr/src/', `${headers}/usr/src/`));
  return ['make', '-f', makefile, '-C', folder, 'CC=gcc'];
}
