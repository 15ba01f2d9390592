// SPDX-License-Identifier: GPL-2.0-only
import { parseConfig } from './config.ts';

/**
 * Which image of a kernel a guest is booted from: the uncompressed one by its PVH entry, which skips firmware and
 * decompression, where it has that entry. Not with KASAN: what runs first there uses its shadow before that is mapped,
 * a triple fault. Where the configuration is not known, the image that always boots.
 */
export function bootImage(config: string | null): 'vmlinux' | 'bzImage' {
  const options = parseConfig(config ?? '');
  return options.get('CONFIG_PVH') === 'y' && options.get('CONFIG_KASAN') !== 'y' ? 'vmlinux' : 'bzImage';
}
