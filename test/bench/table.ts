// SPDX-License-Identifier: GPL-2.0-only
import type { Row } from './bench.ts';

function number(value: number | null): string {
  if (value === null) return '–';
  return value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(2) : value.toFixed(3);
}

/** The rows as a text table with aligned columns. */
export function table(rows: Row[]): string {
  const head = ['what', 'ours', 'spread', 'unit', 'peer', 'peer’s', 'ratio', 'target', 'holds'];
  const cells = rows.map((row) => [
    `${row.bench}: ${row.what}`,
    number(row.value),
    `${number(row.spread[0])}–${number(row.spread[1])}`,
    row.unit,
    row.peer ?? '–',
    number(row.peerValue),
    number(row.ratio),
    row.target ?? '–',
    row.holds === null ? '–' : row.holds ? 'yes' : 'NO',
  ]);
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]!.length)));
  const line = (row: string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  return `${[line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...cells.map(line)].join('\n')}\n`;
}
