// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describe as describeCpu, parseRegisters, type Registers, withoutVectors } from './registers.ts';
import { Symbols } from './symbols.ts';

/** QEMU 10's words of a guest of two processors, cut to what is there of every kind; the second one is idle. */
const TEXT = `
CPU#0
RAX=0000000000000002 RBX=0000000000000000 RCX=0000000000000000 RDX=0000000000000000
RSI=00000002efeff27d RDI=0000000000000000 RBP=0000000000000000 RSP=ffffc90000003fa8
R8 =0000000000000000 R9 =0000000000000000 R10=0000000000000000 R11=ffffc90000003ff8
RIP=ffffffff81000014 RFL=00000002 [-------] CPL=0 II=0 A20=1 SMM=0 HLT=0
ES =0000 0000000000000000 00000000 00000000
EFER=0000000000000d01
FCW=037f FSW=0000 [ST=0] FTW=00 MXCSR=00001f80
FPR0=0000000000000000 0000 FPR1=0000000000000000 0000
YMM00=0000000000000000 0000000000000000 7a605c5e8b030313 469a1d07e78c9ee2

CPU#1
RAX=0000000000000001 RBX=0000000000000000 RCX=0000000000000001 RDX=0000000000001290
RSI=0000000000000087 RDI=000000000000a1c4 RBP=ffff8880042e8000 RSP=ffffc900000cbed8
RIP=ffffffff81cb00df RFL=00000206 [-----P-] CPL=0 II=0 A20=1 SMM=0 HLT=1
XMM00=0000000000000000 0000000000000000
`;

const symbols = new Symbols(
  [
    'ffffffff81000000 T _text',
    'ffffffff81000000 T startup_64',
    'ffffffff81000010 t spin',
    'ffffffff81000040 T _etext',
    'ffffffff81000048 T after_the_end',
    'ffffffff81000058 T later',
    'ffffffff82000000 D data',
    '0000000000000000 A fixed_percpu_data',
  ].join('\n'),
);

describe('what a processor is at', () => {
  const [first, second] = parseRegisters(TEXT) as [Registers, Registers];

  test('is read from the monitor’s words', () => {
    expect([first, second]).toEqual([
      {
        cpu: 0,
        ip: 0xffffffff81000014n,
        sp: 0xffffc90000003fa8n,
        ring: 0,
        interruptsOn: false,
        halted: false,
      },
      {
        cpu: 1,
        ip: 0xffffffff81cb00dfn,
        sp: 0xffffc900000cbed8n,
        ring: 0,
        interruptsOn: true,
        halted: true,
      },
    ]);
  });

  test('is told in the kernel’s names, where they are known', () => {
    expect(describeCpu(first, first, symbols)).toBe('CPU 0 runs with interrupts off, at spin+0x4/0x30');
    expect(describeCpu(first, undefined, null)).toBe('CPU 0 runs with interrupts off, at 0xffffffff81000014');
    expect(describeCpu(first, { ...first, ip: 0xffffffff81000002n }, symbols)).toBe(
      'CPU 0 runs with interrupts off, at spin+0x4/0x30, before at _text+0x2/0x10',
    );
    expect(describeCpu(first, { ...first, ip: 0xffffffff81000010n }, symbols)).toBe(
      'CPU 0 runs with interrupts off, at spin+0x4/0x30',
    );
    expect(describeCpu(second, second, symbols)).toBe('CPU 1 is idle');
    expect(describeCpu({ ...second, interruptsOn: false }, undefined, symbols)).toBe(
      'CPU 1 is halted with interrupts off, at 0xffffffff81cb00df',
    );
    expect(describeCpu({ ...first, ring: 3 }, undefined, symbols)).toBe('CPU 0 runs a program');
  });

  test('needs no vector registers', () => {
    const short = withoutVectors(TEXT);
    expect(short).toMatch(/^CPU#0\nRAX=/);
    expect(short).not.toMatch(/YMM|XMM|FPR|FCW/);
    expect(short).toContain('EFER=0000000000000d01');
  });
});

describe('symbols', () => {
  test.each([
    [0xffffffff81000000n, '_text+0x0/0x10'],
    [0xffffffff8100000fn, '_text+0xf/0x10'],
    [0xffffffff81000010n, 'spin+0x0/0x30'],
    [0xffffffff81000040n, null],
    [0xffffffff80ffffffn, null],
    [0xffffffff82000000n, null],
    [0xffffffffc0281777n, '0xffffffffc0281777 (a module)'],
    [0xffffffff81000050n, null],
    [0x81000014n, null],
    [0n, null],
  ])('at %s', (address, name) => {
    expect(symbols.at(address)).toBe(name);
  });

  test('are none of an empty map', () => {
    expect(new Symbols('').at(0xffffffff81000000n)).toBeNull();
  });

  test('are found as a search through all of them finds them', () => {
    const starts = fc.uniqueArray(fc.integer({ min: 0x81000000, max: 0x81000400 }), { minLength: 2 });
    fc.assert(
      fc.property(starts, fc.integer({ min: 0x80ffff00, max: 0x81000500 }), (addresses, at) => {
        const map = addresses.map((address) => `ffffffff${address.toString(16)} t f${address}`).join('\n');
        const sorted = addresses.toSorted((a, b) => a - b);
        const i = sorted.findLastIndex((address) => address <= at);
        const expected =
          i < 0 || i === sorted.length - 1
            ? null
            : `f${sorted[i]}+0x${(at - sorted[i]!).toString(16)}/0x${(sorted[i + 1]! - sorted[i]!).toString(16)}`;
        expect(new Symbols(map).at(0xffffffff00000000n + BigInt(at))).toBe(expected);
      }),
    );
  });
});
