// SPDX-License-Identifier: GPL-2.0-only
import { open } from 'node:fs/promises';
import { Trouble } from '../trouble.ts';

/** Offsets in the setup header (Documentation/arch/x86/boot.rst). */
const SETUP_SECTORS = 0x1f1;
const PROTECTED_MODE_SIZE = 0x1f4;
const MAGIC = 0x202;
const HEADER_BYTES = 0x206;
const SECTOR = 512;
const PARAGRAPH = 16;

/**
 * Refuses a file that is no bzImage, or less than its header says: firmware would start it all the same, and the
 * guest would be silent until the time is over.
 *
 * @throws Trouble
 */
export async function checkImage(path: string): Promise<void> {
  const file = await open(path);
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    const { bytesRead } = await file.read(header, 0, header.length, 0);
    if (bytesRead < header.length || header.toString('latin1', MAGIC) !== 'HdrS')
      throw refusal(path, 'has no x86 setup header');
    const setup = (header.readUInt8(SETUP_SECTORS) || 4) + 1;
    const bytes = setup * SECTOR + header.readUInt32LE(PROTECTED_MODE_SIZE) * PARAGRAPH;
    const { size } = await file.stat();
    if (size < bytes) throw refusal(path, `has ${size} bytes of ${bytes}`);
  } finally {
    await file.close();
  }
}

function refusal(path: string, fault: string): Trouble {
  return new Trouble({
    happened: `The kernel image ${path} ${fault}.`,
    expected: 'a whole bzImage',
    next: 'remove it where it is a cache entry, which is then made again; else copy it again',
  });
}
