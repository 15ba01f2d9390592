// SPDX-License-Identifier: GPL-2.0-only

/** One measured thing, ours beside a peer's. `script/bench --json` prints these. */
export interface Row {
  bench: string;
  what: string;
  /** The median over the repeats. */
  value: number;
  /** The lowest and the highest of the repeats. */
  spread: [number, number];
  unit: string;
  /** Who else was measured in the same run; null for nobody. */
  peer: string | null;
  peerValue: number | null;
  /** Ours divided by the peer's. */
  ratio: number | null;
  /** What must hold, in words; null where the row only informs. */
  target: string | null;
  holds: boolean | null;
}

export interface BenchOptions {
  /** A look within a minute: few repeats, no slow peers. */
  quick: boolean;
  note(text: string): void;
}

/** A file `NAME.bench.ts` in this folder exports one as `bench`. */
export interface Bench {
  summary: string;
  run(options: BenchOptions): Promise<Omit<Row, 'bench'>[]>;
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** A row of our own repeats, with an upper bound that must hold. */
export function measured(
  what: string,
  unit: string,
  values: number[],
  atMost: number | null,
  peer?: { name: string; values: number[] },
): Omit<Row, 'bench'> {
  const value = median(values);
  const peerValue = peer && peer.values.length > 0 ? median(peer.values) : null;
  return {
    what,
    value,
    spread: [Math.min(...values), Math.max(...values)],
    unit,
    peer: peerValue === null ? null : peer!.name,
    peerValue,
    ratio: peerValue === null ? null : value / peerValue,
    target: atMost === null ? null : `≤ ${atMost} ${unit}`,
    holds: atMost === null ? null : value <= atMost,
  };
}
