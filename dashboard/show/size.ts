// SPDX-License-Identifier: GPL-2.0-only

/** `512 B`, `14.8 kB`, `52.4 MB`: decimal units, as `du --si` and disks count. */
export function byteSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const kilo = bytes / 1000;
  return kilo < 1000 ? `${kilo.toFixed(1)} kB` : `${(kilo / 1000).toFixed(1)} MB`;
}
