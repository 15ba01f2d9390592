// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Trouble } from '../trouble.ts';
import { checkImage } from './image.ts';

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'multitap-test-image-'));
});

afterAll(() => rm(dir, { recursive: true }));

/** A header that announces `setup` sectors and `paragraphs` of the kernel, in a file of `bytes`. */
async function image(bytes: number, { setup = 3, paragraphs = 100, magic = 'HdrS' } = {}): Promise<string> {
  const content = Buffer.alloc(bytes);
  if (bytes >= 0x206) {
    content.writeUInt8(setup, 0x1f1);
    content.writeUInt32LE(paragraphs, 0x1f4);
    content.write(magic, 0x202, 'latin1');
  }
  const path = join(dir, 'bzImage');
  await writeFile(path, content);
  return path;
}

describe('a kernel image', () => {
  it('is accepted where it is as long as its header says, or longer', async () => {
    await checkImage(await image(4 * 512 + 1600));
    await checkImage(await image(10_000));
    // 0 sectors are 4 in the oldest of them.
    await checkImage(await image(5 * 512 + 1600, { setup: 0 }));
  });

  it.each<[string, () => Promise<string>, RegExp]>([
    ['is cut off', () => image(4 * 512 + 1599), /has 3647 bytes of 3648/],
    ['is empty', () => image(0), /no x86 setup header/],
    ['is something else', () => image(10_000, { magic: 'ELF ' }), /no x86 setup header/],
  ])('is refused where it %s', async (_, made, why) => {
    const path = await made();
    await expect(checkImage(path)).rejects.toThrow(why);
    await expect(checkImage(path)).rejects.toThrow(Trouble);
  });
});
