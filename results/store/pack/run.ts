// SPDX-License-Identifier: GPL-2.0-only
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { outcomes } from '../../words.ts';
import { ByteReader, ByteWriter } from './bytes.ts';

/** One attempt of a test or subtest as it is kept. */
export interface PackedResult {
  series: number;
  attempt: number;
  /** As in `codes.ts`. */
  outcome: number;
  durationMs: number | null;
  /** 0 for a test; its subtests follow it, counted from 1. */
  position: number;
  line: number | null;
  markedFlaky: boolean;
}

const version = 1;
const maxBytes = 256 * 1024 * 1024;
/** The checksum is of what was packed: a bit that turned over is told when it is read. */
const params = { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 };
const flag = { flaky: 0x10, duration: 0x20, line: 0x40, test: 0x80 };

/**
 * All results of a run: a byte with the version, then zstd of the columns one after the other, since like beside like
 * packs best. Measured: 3 bytes a result, where rows in a table and an index took 50.
 * @param results each test's attempt, followed by its subtests in order
 */
export function packRun(results: readonly PackedResult[]): Uint8Array {
  const out = new ByteWriter();
  out.number(results.length);
  for (const result of results) out.byte(headOf(result));
  let series = 0;
  for (const result of results) {
    out.signed(result.series - series - 1);
    series = result.series;
  }
  for (const { position, attempt } of results) if (position === 0) out.number(attempt);
  for (const { durationMs } of results) if (durationMs !== null) out.number(durationMs);
  let line = 0;
  for (const result of results) {
    if (result.line === null) continue;
    out.signed(result.line - line - 1);
    line = result.line;
  }
  return Buffer.concat([Buffer.of(version), zstdCompressSync(out.bytes(), { params })]);
}

/** @throws Error for what `packRun` did not make */
export function unpackRun(data: Uint8Array): PackedResult[] {
  if (data[0] !== version) throw new Error(`packed results of version ${data[0]}`);
  const bytes = new ByteReader(zstdDecompressSync(data.subarray(1), { maxOutputLength: maxBytes }));
  const count = bytes.number();
  if (count > maxBytes) throw new RangeError(`${count} packed results are too many`);
  const heads = Array.from({ length: count }, () => bytes.byte());
  let series = 0;
  let position = 0;
  const results = heads.map((head): PackedResult => {
    series += bytes.signed() + 1;
    position = head & flag.test ? 0 : position + 1;
    const markedFlaky = (head & flag.flaky) !== 0;
    return {
      series,
      attempt: 0,
      outcome: knownOutcome(head),
      durationMs: null,
      position,
      line: null,
      markedFlaky,
    };
  });
  let attempt = 1;
  for (const result of results) {
    if (result.position === 0) attempt = bytes.number();
    result.attempt = attempt;
  }
  for (const [i, result] of results.entries())
    if (heads[i]! & flag.duration) result.durationMs = bytes.number();
  let line = 0;
  for (const [i, result] of results.entries()) {
    if ((heads[i]! & flag.line) === 0) continue;
    line += bytes.signed() + 1;
    result.line = line;
  }
  return results;
}

function headOf({ outcome, markedFlaky, durationMs, line, position }: PackedResult): number {
  return (
    outcome |
    (markedFlaky ? flag.flaky : 0) |
    (durationMs === null ? 0 : flag.duration) |
    (line === null ? 0 : flag.line) |
    (position === 0 ? flag.test : 0)
  );
}

/** The outcome in the low four bits, which hold more than there are words. @throws RangeError for one without a word */
export function knownOutcome(head: number): number {
  const outcome = head & 0x0f;
  if (outcome < outcomes.length) return outcome;
  throw new RangeError(`outcome ${outcome} is none`);
}
