// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseConfig } from '../../../vm/kernel/config.ts';
import type { Kernel } from '../../../vm/kernel/kernel.ts';
import { readInside } from '../../../vm/read-inside.ts';
import type { Rootfs } from '../../../vm/rootfs/build.ts';
import { inSandbox } from '../../../vm/rootfs/sandbox.ts';
import { moduleName } from '../needs.ts';
import { suitesOfImage, suitesOfModule } from './suite-names.ts';

/** A KUnit suite of a kernel, and what has to be loaded for it. */
export interface KunitSuite {
  /** Its own. */
  name: string;
  /** What it is called among all: with its module's where another suite has the same name. */
  title: string;
  /** As modprobe names it; null for what is built in, and ran while the kernel booted. */
  module: string | null;
  /** The same module holds others as well. */
  shared: boolean;
}

/** No module of the kernel's is so large. */
const MODULE_BYTES_MAX = 256 * 2 ** 20;
const UNPACK: Record<string, string[]> = {
  xz: ['xz', '-dc'],
  zst: ['zstd', '-dcq'],
  gz: ['gzip', '-dc'],
};

/**
 * The modules that may be KUnit's, by their paths: those that need `kunit`, and, since nobody needs what is built in,
 * those that are called so.
 *
 * @param dep a `modules.dep` of depmod
 */
export function candidates(dep: string): string[] {
  return dep.split('\n').flatMap((line) => {
    const [path, needs] = line.split(/:(.*)/s, 2) as [string, string?];
    if (needs === undefined) return [];
    const isCalledSo = /test|kunit/.test(moduleName(path));
    const needsIt = needs.split(' ').some((need) => moduleName(need) === 'kunit');
    return isCalledSo || needsIt ? [path] : [];
  });
}

async function readModule(rootfs: Rootfs, folder: string, path: string): Promise<Buffer> {
  const packed = await readInside(folder, join(folder, path));
  const unpack = UNPACK[path.split('.').pop()!];
  if (!unpack) return packed;
  const { stdout } = await inSandbox({ root: rootfs.tree }, unpack, {
    ...{ input: packed, stdin: 'pipe', encoding: 'buffer', maxBuffer: MODULE_BYTES_MAX, reject: false },
  });
  return Buffer.from(stdout as Uint8Array);
}

/**
 * What KUnit suites a kernel has. Of those that are built in nothing is known (`builtInUnknown`) where KUnit is
 * built in and the image has no symbols.
 */
export async function findKunitSuites(
  rootfs: Rootfs,
  kernel: Kernel,
): Promise<{ suites: KunitSuite[]; builtInUnknown: boolean }> {
  const folder = join(kernel.tree, 'usr/lib/modules', kernel.release);
  const dep = await readInside(folder, join(folder, 'modules.dep')).then(String, () => '');
  const found: Omit<KunitSuite, 'title'>[] = [];
  for (const path of candidates(dep).sort()) {
    const names = suitesOfModule(await readModule(rootfs, folder, path));
    found.push(...names.map((name) => ({ name, module: moduleName(path), shared: names.length > 1 })));
  }
  const builtIn = suitesOfImage(await readFile(join(kernel.dir, 'vmlinux')));
  found.push(...(builtIn ?? []).map((name) => ({ name, module: null, shared: false })));
  const suites = found.map((suite, i) => {
    const isSecond = found.findIndex(({ name }) => name === suite.name) < i;
    return { ...suite, title: isSecond ? `${suite.name} (${suite.module ?? 'built in'})` : suite.name };
  });
  return { suites, builtInUnknown: builtIn === null && (await isKunitBuiltIn(kernel)) };
}

async function isKunitBuiltIn({ tree, release }: Kernel): Promise<boolean> {
  const config = await readFile(join(tree, 'boot', `config-${release}`), 'utf8').catch(() => '');
  return parseConfig(config).get('CONFIG_KUNIT') !== 'm';
}
