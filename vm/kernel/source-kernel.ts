// SPDX-License-Identifier: GPL-2.0-only
import { listEntries } from '../cache.ts';
import type { Progress } from '../progress.ts';
import type { Rootfs } from '../rootfs/build.ts';
import { type CompiledFacts, compileKernel, toCompiled } from './compile.ts';
import { findDebSource } from './deb.ts';
import type { Flavour } from './flavours.ts';
import type { PackagedKernel, PackagedSource } from './kernel.ts';
import type { SourceReference } from './reference.ts';
import { getSource } from './source.ts';

type Facts = CompiledFacts & { about: PackagedSource };

/**
 * A kernel compiled from upstream's source as Debian has it.
 *
 * @throws UsageTrouble for a version that Debian does not have; Trouble without network, and where it does not compile
 */
export async function getSourceKernel(
  rootfs: Rootfs,
  { suite, version }: SourceReference,
  flavour: Flavour,
  progress: Progress,
): Promise<PackagedKernel> {
  const source = await findDebSource(rootfs, { kind: 'deb', suite, version }, progress);
  const compilation = {
    ...{ id: source.upstream, flavour, ccache: 'upstream' },
    tree: () => getSource(rootfs, source, progress, 'whole'),
  };
  const compiled = await compileKernel(rootfs, compilation, source, progress);
  const reference = `source:${suite ? `${suite}/` : ''}${version}`;
  return { ...source, ...compiled, reference, version: source.upstream };
}

/** Those that are in the cache. */
export async function cachedSourceKernels(): Promise<PackagedKernel[]> {
  const entries = await listEntries<Facts>('compiled');
  return entries.flatMap(({ dir, facts }) => {
    if (!facts) return [];
    const { about } = facts;
    const reference = `source:${about.source.suite}/${about.upstream}`;
    return [{ ...about, ...toCompiled(dir, facts), reference, version: about.upstream }];
  });
}
