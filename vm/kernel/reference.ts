// SPDX-License-Identifier: GPL-2.0-only
import { UsageTrouble } from '../trouble.ts';

/** A kernel's name as people write it: `deb:6.12`, `deb:trixie-backports/7.3`. */
export interface DebReference {
  kind: 'deb';
  /** Debian's suite; null for the first of the usual ones that has the version. */
  suite: string | null;
  /** A version or the beginning of one: `6.12`, `6.12.107`. */
  version: string;
}

export type KernelReference = DebReference;

/** Searched in this order where a reference names no suite: the most settled one first. */
export const usualSuites = ['trixie', 'trixie-backports', 'bookworm', 'forky', 'sid'] as const;

const EXAMPLES = 'deb:6.12, deb:6.1 or deb:trixie-backports/7.3';

/**
 * Reads a kernel reference.
 *
 * @throws UsageTrouble with an example for anything else
 */
export function parseKernelReference(text: string): KernelReference {
  const deb = /^deb:(?:([a-z][a-z0-9-]*)\/)?(\d+\.\d+(?:\.\d+)?)$/.exec(text);
  if (deb) return { kind: 'deb', suite: deb[1] ?? null, version: deb[2]! };
  if (/^(git|image):/.test(text))
    throw new UsageTrouble({
      happened: `Kernel ${JSON.stringify(text)}: this version of multitap knows Debian’s kernels only.`,
      expected: `deb:[SUITE/]VERSION, such as ${EXAMPLES}`,
    });
  const version = /\d+\.\d+(\.\d+)?/.exec(text)?.[0];
  throw new UsageTrouble({
    happened: `${JSON.stringify(text)} is not a kernel reference.`,
    expected: `deb:[SUITE/]VERSION, such as ${EXAMPLES}`,
    ...(version ? { next: `did you mean deb:${version}?` } : { next: 'multitap kernel list' }),
  });
}
