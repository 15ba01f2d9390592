// SPDX-License-Identifier: GPL-2.0-only
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { Arrivals } from './arrivals.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'multitap-arrivals-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

function open(): Arrivals {
  const arrivals = new Arrivals(join(dir, 'times'));
  onTestFinished(() => arrivals.close());
  return arrivals;
}

test('nothing has arrived: 0', () => {
  expect(open().at(5)).toBe(0);
});

test('every byte has the time of the read that brought it, to the millisecond', () => {
  const read = fc.record({ length: fc.integer({ min: 1, max: 500 }), waitMs: fc.nat({ max: 5 }) });
  fc.assert(
    fc.property(fc.array(read, { minLength: 1, maxLength: 1000 }), fc.nat(), (reads, pick) => {
      const arrivals = new Arrivals(join(dir, 'many'));
      let offset = 0;
      let ms = 0;
      const expected: number[] = [];
      for (const { length, waitMs } of reads) {
        ms += waitMs;
        arrivals.add(offset, ms);
        for (let i = 0; i < length; i++) expected.push(ms);
        offset += length;
      }
      const at = pick % expected.length;
      expect(arrivals.at(at)).toBe(expected[at]);
      arrivals.close();
    }),
    { numRuns: 200 },
  );
});

test('a million reads need 16 MiB of disk, and more need no more', () => {
  const arrivals = open();
  for (let i = 0; i < 1_200_000; i++) arrivals.add(i * 64, i);
  expect(statSync(join(dir, 'times')).size).toBe(16 << 20);
  expect(arrivals.at(64 * 1_000_000 + 3)).toBe(1_000_000);
});
