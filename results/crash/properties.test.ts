// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crashRecogniser, recogniseAll } from './recogniser.ts';
import { maxTextCharacters } from './report.ts';
import { kasan, oops, stamped, trace, warn, who } from './testing.ts';

const whole = [
  warn('net/mptcp/pm.c:12 mptcp_a', 'mptcp_b'),
  kasan('slab-use-after-free', 'mptcp_c'),
  oops('mptcp_d'),
  ['Kernel panic - not syncing: Fatal exception'],
  ['rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:', ...trace('mptcp_e')],
  ['a.out invoked oom-killer: gfp_mask=0', ...who(), 'Out of memory: Killed process 1 (a)'],
  ['unreferenced object 0xffff888012345678 (size 64):', '    mptcp_f+0x1/0x2'],
  ['x: loading out-of-tree module taints kernel.'],
];

/** Pieces that a recogniser stumbles over, in any order. */
const piece = fc.constantFrom(
  ...[...new Set(whole.flat())],
  ...[
    '\n',
    '\n',
    '\n',
    '\n',
    '\r\n',
    '\0',
    '\x1b[31m',
    '\x1b',
    '\u00a0',
    '\ufeff',
    'é',
    ' ',
    '\t',
    '# ',
    'ok 1 - a',
  ],
  ...[
    '[   12.345678] ',
    '[   12.345679][   T1] ',
    '[   99.000000][   C0] ',
    '<3>',
    'kernel: ',
    '[  +0.005254] ',
  ],
  ...[
    'WARNING: ',
    'BUG: ',
    'INFO: ',
    'RIP: ',
    '? ',
    '+0x1/0x2',
    ' [inline]',
    '(a.c:1)',
    'Call Trace:',
    '=======',
  ],
);
const pieces = fc.array(piece, { maxLength: 120 }).map((list) => Buffer.from(list.join('')));
const reports = fc
  .array(fc.tuple(fc.constantFrom(...whole), fc.constantFrom('', 'T1', 'C0')), { maxLength: 6 })
  .map((list) => Buffer.from(list.flatMap(([lines, caller]) => stamped(lines, 12, caller)).join('\n')));
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 1000 }).map((array) => Buffer.from(array)),
  pieces,
  reports,
);

function inChunks(input: Uint8Array, cuts: readonly number[]) {
  const recogniser = crashRecogniser();
  const found = [];
  let start = 0;
  for (const cut of [...cuts, input.length]) {
    found.push(...recogniser.push(input.subarray(start, start + cut)));
    start += cut;
  }
  found.push(...recogniser.end());
  return found.sort((one, other) => one.line - other.line);
}

describe('any input', () => {
  test('never throws, tells lines that are there, keeps its bounds', () => {
    fc.assert(
      fc.property(bytes, (input) => {
        const lines = input.filter((byte) => byte === 10).length + 1;
        for (const report of recogniseAll(input)) {
          expect(report.line).toBeGreaterThan(0);
          expect(report.lastLine).toBeGreaterThanOrEqual(report.line);
          expect(report.lastLine).toBeLessThanOrEqual(lines);
          expect(report.title).not.toBe('');
          expect(report.text.length).toBeLessThanOrEqual(2 * maxTextCharacters);
          expect(report.fatal).toBe(report.panic !== null);
        }
      }),
    );
  });

  test('chunks make no difference', () => {
    const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 80 });
    fc.assert(
      fc.property(bytes, cuts, (input, at) => {
        expect(inChunks(input, at)).toEqual(recogniseAll(input));
      }),
    );
  });

  test('looking at what is pending changes nothing', () => {
    fc.assert(
      fc.property(bytes, (input) => {
        const recogniser = crashRecogniser();
        const found = [];
        for (let at = 0; at < input.length; at += 50) {
          found.push(...recogniser.push(input.subarray(at, at + 50)));
          void recogniser.pending;
        }
        found.push(...recogniser.end());
        expect(found.sort((one, other) => one.line - other.line)).toEqual(recogniseAll(input));
      }),
      { numRuns: 300 },
    );
  });
});

describe('cost', () => {
  const cpuMs = (work: () => unknown): number => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };

  const repeat = (text: string) => (count: number) => Buffer.from(text.repeat(count));
  const log = (lines: string[]) => `${stamped(lines).join('\n')}\n`;
  const begun = (line: string) => (count: number) =>
    Buffer.from(
      `[    1.000000] BUG: KASAN: use-after-free in f+0x1/0x2\n${`[    1.000000] ${line}\n`.repeat(count)}`,
    );

  test.each([
    ['ordinary lines', repeat('[   12.345678] usb 1-1: new high-speed USB device number 2\n'), 20_000],
    ['beginnings', repeat('[   12.345678] BUG: KASAN: use-after-free in f+0x1/0x2\n'), 2000],
    ['whole reports', repeat(log(whole.flat())), 20],
    ['notes', repeat('[   12.345678] a: loading out-of-tree module taints kernel.\n'), 2000],
    ['a long line', repeat('[   12.345678] BUG: '), 40_000],
    ['brackets', repeat('[1.1] '), 100_000],
    ['cuts', repeat('------------[ cut here ]------------\n'), 4000],
    ['frames without end', begun(' f+0x1/0x2'), 5000],
    ['names without end', begun(` ${'a'.repeat(3000)}`), 500],
    ['spaces without end', begun(`${' '.repeat(3000)}x`), 500],
    ['registers without end', begun(`RIP: 0010:${'a.'.repeat(1500)}`), 300],
    ['machinery that is none', begun(` print_${'bug'.repeat(150)}$+0x1/0x2`), 500],
    ['paths that are none', begun(` f ${'a.c'.repeat(1000)}`), 500],
  ])('%s: eight times the input costs far less than the 64 times of quadratic work', (_name, make, count) => {
    const [small, large] = [make(count), make(8 * count)];
    for (let i = 0; i < 2; i++) recogniseAll(small);
    // Measured side by side, because a neighbour slows both: quadratic work shows 64 in every round.
    const ratio = () => {
      const one = cpuMs(() => recogniseAll(small));
      // Below a few milliseconds the garbage collector is all one sees.
      return cpuMs(() => recogniseAll(large)) / Math.max(one, 8);
    };
    let least = ratio();
    for (let round = 1; round < 5 && least >= 16; round++) least = Math.min(least, ratio());
    expect(least).toBeLessThan(16);
  });

  test('a mebibyte of any of these is read in far less than a second', () => {
    const hostile = [
      ' print_bugbugbug$',
      `${' '.repeat(4000)}x`,
      `RIP: 0010:${'a.'.repeat(2000)}`,
      ` f ${'a.c'.repeat(1300)}`,
    ];
    for (const line of hostile) {
      const input = begun(line)(Math.floor((1 << 20) / (line.length + 16)));
      let least = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 3 && least >= 1000; round++)
        least = Math.min(
          least,
          cpuMs(() => recogniseAll(input)),
        );
      expect(least).toBeLessThan(1000);
    }
  });
});
