// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findConfig, findPayload, releaseOf } from './vmlinux.ts';

interface Header {
  setupSectors?: number;
  magic?: string;
  protocol?: number;
  offset?: number;
  length?: number;
}

/** A bzImage as Documentation/arch/x86/boot.rst has it: boot sector, setup sectors, then the payload. */
function bzImage(payload: Uint8Array, header: Header = {}): Buffer {
  const setupSectors = header.setupSectors ?? 39;
  const offset = header.offset ?? 0x2d4;
  const start = ((setupSectors || 4) + 1) * 512 + offset;
  const image = Buffer.alloc(start + payload.length, 0xcc);
  image[0x1f1] = setupSectors;
  image.write(header.magic ?? 'HdrS', 0x202, 'latin1');
  image.writeUInt16LE(header.protocol ?? 0x20f, 0x206);
  image.writeUInt32LE(offset, 0x248);
  image.writeUInt32LE(header.length ?? payload.length, 0x24c);
  image.set(payload, start);
  return image;
}

const elf = Buffer.concat([Buffer.from('\x7fELF', 'latin1'), Buffer.alloc(50_000, 'kernel')]);
const programs = [
  { name: 'gzip', pack: ['gzip', '-c'] },
  { name: 'xz', pack: ['xz', '-c'] },
  { name: 'bzip2', pack: ['bzip2', '-c'] },
  // The kernel's own way: the legacy frame, which its decompressor reads.
  { name: 'lz4', pack: ['lz4', '-lc'] },
  { name: 'zstd', pack: ['zstd', '-cq'] },
];

describe('findPayload', () => {
  test.for(programs)(
    'finds what $name packed, and the program that unpacks it',
    ({ name, pack }, { skip }) => {
      const packed = spawnSync(pack[0]!, pack.slice(1), { input: elf, maxBuffer: 2 ** 20 });
      skip(packed.status !== 0, `${name} is not on this machine`);
      // As the kernel's Makefile does: four bytes behind the stream tell the unpacked size.
      const size = Buffer.alloc(4);
      size.writeUInt32LE(elf.length);
      const image = bzImage(Buffer.concat([packed.stdout, size]));
      const payload = findPayload(image);
      expect(payload).toMatchObject({ compression: name });
      expect(payload!.end).toBe(image.length);
      expect(image.readUInt32LE(payload!.end - 4)).toBe(elf.length);
      const [file, ...args] = payload!.command;
      const { stdout } = spawnSync(file!, args, {
        input: image.subarray(payload!.start, payload!.end),
        maxBuffer: 2 ** 20,
      });
      expect(stdout.equals(elf)).toBe(true);
    },
  );

  const gzipped = Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0]);

  test('no setup sectors mean four, as the protocol says', () => {
    expect(findPayload(bzImage(gzipped, { setupSectors: 0 }))).toMatchObject({ start: 5 * 512 + 0x2d4 });
    expect(findPayload(bzImage(gzipped, { setupSectors: 1 }))).toMatchObject({ start: 2 * 512 + 0x2d4 });
  });

  test('a view into a larger buffer is read at its own place', () => {
    const image = bzImage(gzipped);
    const inside = Buffer.concat([Buffer.alloc(777, 0xff), image]).subarray(777);
    expect(findPayload(inside)).toEqual(findPayload(image));
  });

  test.each([
    ['not HdrS', bzImage(gzipped, { magic: 'HdrX' })],
    ['a protocol before 2.08, which tells no payload', bzImage(gzipped, { protocol: 0x207 })],
    ['an unknown compression', bzImage(Buffer.from('LZMA?'))],
    ['a payload beyond the image', bzImage(gzipped).subarray(0, 4096)],
    ['an offset of 4 GiB', Buffer.from(bzImage(gzipped)).fill(0xff, 0x248, 0x24c)],
    ['an ELF file', elf],
    ['a short file', bzImage(gzipped).subarray(0, 0x24f)],
    ['an empty file', Buffer.alloc(0)],
  ])('null for %s', (_, image) => {
    expect(findPayload(image)).toBeNull();
  });

  test('never throws, whatever the bytes', () => {
    const patch = fc.tuple(fc.integer({ min: 0x1f0, max: 0x260 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.nat({ max: 30_000 }), fc.array(patch, { maxLength: 20 }), (length, patches) => {
        const image = bzImage(gzipped).subarray(0, length);
        for (const [at, byte] of patches) if (at < image.length) image[at] = byte;
        const found = findPayload(image);
        if (found) expect(found.end).toBeGreaterThanOrEqual(found.start);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1000 }), (bytes) => {
        findPayload(bytes);
        releaseOf(bytes);
      }),
    );
  });
});

describe('releaseOf', () => {
  const named = (text: string, at = 0x3800) => {
    const image = bzImage(Buffer.alloc(8));
    image.writeUInt16LE(at, 0x20e);
    image.write(text, at + 0x200, 'latin1');
    return image;
  };

  test.each([
    ['6.12.107-kunit (multitap@multitap) #1 SMP', '6.12.107-kunit'],
    ['6.12.107+deb13-cloud-amd64 (debian-kernel@lists.debian.org) #1', '6.12.107+deb13-cloud-amd64'],
    ['7.0.0-rc1-00012-g0123456789ab+ (me@here) #2', '7.0.0-rc1-00012-g0123456789ab+'],
    ['../../etc (me@here) #2', null],
    ['6.12.0\n(me@here)', null],
  ])('%j', (text, release) => expect(releaseOf(named(text))).toBe(release));

  test('null where the text is not in the file, and for other files', () => {
    expect(releaseOf(named('6.12.0 (', 0x3800).subarray(0, 0x3a00))).toBeNull();
    expect(releaseOf(elf)).toBeNull();
  });
});

test('the configuration inside a kernel is what stands between its two marks', () => {
  const packed = gzipSync('CONFIG_KUNIT=y\n');
  const whole = Buffer.concat([elf, Buffer.from('IKCFG_ST'), packed, Buffer.from('IKCFG_ED'), elf]);
  expect(gunzipSync(findConfig(whole)!).toString()).toBe('CONFIG_KUNIT=y\n');
  expect(findConfig(elf)).toBeNull();
  expect(findConfig(whole.subarray(0, elf.length + 20))).toBeNull();
});
