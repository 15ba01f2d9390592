// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nearest } from '../nearest.ts';
import { UsageTrouble } from '../trouble.ts';
import { mergeFragments } from './config.ts';

/** What a kernel that we compile is configured as. */
export interface Flavour {
  /** `normal`, `kunit`, `kunit+debug`. */
  name: string;
  /** The fragment that it is, merged; what it does not name is off. */
  fragment: string;
  /** Folders of the tree whose coverage is counted, where the fragment has CONFIG_GCOV_KERNEL. */
  profiled: readonly string[];
}

/** Each is a file in `flavours/`, and is merged over `normal`. */
export const flavours = {
  normal: { summary: 'what guests and the selftests of MPTCP need', profiled: [] },
  kunit: { summary: 'with KUnit, and tests of MPTCP, the network and the core as modules', profiled: [] },
  debug: { summary: 'with KASAN, UBSAN, lockdep, kmemleak, coverage of net/mptcp', profiled: ['net/mptcp'] },
} as const satisfies Record<string, { summary: string; profiled: readonly string[] }>;

type Name = keyof typeof flavours;

const isName = (name: string): name is Name => Object.hasOwn(flavours, name);

/**
 * Reads the name of a flavour, or several with `+` between them.
 *
 * @throws UsageTrouble for one that there is not
 */
export async function readFlavour(text: string): Promise<Flavour> {
  const names = text.split('+').map((name) => {
    if (isName(name)) return name;
    throw new UsageTrouble({
      happened: `There is no flavour ${JSON.stringify(name)}.`,
      expected: `one of ${nearest(name, Object.keys(flavours)).join(', ')}, or several: kunit+debug`,
      next: 'multitap kernel flavour',
    });
  });
  const merged = [...new Set<Name>(['normal', ...names])];
  const files = merged.map((name) => join(import.meta.dirname, 'flavours', `${name}.config`));
  return {
    name: merged.length === 1 ? 'normal' : merged.slice(1).join('+'),
    fragment: mergeFragments(await Promise.all(files.map((file) => readFile(file, 'utf8')))),
    profiled: merged.flatMap((name) => flavours[name].profiled),
  };
}
