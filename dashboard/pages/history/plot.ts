// SPDX-License-Identifier: GPL-2.0-only
import type { HistoryPoint } from '../../../results/store/types.ts';
import type { Outcome } from '../../../results/words.ts';

/** Width of a cell of the heat strip in CSS pixels: each bar stands above its cell. Also in style.css. */
const cellWidth = 22;
const barWidth = 18;
const height = 56;

export interface Plot {
  width: number;
  height: number;
  bars: {
    x: number;
    y: number;
    width: number;
    height: number;
    outcome: Outcome;
    ms: number;
    runId: number;
  }[];
  /** Half of the runs took at most this long. */
  medianMs: number;
  minMs: number;
  maxMs: number;
  medianY: number;
}

/** Durations as bars, in the order of the points; null where there are none to show. */
export function durationPlot(points: readonly HistoryPoint[]): Plot | null {
  const measured = points.flatMap((point, index) =>
    point.durationMs === null ? [] : [{ point, index, ms: point.durationMs }],
  );
  if (measured.length === 0) return null;
  const sorted = measured.map(({ ms }) => ms).sort((a, b) => a - b);
  const maxMs = sorted.at(-1)!;
  const medianMs = sorted[Math.floor((sorted.length - 1) / 2)]!;
  // At least a line, so that a bar of 0 ms is not taken for a missing one.
  const heightOf = (ms: number) => Math.max(1, round((ms / Math.max(maxMs, 1)) * (height - 2)));
  return {
    width: points.length * cellWidth,
    height,
    minMs: sorted[0]!,
    maxMs,
    medianMs,
    medianY: round(height - heightOf(medianMs)),
    bars: measured.map(({ point, index, ms }) => ({
      x: index * cellWidth + (cellWidth - barWidth) / 2,
      y: round(height - heightOf(ms)),
      width: barWidth,
      height: heightOf(ms),
      outcome: point.outcome,
      ms,
      runId: point.runId,
    })),
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
