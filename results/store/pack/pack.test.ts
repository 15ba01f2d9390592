// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noCounts, outcomes } from '../../words.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import {
  type Point,
  pointsOfRun,
  readPiece,
  readTotals,
  runsPerPiece,
  writePoint,
  writeTotals,
} from './point.ts';
import { type PackedResult, packRun, unpackRun } from './run.ts';

const number = fc.oneof(fc.nat(300), fc.nat(), fc.maxSafeNat());

test('numbers come back', () => {
  fc.assert(
    fc.property(
      fc.array(number),
      fc.array(fc.maxSafeInteger().map((n) => Math.trunc(n / 4))),
      (plain, signed) => {
        const out = new ByteWriter();
        for (const value of plain) out.number(value);
        for (const value of signed) out.signed(value);
        const bytes = new ByteReader(out.bytes());
        expect(plain.map(() => bytes.number())).toEqual(plain);
        expect(signed.map(() => bytes.signed())).toEqual(signed.map((value) => value + 0));
        expect(bytes.done).toBe(true);
        expect(() => bytes.byte()).toThrow(RangeError);
      },
    ),
  );
});

const outcome = fc.nat(outcomes.length - 1);
const duration = fc.option(number);
const line = fc.option(fc.nat(1_000_000));
const part = fc.record({
  series: fc.nat(100_000),
  outcome,
  durationMs: duration,
  line,
  markedFlaky: fc.boolean(),
});
const run: fc.Arbitrary<PackedResult[]> = fc
  .array(
    fc.record({
      attempt: fc.integer({ min: 1, max: 9 }),
      parts: fc.array(part, { minLength: 1, maxLength: 9 }),
    }),
  )
  .map((tests) =>
    tests.flatMap(({ attempt, parts }) => parts.map((one, position) => ({ ...one, attempt, position }))),
  );

test('a run comes back', () => {
  fc.assert(
    fc.property(run, (results) => {
      expect(unpackRun(packRun(results))).toEqual(results);
    }),
    { numRuns: 300 },
  );
});

test('what is no packet throws', () => {
  expect(() => unpackRun(Buffer.from([2, 0]))).toThrow('packed results of version 2');
  expect(() => unpackRun(Buffer.from([1, 0, 1, 2]))).toThrow();
});

test('a bit that turned over is told, wherever it is', () => {
  const results = Array.from({ length: 300 }, (_, i) => ({
    ...{ series: i + 1, attempt: 1, outcome: i % 3, durationMs: (i * 7919) % 5000, line: i },
    ...{ position: i, markedFlaky: false },
  }));
  const packet = packRun(results);
  for (let bit = 0; bit < packet.length * 8; bit++) {
    const damaged = Uint8Array.from(packet);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    let read: PackedResult[];
    try {
      read = unpackRun(damaged);
    } catch {
      continue;
    }
    // zstd has a bit that means nothing.
    expect(read).toEqual(results);
  }
});

test('what cannot be packed is not', () => {
  const out = new ByteWriter();
  for (const value of [-1, 0.5, Number.NaN, 2 ** 53]) expect(() => out.number(value)).toThrow(RangeError);
  for (const value of [2 ** 53, -(2 ** 53), 2 ** 52]) expect(() => out.signed(value)).toThrow(RangeError);
  const endless = new ByteReader(Uint8Array.from([...Array<number>(9).fill(0xff), 1]));
  expect(() => endless.number()).toThrow(/too large/);
});

test('a like result takes little', () => {
  const results = Array.from({ length: 2000 }, (_, i) => ({
    ...{ series: i + 1, attempt: 1, outcome: 0, durationMs: 1000 + ((i * 7919) % 500), line: i + 1 },
    ...{ position: i % 20, markedFlaky: false },
  }));
  expect(packRun(results).length).toBeLessThan(2.5 * 2000);
});

test('points come back', () => {
  const attempts = fc.integer({ min: 1, max: 9 });
  const point = fc.record({ outcome, attempt: attempts, attempts, durationMs: duration, line });
  const piece = fc.uniqueArray(fc.tuple(fc.nat(runsPerPiece - 1), point), { selector: ([place]) => place });
  fc.assert(
    fc.property(piece, (points) => {
      const out = new ByteWriter();
      for (const [place, one] of points) writePoint(out, 5 * runsPerPiece + place, one);
      expect([...readPiece(out.bytes())]).toEqual(points);
    }),
  );
});

test('the last attempt is the point, however many there were', () => {
  const result = (attempt: number, code: number): PackedResult => ({
    ...{ series: 7, attempt, outcome: code, durationMs: null, position: 0, line: null, markedFlaky: false },
  });
  const point = (results: PackedResult[]): Point => pointsOfRun(results).get(7)!;
  expect(point([result(1, 1), result(2, 0)])).toMatchObject({ outcome: 0, attempt: 2, attempts: 2 });
  expect(point([result(2, 0), result(1, 1)])).toMatchObject({ outcome: 0, attempt: 2, attempts: 2 });
  expect(point([result(3, 4)])).toMatchObject({ attempt: 3, attempts: 1 });
});

test('totals come back, and a word that they do not have is 0', () => {
  const counts = { ...noCounts(), pass: 1000, error: 3 };
  expect(readTotals(writeTotals(counts))).toEqual(counts);
  expect(readTotals(Uint8Array.of(5))).toEqual({ ...noCounts(), pass: 5 });
});
