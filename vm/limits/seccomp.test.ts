// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { denied, seccompFilter } from './seccomp.ts';

const filter = seccompFilter();
const X86_64 = 0xc000003e;
const ALLOW = 0x7fff0000;
const error = (number: number) => 0x00050000 | number;

/** What the kernel does with the filter, as far as it uses instructions (kernel/seccomp.c, net/core/filter.c). */
function run(nr: number, args: number[] = [], arch = X86_64): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(nr >>> 0, 0);
  data.writeUInt32LE(arch, 4);
  args.forEach((arg, i) => {
    data.writeBigUInt64LE(BigInt(arg), 16 + 8 * i);
  });
  let word = 0;
  for (let at = 0; at < filter.length; at += 8) {
    const [code, yes, no, k] = [
      filter.readUInt16LE(at),
      filter[at + 2]!,
      filter[at + 3]!,
      filter.readUInt32LE(at + 4),
    ];
    if (code === 0x06) return k;
    if (code === 0x20) word = data.readUInt32LE(k);
    else if (code === 0x15) at += 8 * (word === k ? yes : no);
    else if (code === 0x45) at += 8 * ((word & k) !== 0 ? yes : no);
    else throw new Error(`instruction ${code}`);
  }
  throw new Error('ran off the end');
}

describe('the filter', () => {
  test('is a program that the kernel takes: whole, short enough, every jump inside', () => {
    expect(filter.length % 8).toBe(0);
    expect(filter.length / 8).toBeLessThan(4096);
    for (let at = 0; at < filter.length; at += 8)
      expect(at + 8 * (1 + Math.max(filter[at + 2]!, filter[at + 3]!))).toBeLessThan(filter.length + 1);
  });

  test('lets through what programs live on', () => {
    // read, write, mmap, execve, fork, wait4, openat, prctl, seccomp, futex, epoll_create1, membarrier, ptrace
    for (const nr of [0, 1, 9, 59, 57, 61, 257, 157, 317, 202, 291, 324, 101]) expect(run(nr)).toBe(ALLOW);
  });

  test('refuses every call of the table', () => {
    for (const { error: number, calls } of Object.values(denied))
      for (const nr of Object.values(calls)) expect(run(nr)).toBe(error(number));
  });

  test('kills other architectures, and knows no x32', () => {
    expect(run(0, [], 0x40000003)).toBe(0x80000000);
    expect(run(0x40000000 | 0)).toBe(error(38));
    expect(run(0x40000000 | 16, [0, 0x5412])).toBe(error(38));
  });

  test('refuses to type into a terminal, whatever the upper half of the request says', () => {
    for (const request of [0x5412, 0x541c, 0x1_0000_5412]) expect(run(16, [0, request])).toBe(error(1));
    // TCGETS, TIOCGWINSZ, KVM_RUN
    for (const request of [0x5401, 0x5413, 0xae80]) expect(run(16, [0, request])).toBe(ALLOW);
  });

  test('lets programs talk to each other, and nobody beyond name spaces', () => {
    for (const call of [41, 53]) {
      for (const family of [1, 2, 10, 16]) expect(run(call, [family])).toBe(ALLOW);
      // ALG, PACKET, VSOCK, BLUETOOTH
      for (const family of [38, 17, 40, 31]) expect(run(call, [family])).toBe(error(97));
    }
  });

  test('lets make processes and threads, and no name spaces', () => {
    // vfork as libc does it, a thread, unshare(CLONE_FILES | CLONE_FS)
    expect(run(56, [0x4111])).toBe(ALLOW);
    expect(run(56, [0x3d0f00])).toBe(ALLOW);
    expect(run(272, [0x600])).toBe(ALLOW);
    for (const flag of [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]) {
      expect(run(56, [flag | 17])).toBe(error(1));
      expect(run(272, [flag])).toBe(error(1));
    }
    expect(run(272, [0x80])).toBe(error(1));
  });

  test('always comes to a decision', () => {
    fc.assert(
      fc.property(fc.nat(600), fc.array(fc.maxSafeNat(), { maxLength: 6 }), (nr, args) => {
        expect([ALLOW, error(1), error(38), error(97)]).toContain(run(nr, args));
      }),
    );
  });
});
