// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kernel } from '../vm/kernel/kernel.ts';

type WithConfig = Pick<Kernel, 'tree' | 'release'>;

/** Null where it is not known. */
function readConfig({ tree, release }: WithConfig): Promise<string | null> {
  return readFile(join(tree, 'boot', `config-${release}`), 'utf8').catch(() => null);
}

/** Whether the kernel was built with an option (`CONFIG_GCOV_KERNEL`); null where its configuration is not known. */
export async function isBuiltWith(kernel: WithConfig, option: string): Promise<boolean | null> {
  const text = await readConfig(kernel);
  return text === null ? null : new RegExp(`^${option}=[ym]$`, 'm').test(text);
}

/** The options of a `.config` or of a fragment; the last assignment counts, as for merge_config.sh. */
export function parseConfig(text: string): Map<string, string> {
  const options = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value, off] =
      /^(?:(CONFIG_\w+)=(.*)|# (CONFIG_\w+) is not set)$/.exec(line.trimEnd()) ?? [];
    if (name !== undefined) options.set(name, value!);
    else if (off !== undefined) options.set(off, 'n');
  }
  return options;
}

/**
 * What a fragment asks for and the kernel does not have, as lines of a fragment; a module does where the option was
 * to be built in, and the other way round. Empty where the kernel's configuration is not known.
 */
export async function lackingOf(kernel: WithConfig, fragment: string): Promise<string[]> {
  const text = await readConfig(kernel);
  if (text === null) return [];
  const has = parseConfig(text);
  const on = (value: string) => (value === 'm' ? 'y' : value);
  return [...parseConfig(fragment)]
    .filter(([name, value]) => on(has.get(name) ?? 'n') !== on(value))
    .map(([name, value]) => (value === 'n' ? `# ${name} is not set` : `${name}=${value}`));
}
