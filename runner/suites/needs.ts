// SPDX-License-Identifier: GPL-2.0-only
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kernel } from '../../vm/kernel/kernel.ts';
import type { Rootfs } from '../../vm/rootfs/build.ts';
import { isBuiltWith } from '../kernel-config.ts';

/** What tests ask of a kernel and of the root file system. */
export interface Needs {
  /** Options that must be built in or be modules: `CONFIG_MPTCP`. */
  options?: readonly string[];
  /** Lines of a fragment that are worth having with those: what is to be tested. */
  fragment?: readonly string[];
  /** What a kernel has all of this in that is compiled here. */
  flavour?: string;
  /** Modules that must be there or be built in, as modprobe names them: `mptcp_diag`. */
  modules?: readonly string[];
  /** Programs of the root file system. */
  tools?: readonly string[];
}

/** `ACPI_APEI_GHES`, `mptcp-diag` and `mptcp_diag.ko.xz` are one thing to modprobe. */
export function moduleName(path: string): string {
  return path
    .slice(path.lastIndexOf('/') + 1)
    .replace(/\.ko(\.\w+)?$/, '')
    .replaceAll('-', '_');
}

async function modulesOf({ tree, release }: Pick<Kernel, 'tree' | 'release'>): Promise<Set<string>> {
  const folder = join(tree, 'usr/lib/modules', release);
  const read = (name: string) => readFile(join(folder, name), 'utf8').catch(() => '');
  const [loadable, builtIn] = await Promise.all([read('modules.dep'), read('modules.builtin')]);
  const paths = [...loadable.split('\n').map((line) => line.split(':')[0]!), ...builtIn.split('\n')];
  return new Set(paths.filter(Boolean).map(moduleName));
}

/**
 * What is missing, in words for a person, with the fragment of a configuration that would mend it; null where nothing
 * is, or where it cannot be known (a kernel whose configuration nobody has).
 */
export async function unmetNeeds(
  needs: Needs,
  { kernel, rootfs }: { kernel: Pick<Kernel, 'tree' | 'release'>; rootfs: Pick<Rootfs, 'tree'> },
): Promise<string | null> {
  const said: string[] = [];
  const options: string[] = [];
  for (const option of needs.options ?? [])
    if ((await isBuiltWith(kernel, option)) === false) options.push(option);
  if (options.length > 0)
    said.push(
      `${kernel.release} is built without ${options.join(', ')}`,
      'this fragment of a configuration would mend it:',
      ...options.map((option) => `${option}=y`),
      ...(needs.fragment ?? []),
      ...(needs.flavour ? [`compiled here: --kernel source:6.12 --flavour ${needs.flavour}`] : []),
    );
  const there = needs.modules?.length ? await modulesOf(kernel) : new Set<string>();
  const modules = (needs.modules ?? []).filter((name) => there.size > 0 && !there.has(moduleName(name)));
  if (modules.length > 0) said.push(`${kernel.release} has no module ${modules.join(', ')}`);
  const folders = ['usr/local/sbin', 'usr/local/bin', 'usr/sbin', 'usr/bin'];
  const tools = (needs.tools ?? []).filter(
    (tool) => !folders.some((folder) => existsSync(join(rootfs.tree, folder, tool))),
  );
  if (tools.length > 0) said.push(`the root file system has no ${tools.join(', ')}`);
  return said.length > 0 ? said.join('\n') : null;
}
