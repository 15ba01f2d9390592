// SPDX-License-Identifier: GPL-2.0-only
import type { Db, Trx } from '../schema.ts';
import { internTest } from './intern.ts';
import { internSeries, type Place } from './intern-series.ts';

type Series = Map<string, number>;

interface Known {
  tests: Map<string, Series>;
  /** Of all tests. */
  series: number;
}

const caches = new WeakMap<Db, Known>();
/** Of a store, some 40 MB: one with more begins anew. */
const usual = 200_000;

/**
 * The series of tests, by the names under which they are kept. What a store has said once stays true, so that a run
 * that is recorded as a whole need not ask again. What a transaction added is remembered when it has succeeded.
 */
export class SeriesCache {
  #known: Known;
  #added = new Map<string, Series>();
  #most: number;

  /** @param most series to remember */
  constructor(db: Db, most = usual) {
    this.#known = caches.get(db) ?? { tests: new Map(), series: 0 };
    this.#most = most;
    caches.set(db, this.#known);
  }

  /** How many series are remembered. */
  get size(): number {
    return this.#known.series;
  }

  /** @param subtests distinct names; the empty one is the test itself */
  async find(
    trx: Trx,
    place: Place & { suite: string },
    test: { collection: string; name: string },
    subtests: readonly string[],
  ): Promise<Series> {
    const key = JSON.stringify([place.branch, place.variant, place.suite, test.collection, test.name]);
    const known = this.#added.get(key) ?? this.#known.tests.get(key);
    if (known && subtests.every((name) => known.has(name))) return known;
    const id = await internTest(trx, place.suite, test.collection, test.name);
    const found = await internSeries(trx, place, id, subtests);
    const both = known ? new Map([...known, ...found]) : found;
    this.#added.set(key, both);
    return both;
  }

  /** Call it when the transaction has succeeded. */
  keep(): void {
    for (const [key, series] of this.#added) this.#keep(key, series);
  }

  #keep(key: string, series: Series): void {
    const known = this.#known;
    const size = () => known.series - (known.tests.get(key)?.size ?? 0) + series.size;
    if (size() > this.#most) {
      known.tests.clear();
      known.series = 0;
    }
    if (size() > this.#most) return;
    known.series = size();
    known.tests.set(key, series);
  }
}
