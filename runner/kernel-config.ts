// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kernel } from '../vm/kernel/kernel.ts';

/** Whether the kernel was built with an option (`CONFIG_GCOV_KERNEL`); null where its configuration is not known. */
export async function isBuiltWith(
  kernel: Pick<Kernel, 'tree' | 'release'>,
  option: string,
): Promise<boolean | null> {
  const file = join(kernel.tree, 'boot', `config-${kernel.release}`);
  const text = await readFile(file, 'utf8').catch(() => null);
  return text === null ? null : new RegExp(`^${option}=[ym]$`, 'm').test(text);
}
