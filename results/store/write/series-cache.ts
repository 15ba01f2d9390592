// SPDX-License-Identifier: GPL-2.0-only
import type { Db, Trx } from '../schema.ts';
import { internTest } from './intern.ts';
import { internSeries, type Place } from './intern-series.ts';

type Series = Map<string, number>;

const caches = new WeakMap<Db, Map<string, Series>>();
const mostTests = 20_000;

/**
 * The series of tests, by the names under which they are kept. What a store has said once stays true, so that a run
 * that is recorded as a whole need not ask again. What a transaction added is remembered when it has succeeded.
 */
export class SeriesCache {
  #known: Map<string, Series>;
  #added = new Map<string, Series>();

  constructor(db: Db) {
    let known = caches.get(db);
    if (!known || known.size > mostTests) {
      known = new Map();
      caches.set(db, known);
    }
    this.#known = known;
  }

  /** @param subtests distinct names; the empty one is the test itself */
  async find(
    trx: Trx,
    place: Place & { suite: string },
    test: { collection: string; name: string },
    subtests: readonly string[],
  ): Promise<Series> {
    const key = JSON.stringify([place.branch, place.variant, place.suite, test.collection, test.name]);
    const known = this.#added.get(key) ?? this.#known.get(key);
    if (known && subtests.every((name) => known.has(name))) return known;
    const id = await internTest(trx, place.suite, test.collection, test.name);
    const found = await internSeries(trx, place, id, subtests);
    const both = known ? new Map([...known, ...found]) : found;
    this.#added.set(key, both);
    return both;
  }

  /** Call it when the transaction has succeeded. */
  keep(): void {
    for (const [key, series] of this.#added) this.#known.set(key, series);
  }
}
