// SPDX-License-Identifier: GPL-2.0-only
import { constants, zstdCompressSync } from 'node:zlib';
import { Bytes } from './bytes.ts';

/** A row of `result`. */
export interface ResultRow {
  series: number;
  attempt: number;
  outcome: number;
  duration_ms: number | null;
  /** 0 for a test; its subtests follow it, counted from 1. */
  position: number;
  line: number | null;
  marked_flaky: number;
}

const version = 1;
const flag = { flaky: 0x10, duration: 0x20, line: 0x40, test: 0x80 };
const params = { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 };

/**
 * All results of a run: a byte with the version, then zstd of how many there are, and of their columns one after the
 * other. @param rows each test's attempt, followed by its subtests in order
 */
export function packetOf(rows: readonly ResultRow[]): Buffer {
  const out = new Bytes();
  out.number(rows.length);
  for (const row of rows) out.byte(headOf(row));
  let series = 0;
  for (const row of rows) {
    out.signed(row.series - series - 1);
    series = row.series;
  }
  for (const { position, attempt } of rows) if (position === 0) out.number(attempt);
  for (const { duration_ms } of rows) if (duration_ms !== null) out.number(duration_ms);
  let line = 0;
  for (const row of rows) {
    if (row.line === null) continue;
    out.signed(row.line - line - 1);
    line = row.line;
  }
  return Buffer.concat([Buffer.of(version), zstdCompressSync(out.bytes(), { params })]);
}

function headOf({ outcome, marked_flaky, duration_ms, line, position }: ResultRow): number {
  return (
    outcome |
    (marked_flaky === 0 ? 0 : flag.flaky) |
    (duration_ms === null ? 0 : flag.duration) |
    (line === null ? 0 : flag.line) |
    (position === 0 ? flag.test : 0)
  );
}
