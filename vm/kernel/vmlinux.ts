// SPDX-License-Identifier: GPL-2.0-only

/** How a kernel image can be compressed: the magic bytes and the program that undoes it. */
const compressions: { name: string; magic: number[]; command: string[] }[] = [
  { name: 'gzip', magic: [0x1f, 0x8b, 0x08], command: ['gzip', '-dc'] },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], command: ['xz', '-dc'] },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68], command: ['bzip2', '-dc'] },
  { name: 'lz4', magic: [0x02, 0x21, 0x4c, 0x18], command: ['lz4', '-dc'] },
  { name: 'zstd', magic: [0x28, 0xb5, 0x2f, 0xfd], command: ['zstd', '-dcq'] },
];

export interface Payload {
  /** Bytes of the image that hold the compressed vmlinux. */
  start: number;
  end: number;
  compression: string;
  /** Reads the payload on stdin, writes the ELF file on stdout. */
  command: string[];
}

/**
 * Where a bzImage keeps its vmlinux, after the x86 boot protocol 2.08
 * (Documentation/arch/x86/boot.rst: setup_sects, payload_offset, payload_length).
 *
 * @param image at least the first 64 KiB of the bzImage
 * @returns null where it is not such an image
 */
export function findPayload(image: Uint8Array): Payload | null {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  if (image.length < 0x250 || view.getUint32(0x202, true) !== 0x53726448) return null;
  if (view.getUint16(0x206, true) < 0x208) return null;
  const setupSectors = image[0x1f1] || 4;
  const start = (setupSectors + 1) * 512 + view.getUint32(0x248, true);
  const end = start + view.getUint32(0x24c, true);
  const found = compressions.find(({ magic }) => magic.every((byte, i) => image[start + i] === byte));
  return found ? { start, end, compression: found.name, command: found.command } : null;
}

/**
 * What `uname -r` says of a bzImage's kernel, from the text that boot loaders show (the same document: kernel_version);
 * null where there is none.
 */
export function releaseOf(image: Uint8Array): string | null {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  if (image.length < 0x250 || view.getUint32(0x202, true) !== 0x53726448) return null;
  const at = view.getUint16(0x20e, true) + 0x200;
  const text = Buffer.from(image.subarray(at, at + 256)).toString('latin1');
  return /^(\d[\w.+~-]*) /.exec(text)?.[1] ?? null;
}

/** The configuration that CONFIG_IKCONFIG has put into a kernel (kernel/configs.c), compressed by gzip; null without. */
export function findConfig(vmlinux: Buffer): Buffer | null {
  const start = vmlinux.indexOf('IKCFG_ST\x1f\x8b', 0, 'latin1');
  const end = vmlinux.indexOf('IKCFG_ED', start);
  return start < 0 || end < 0 ? null : vmlinux.subarray(start + 8, end);
}
