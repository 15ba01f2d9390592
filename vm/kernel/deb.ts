// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, cacheFolder, listEntries } from '../cache.ts';
import type { Progress, Step } from '../progress.ts';
import type { Rootfs } from '../rootfs/build.ts';
import { inSandbox } from '../rootfs/sandbox.ts';
import { Trouble, UsageTrouble } from '../trouble.ts';
import { openApt } from './apt.ts';
import { type DebCandidate, findDebKernel, isOfVersion } from './deb-search.ts';
import type { PackagedKernel, PackagedSource } from './kernel.ts';
import type { DebReference } from './reference.ts';
import { unpackVmlinux } from './unpack.ts';
import { compareVersions, upstreamOf } from './version.ts';

type KernelFacts = Omit<PackagedKernel, 'reference' | 'dir' | 'vmlinux' | 'bzImage' | 'layer' | 'tree'>;

async function findFile(dir: string, pattern: RegExp): Promise<string | null> {
  const names = await readdir(dir, { recursive: true });
  const found = names.find((name) => pattern.test(name));
  return found ? join(dir, found) : null;
}

/**
 * Brings old packages (`/lib/modules`, `/boot/vmlinuz-*`) and new ones (`/usr/lib/modules/RELEASE/{vmlinuz,config}`)
 * to one layout: `dir/bzImage`, and `dir/tree` with modules and configuration where a guest expects them.
 */
async function layOut(files: string, dir: string): Promise<{ release: string; config: string }> {
  const modules = [join(files, 'usr/lib/modules'), join(files, 'lib/modules')].find((path) =>
    existsSync(path),
  );
  const bzImage = await findFile(files, /(^|\/)(boot\/vmlinuz-[^/]+|modules\/[^/]+\/vmlinuz)$/);
  const config = await findFile(files, /(^|\/)(boot\/config-[^/]+|modules\/[^/]+\/config)$/);
  const release = modules ? (await readdir(modules))[0] : undefined;
  if (!modules || !bzImage || !config || !release)
    throw new Trouble({
      happened: 'The kernel’s packages do not hold vmlinuz, config and modules where they were looked for.',
      expected: 'linux-image, or linux-binary + linux-modules + linux-base',
    });
  const tree = join(dir, 'tree');
  await mkdir(join(tree, 'usr/lib/modules'), { recursive: true });
  await mkdir(join(tree, 'boot'), { recursive: true });
  await copyFile(config, join(tree, 'boot', `config-${release}`));
  await rename(bzImage, join(dir, 'bzImage'));
  await rename(join(modules, release), join(tree, 'usr/lib/modules', release));
  return { release, config: join(tree, 'boot', `config-${release}`) };
}

async function install(
  rootfs: Rootfs,
  candidate: DebCandidate,
  dir: string,
  step: Step,
): Promise<KernelFacts> {
  const debs = join(dir, 'debs');
  const files = join(dir, 'files');
  const tree = join(dir, 'tree');
  await mkdir(debs);
  await mkdir(files);
  const apt = await openApt(rootfs, candidate.suite, step);
  await apt.download(candidate.packages, debs, step);
  step.update({ text: 'unpacking' });
  for (const deb of await readdir(debs))
    await inSandbox({ root: rootfs.tree, readable: [debs], writable: [files] }, [
      'dpkg-deb',
      '-x',
      join(debs, deb),
      files,
    ]);
  const { release, config } = await layOut(files, dir);
  await writeFile(join(dir, 'vmlinux'), await unpackVmlinux(rootfs, join(dir, 'bzImage')));
  step.update({ text: 'making the guests’ layer' });
  const sandbox = { root: rootfs.tree, writable: [dir] };
  await inSandbox(sandbox, ['depmod', '-b', join(tree, 'usr'), release]);
  await inSandbox(sandbox, ['mkfs.erofs', '-d1', '--all-root', '-T0', join(dir, 'kernel.erofs'), tree]);
  await rm(debs, { recursive: true });
  await rm(files, { recursive: true });
  return {
    release,
    version: candidate.version,
    upstream: upstreamOf(candidate.version),
    flavour: 'debian-cloud',
    arch: 'x86_64',
    configHash: createHash('sha256')
      .update(await readFile(config))
      .digest('hex')
      .slice(0, 16),
    source: { name: 'linux', version: candidate.version, suite: candidate.suite },
  };
}

function toKernel(reference: string, dir: string, facts: KernelFacts): PackagedKernel {
  return {
    ...facts,
    reference,
    dir,
    vmlinux: join(dir, 'vmlinux'),
    bzImage: join(dir, 'bzImage'),
    layer: join(dir, 'kernel.erofs'),
    tree: join(dir, 'tree'),
  };
}

/** Kernels that are in the cache already. */
export async function cachedKernels(): Promise<PackagedKernel[]> {
  const entries = await listEntries<KernelFacts>('kernel');
  return entries.flatMap(({ dir, facts }) =>
    facts ? [toKernel(`deb:${facts.source.suite}/${facts.upstream}`, dir, facts)] : [],
  );
}

/** What a reference means, asked of the archive; where that cannot be reached, the newest that is in the cache. */
async function resolve(
  rootfs: Rootfs,
  reference: DebReference,
  title: string,
  progress: Progress,
): Promise<{ candidate: DebCandidate; known?: never } | { candidate?: never; known: PackagedKernel }> {
  const step = progress.step(title, 1_000);
  try {
    const candidate = await findDebKernel(rootfs, reference, step);
    step.done(`${candidate.name} ${candidate.version} in ${candidate.suite}`);
    return { candidate };
  } catch (error) {
    if (error instanceof UsageTrouble) throw error;
    const known = (await cachedKernels())
      .filter(
        ({ version, source }) =>
          isOfVersion(version, reference.version) && source.suite === (reference.suite ?? source.suite),
      )
      .sort((a, b) => compareVersions(a.version, b.version))
      .at(-1);
    if (!known) throw error;
    step.note((error as Error).message.split('\n')[0]!);
    step.done(`${known.release} (${known.version}), from the cache: the mirror could not be asked`);
    return { known };
  }
}

function written(reference: DebReference): string {
  return `deb:${reference.suite ? `${reference.suite}/` : ''}${reference.version}`;
}

/**
 * The source of a kernel of Debian's, without the kernel: selftests of one version run on another.
 *
 * @throws UsageTrouble for a version that Debian does not have, with those that it has; Trouble without network
 */
export async function findDebSource(
  rootfs: Rootfs,
  reference: DebReference,
  progress: Progress,
): Promise<PackagedSource> {
  const { candidate, known } = await resolve(rootfs, reference, `Source ${written(reference)}`, progress);
  if (known) return { upstream: known.upstream, source: known.source };
  const { version, suite } = candidate;
  return { upstream: upstreamOf(version), source: { name: 'linux', version, suite } };
}

/**
 * Gets a kernel of Debian's, with its modules and configuration.
 *
 * @throws UsageTrouble for a version that Debian does not have, with those that it has; Trouble without network
 */
export async function getDebKernel(
  rootfs: Rootfs,
  reference: DebReference,
  progress: Progress,
): Promise<PackagedKernel> {
  const text = written(reference);
  const { candidate, known } = await resolve(rootfs, reference, `Kernel ${text}`, progress);
  if (known) return { ...known, reference: text };
  const entry = await cached<KernelFacts>({
    hashed: true,
    dir: join(
      await cacheFolder('kernel'),
      `${candidate.name.replace('linux-image-', '')}_${candidate.version}`,
    ),
    title: `Kernel package ${candidate.version}`,
    expectedMs: 20_000,
    needBytes: 600 * 2 ** 20,
    progress,
    build: async (dir, step) => {
      const facts = await install(rootfs, candidate, dir, step);
      return {
        facts,
        files: ['bzImage', 'vmlinux', 'kernel.erofs'],
        said: `${facts.release}, downloaded and unpacked`,
      };
    },
  });
  return toKernel(text, entry.dir, entry.facts);
}
