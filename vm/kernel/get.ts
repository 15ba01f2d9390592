// SPDX-License-Identifier: GPL-2.0-only
import type { Progress } from '../progress.ts';
import type { Rootfs } from '../rootfs/build.ts';
import { UsageTrouble } from '../trouble.ts';
import { getDebKernel } from './deb.ts';
import { readFlavour } from './flavours.ts';
import { getImageKernel } from './image.ts';
import type { Kernel } from './kernel.ts';
import { type KernelReference, parseKernelReference } from './reference.ts';
import { getSourceKernel } from './source-kernel.ts';

/** A kernel that is wanted, with what of it could be refused before anything is downloaded. */
export type WantedKernel = (rootfs: Rootfs, progress: Progress) => Promise<Kernel>;

/**
 * Reads a reference and the flavour that a kernel is to be compiled with.
 *
 * @param flavour only for what is compiled here; `normal` where none is named
 * @throws UsageTrouble for what is no reference or no flavour, and for a flavour of what is compiled already
 */
export async function wantedKernel(text: string, flavour?: string): Promise<WantedKernel> {
  const reference = parseKernelReference(text);
  if (reference.kind === 'source') {
    const read = await readFlavour(flavour ?? 'normal');
    return (rootfs, progress) => getSourceKernel(rootfs, reference, read, progress);
  }
  if (flavour !== undefined)
    throw new UsageTrouble({
      happened: `${text} is compiled already: it cannot be given the flavour ${flavour}.`,
      expected: 'a kernel that is compiled here, such as source:6.12',
    });
  return (rootfs, progress) => getCompiled(rootfs, reference, progress);
}

function getCompiled(
  rootfs: Rootfs,
  reference: Exclude<KernelReference, { kind: 'source' }>,
  progress: Progress,
): Promise<Kernel> {
  return reference.kind === 'deb'
    ? getDebKernel(rootfs, reference, progress)
    : getImageKernel(rootfs, reference, progress);
}
