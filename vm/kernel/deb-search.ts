// SPDX-License-Identifier: GPL-2.0-only
import type { Step } from '../progress.ts';
import type { Rootfs } from '../rootfs/build.ts';
import { Trouble, UsageTrouble } from '../trouble.ts';
import { type Apt, MirrorUnreachable, openApt } from './apt.ts';
import { type DebReference, usualSuites } from './reference.ts';
import { compareVersions } from './version.ts';

export interface DebCandidate {
  /** The package that names the kernel: `linux-image-6.12.107+deb13-cloud-amd64`. */
  name: string;
  version: string;
  suite: string;
  /** What must be downloaded: up to 6.18 the image alone, from 6.19 on what it depends on. */
  packages: string[];
}

const IMAGE = /^linux-image-(\d[^-]*(?:-\d+)?)-cloud-amd64$/;

/** The packages that hold vmlinuz, modules, configuration and System.map of an image package. */
function partsOf(name: string, depends: string): string[] {
  const parts = [...depends.matchAll(/\blinux-(?:binary|modules|base)-\d[^ ,()]*/g)].map(([part]) => part);
  // Some images that hold everything still depend on a `linux-base-…` that was never in the archive.
  return parts.some((part) => part.startsWith('linux-binary-')) ? [...new Set(parts)] : [name];
}

/** Whether a version begins with the wanted one, at a boundary: 6.1 is not 6.12. */
export function isOfVersion(version: string, wanted: string): boolean {
  return version.startsWith(wanted) && !/^\d/.test(version.slice(wanted.length));
}

/**
 * Debian's cloud kernels in one suite, oldest first. An image whose parts are no longer in the archive is left out:
 * it is in the index, but cannot be had.
 */
export async function debKernels(apt: Apt, prefix = ''): Promise<DebCandidate[]> {
  const names = (await apt.names(`linux-image-${prefix}`)).filter((name) => IMAGE.test(name));
  const candidates = [...(await apt.show(names))].map(([name, { Version, Depends }]) => ({
    name,
    version: Version!,
    suite: apt.suite,
    packages: partsOf(name, Depends ?? ''),
  }));
  const there = await apt.show([...new Set(candidates.flatMap(({ packages }) => packages))]);
  return candidates
    .filter(({ packages }) => packages.every((part) => there.has(part)))
    .sort((a, b) => compareVersions(a.version, b.version));
}

/** The suites to search, as far as they can be read: one that cannot must not hide a kernel that another has. */
async function* openSuites(rootfs: Rootfs, reference: DebReference, step: Step): AsyncGenerator<Apt> {
  if (reference.suite) return yield await openApt(rootfs, reference.suite, step);
  let readable = 0;
  let failure: unknown = null;
  for (const suite of usualSuites) {
    let apt: Apt;
    try {
      apt = await openApt(rootfs, suite, step);
    } catch (error) {
      if (error instanceof MirrorUnreachable) throw error;
      failure ??= error;
      if (error instanceof Trouble && readable > 0)
        step.note(`  ${suite} is left out: ${error.parts.happened.split('\n').at(-1)}`);
      continue;
    }
    readable++;
    yield apt;
  }
  if (readable === 0) throw failure;
}

/**
 * The newest kernel that a reference means.
 *
 * @throws UsageTrouble with the kernels that there are; MirrorUnreachable without network
 */
export async function findDebKernel(
  rootfs: Rootfs,
  reference: DebReference,
  step: Step,
): Promise<DebCandidate> {
  const series = /^\d+\.\d+/.exec(reference.version)![0];
  const near = new Map<string, string>();
  for await (const apt of openSuites(rootfs, reference, step)) {
    const fitting = (await debKernels(apt, series)).filter(({ version }) =>
      isOfVersion(version, reference.version),
    );
    if (fitting.length > 0) return fitting.at(-1)!;
    for (const { version } of await debKernels(apt)) {
      const known = /^\d+\.\d+/.exec(version)![0];
      if (!near.has(known)) near.set(known, `deb:${apt.suite}/${known}`);
    }
  }
  throw new UsageTrouble({
    happened: `Debian${reference.suite ? `’s ${reference.suite}` : ''} has no cloud kernel ${reference.version}.`,
    expected: `one of ${[...near.keys()]
      .sort(compareVersions)
      .map((version) => near.get(version))
      .join(', ')}`,
    next: 'multitap kernel list',
  });
}
