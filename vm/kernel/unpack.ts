// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';
import type { Rootfs } from '../rootfs/build.ts';
import { inSandbox } from '../rootfs/sandbox.ts';
import { Trouble } from '../trouble.ts';
import { findConfig, findPayload } from './vmlinux.ts';

/**
 * Takes the ELF image out of a bzImage, in the sandbox, and checks it against the size that the bzImage records.
 *
 * @throws Trouble where it is none, or is damaged
 */
export async function unpackVmlinux(rootfs: Rootfs, bzImage: string): Promise<Buffer> {
  const image = await readFile(bzImage);
  const payload = findPayload(image);
  if (!payload) throw new Trouble({ happened: `${bzImage} is not a compressed x86 kernel image.` });
  const { stdout } = await inSandbox({ root: rootfs.tree }, payload.command, {
    input: image.subarray(payload.start, payload.end),
    stdin: 'pipe',
    encoding: 'buffer',
    maxBuffer: 512 * 2 ** 20,
    // The four bytes that tell the size stand behind the compressed stream; xz and zstd complain about them.
    reject: false,
  });
  const elf = Buffer.from(stdout);
  if (elf.length !== image.readUInt32LE(payload.end - 4) || elf.readUInt32BE(0) !== 0x7f454c46)
    throw new Trouble({
      happened: `Unpacking the ${payload.compression}-compressed kernel in ${bzImage} failed.`,
    });
  return elf;
}

/** The configuration that a kernel holds; null where it holds none. */
export async function unpackConfig(rootfs: Rootfs, vmlinux: Buffer): Promise<string | null> {
  const packed = findConfig(vmlinux);
  if (!packed) return null;
  const { stdout, failed } = await inSandbox({ root: rootfs.tree }, ['gzip', '-dc'], {
    ...{ input: packed, stdin: 'pipe', maxBuffer: 16 * 2 ** 20, reject: false },
  });
  return failed ? null : `${stdout}\n`;
}
