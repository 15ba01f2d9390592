// SPDX-License-Identifier: GPL-2.0-only
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, cacheFolder } from '../cache.ts';
import type { Progress, Step } from '../progress.ts';
import type { Rootfs } from '../rootfs/build.ts';
import { inSandbox } from '../rootfs/sandbox.ts';
import { Trouble, UsageTrouble } from '../trouble.ts';
import { type Apt, openApt } from './apt.ts';
import type { KernelSource, PackagedSource } from './kernel.ts';

/**
 * What neither `make headers` nor a selftest reads: three quarters of the tree. Of the documentation
 * `Documentation/netlink` stays, from which the collection `net` makes its netlink library.
 */
const LEFT_OUT = [
  ...['drivers', 'sound', 'fs', 'arch/[!x]*', 'crypto', 'block'],
  ...['[!n]*', 'n[!e]*', 'netlabel', 'networking'].map((name) => `Documentation/${name}`),
];

/** Raised when other files are unpacked, or otherwise. */
const LAYOUT = 2;

/**
 * Fetches the upstream tree of one version into `dir`, as a tarball. Two places, because the archive has
 * neither for every kernel: `linux-source-X.Y`, of which only some versions are kept, and the source package,
 * whose tarball the mirrors hold for most.
 */
async function fetchTarball(apt: Apt, kernel: PackagedSource, dir: string, step: Step): Promise<string> {
  const { name, version } = kernel.source;
  const binary = `linux-source-${/^\d+\.\d+/.exec(kernel.upstream)![0]}`;
  try {
    await apt.source(name, version, dir, step);
  } catch (error) {
    if ((await apt.show([binary])).size === 0) throw error;
    await apt.download([`${binary}=${version}`], dir, step);
  }
  const file = (await readdir(dir)).find((found) => /\.orig\.tar\.\w+$|^linux-source.*\.deb$/.test(found));
  if (!file)
    throw new Trouble({ happened: `The source of ${name} ${version} came without an upstream tarball.` });
  return join(dir, file);
}

/**
 * The source that a Debian kernel was built from; apt verifies it.
 *
 * @param extent `selftests`: unpacked as far as they need it
 * @throws Trouble where the archive has neither form of it; UsageTrouble where it is known not to have that version
 */
export async function getSource(
  rootfs: Rootfs,
  { upstream, source }: KernelSource,
  progress: Progress,
  extent: 'selftests' | 'whole' = 'selftests',
): Promise<string> {
  if (!source)
    throw new UsageTrouble({
      happened: `Debian does not have the source of Linux ${upstream}.`,
      expected: 'the source of the same version, or of another that is named',
      next: 'build the tests from another kernel’s source: --selftests deb:6.12',
    });
  const whole = extent === 'whole';
  const entry = await cached<{ upstream: string }>({
    dir: join(await cacheFolder('source'), `linux-${upstream}-${whole ? 'whole' : LAYOUT}`),
    title: `Kernel source ${upstream}${whole ? ', whole' : ''}`,
    expectedMs: whole ? 80_000 : 40_000,
    needBytes: (whole ? 2400 : 1200) * 2 ** 20,
    progress,
    build: async (dir, step) => {
      const apt = await openApt(rootfs, source.suite, step);
      const file = await fetchTarball(apt, { upstream, source }, dir, step);
      step.update({ text: 'unpacking' });
      const excluded = (whole ? [] : LEFT_OUT).map((path) => `--exclude=linux-*/${path}`);
      const sandbox = { root: rootfs.tree, writable: [dir] };
      const unpack = (tarball: string) =>
        inSandbox(sandbox, [
          'tar',
          '-C',
          dir,
          '--no-same-owner',
          '--anchored',
          '--no-wildcards-match-slash',
          ...excluded,
          '--transform',
          // Not the targets of symbolic links, which the kernel has many of (the flag S).
          's,^[^/]*,tree,S',
          '-xf',
          tarball,
        ]);
      if (file.endsWith('.deb')) {
        await inSandbox(sandbox, ['dpkg-deb', '-x', file, join(dir, 'deb')]);
        const tarballs = await readdir(join(dir, 'deb/usr/src'));
        await unpack(
          join(dir, 'deb/usr/src', tarballs.find((found) => /^linux-source-.*\.tar\.\w+$/.test(found))!),
        );
      } else await unpack(file);
      for (const found of await readdir(dir))
        if (found !== 'tree') await rm(join(dir, found), { recursive: true });
      return {
        facts: { upstream },
        files: ['tree/Makefile', 'tree/tools/testing/selftests/Makefile'],
        said: 'downloaded and unpacked',
      };
    },
  });
  return join(entry.dir, 'tree');
}
