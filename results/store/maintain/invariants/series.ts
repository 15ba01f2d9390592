// SPDX-License-Identifier: GPL-2.0-only
import type Database from 'better-sqlite3';
import type { PackedResult } from '../../pack/run.ts';
import type { PlaceRow } from '../../schema.ts';

/** The results of a place's runs are of series of that place. */
export class SeriesCheck {
  #find: Database.Statement<[number, number, number, string], number>;
  #place: PlaceRow;
  #known = new Set<number>();

  constructor(database: Database.Database, place: PlaceRow) {
    this.#place = place;
    this.#find = database.prepare(
      `SELECT 1 FROM series JOIN name ON name.id = series.name JOIN test ON test.id = name.test
       WHERE series.id = ? AND series.branch = ? AND series.variant = ? AND test.suite = ?`,
    );
  }

  *problems(run: number, results: readonly PackedResult[]): Iterable<string> {
    const { branch, variant, suite } = this.#place;
    for (const { series } of results) {
      if (this.#known.has(series)) continue;
      this.#known.add(series);
      if (this.#find.get(series, branch, variant, suite) === undefined)
        yield `run ${run} has a result of series ${series}, which is none of its place`;
    }
  }
}
