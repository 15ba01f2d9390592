// SPDX-License-Identifier: GPL-2.0-only
import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { cached, cacheFolder, hashOf } from '../cache.ts';
import type { Progress } from '../progress.ts';
import type { Rootfs } from '../rootfs/build.ts';
import { inSandbox } from '../rootfs/sandbox.ts';
import { UsageTrouble } from '../trouble.ts';
import { bootImage } from './boot-image.ts';
import { findDebSource } from './deb.ts';
import type { Kernel, KernelSource } from './kernel.ts';
import type { ImageReference } from './reference.ts';
import { unpackConfig, unpackVmlinux } from './unpack.ts';
import { upstreamOf } from './version.ts';
import { releaseOf } from './vmlinux.ts';

interface Facts {
  configHash: string;
  image: 'vmlinux' | 'bzImage';
}

const IMAGE_BYTES_MAX = 512 * 2 ** 20;

/** @throws UsageTrouble where it cannot be read, or is not what it should be */
async function checkPath(what: string, path: string, kind: 'file' | 'folder'): Promise<string> {
  const full = resolve(path);
  const trouble = (why: string) =>
    new UsageTrouble({
      happened: `image: the ${what} ${full} cannot be used: ${why}`,
      expected: 'image:BZIMAGE[,modules=FOLDER][,config=FILE], all of them readable',
    });
  await access(full, constants.R_OK).catch((error: Error) => {
    throw trouble(error.message);
  });
  const found = await stat(full);
  if (kind === 'folder' ? !found.isDirectory() : !found.isFile()) throw trouble(`it is no ${kind}`);
  if (kind === 'file' && found.size > IMAGE_BYTES_MAX) throw trouble('it is larger than 512 MiB');
  return full;
}

/** What a folder of modules holds, without reading it all: another build has other times. */
async function fingerprint(folder: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const stats = await Promise.all(names.map((name) => stat(name)));
  return names.map((name, i) => `${name} ${stats[i]!.size} ${stats[i]!.mtimeMs}`).join('\n');
}

/** `$1`: somebody's modules, `$2`: ours, `$3`: the release. Only ordinary files are taken. */
const LAY_OUT = `
set -e
modules="$2/tree/usr/lib/modules/$3"
mkdir -p "$modules"
[ -z "$1" ] || tar -C "$1" --exclude=./build --exclude=./source -cf - . | tar -C "$modules" --no-same-owner -xf -
find "$2" ! -type f ! -type d -delete
depmod -b "$2/tree/usr" "$3"
mkfs.erofs -d1 --all-root -T0 "$2/kernel.erofs" "$2/tree"
`;

/** Where Debian has the source of the version that an image tells; what it was really built from nobody knows. */
async function findSource(rootfs: Rootfs, upstream: string, progress: Progress): Promise<KernelSource> {
  try {
    const found = await findDebSource(rootfs, { kind: 'deb', suite: null, version: upstream }, progress);
    return found.upstream === upstream ? found : { upstream, source: null };
  } catch {
    return { upstream, source: null };
  }
}

/**
 * A kernel that somebody has built.
 *
 * @throws UsageTrouble for files that cannot be read, or are no kernel's; Trouble for a damaged image
 */
export async function getImageKernel(
  rootfs: Rootfs,
  reference: ImageReference,
  progress: Progress,
): Promise<Kernel> {
  const path = await checkPath('kernel', reference.bzImage, 'file');
  const modules = reference.modules && (await checkPath('modules', reference.modules, 'folder'));
  if (modules && !(await readdir(modules)).some((name) => /^modules\.(dep|order)$/.test(name)))
    throw new UsageTrouble({
      happened: `${modules} holds no modules.`,
      expected: 'lib/modules/RELEASE as `make modules_install` lays it out, with modules.order in it',
    });
  const configFile = reference.config && (await checkPath('configuration', reference.config, 'file'));
  const image = await readFile(path);
  const release = releaseOf(image);
  if (!release)
    throw new UsageTrouble({
      happened: `${path} is no bzImage.`,
      expected: 'arch/x86/boot/bzImage of a build, or a distribution’s vmlinuz, for x86-64',
    });
  const given = configFile && (await readFile(configFile, 'utf8'));
  const key = hashOf(image, given ?? '', modules ? await fingerprint(modules) : '', LAY_OUT);
  const entry = await cached<Facts>({
    hashed: true,
    dir: join(await cacheFolder('image'), `${release}-${key}`),
    title: `Kernel ${release}`,
    expectedMs: 10_000,
    needBytes: 1200 * 2 ** 20,
    progress,
    build: async (dir, step) => {
      step.update({ text: 'unpacking' });
      await writeFile(join(dir, 'bzImage'), image);
      const vmlinux = await unpackVmlinux(rootfs, join(dir, 'bzImage'));
      await writeFile(join(dir, 'vmlinux'), vmlinux);
      const config = given ?? (await unpackConfig(rootfs, vmlinux));
      await mkdir(join(dir, 'tree/boot'), { recursive: true });
      if (config !== null) await writeFile(join(dir, 'tree/boot', `config-${release}`), config);
      else
        step.note(
          'Its configuration is not known: name it with ,config=FILE for checks of what suites need.',
        );
      const sandbox = { root: rootfs.tree, readable: modules ? [modules] : [], writable: [dir] };
      await inSandbox(sandbox, ['sh', '-c', LAY_OUT, 'sh', modules ?? '', dir, release]);
      return {
        facts: { configHash: hashOf(config ?? ''), image: bootImage(config) },
        files: ['bzImage', 'vmlinux', 'kernel.erofs'],
        said: release,
      };
    },
  });
  const { dir, facts } = entry;
  return {
    ...(await findSource(rootfs, upstreamOf(release).replace(/\.0$/, ''), progress)),
    ...{ release, version: `${release}-${key.slice(0, 8)}`, flavour: 'own', arch: 'x86_64', dir },
    reference: `image:${reference.bzImage}`,
    configHash: facts.configHash,
    vmlinux: join(dir, facts.image),
    bzImage: join(dir, 'bzImage'),
    layer: join(dir, 'kernel.erofs'),
    tree: join(dir, 'tree'),
  };
}
