// SPDX-License-Identifier: GPL-2.0-only
import type Database from 'better-sqlite3';
import type { PlaceRow, RunRow } from '../../schema.ts';
import { HistoryCheck, strays } from './histories.ts';
import { placeProblems } from './places.ts';
import { goingProblems, packetOf, runProblems } from './runs.ts';
import { searchProblems } from './search.ts';
import { SeriesCheck } from './series.ts';

/**
 * What is kept twice must say the same both times: runs, their sums, their failures, the histories of series, and what
 * text is searched by. All of it has to be read in one transaction, since a writer changes it all at once.
 */
export function* invariants(database: Database.Database): Iterable<string> {
  yield* goingProblems(database);
  yield* placeProblems(database);
  yield* searchProblems(database);
  const places = database.prepare<[], PlaceRow>('SELECT * FROM place').all();
  let pieces = 0;
  for (const place of places) {
    const histories = new HistoryCheck(database);
    const series = new SeriesCheck(database, place);
    // A run that cannot be read makes all histories of its place look wrong.
    let readable = true;
    for (const run of runsOf(database, place)) {
      const results = yield* packetOf(database, run.id);
      if (!results) {
        readable = false;
        continue;
      }
      yield* runProblems(database, run.id, results);
      yield* series.problems(run.id, results);
      if (readable && run.seq! < place.folded) yield* histories.add(run, results);
    }
    if (readable) yield* histories.end();
    if (!readable) pieces = Number.NaN;
    pieces += histories.pieces;
  }
  yield* strays(database, pieces);
}

/** Those that ended, in order. */
function runsOf(database: Database.Database, { branch, variant, suite }: PlaceRow): RunRow[] {
  return database
    .prepare<[number, number, string], RunRow>(
      `SELECT * FROM run WHERE branch = ? AND variant = ? AND suite = ? AND seq IS NOT NULL ORDER BY seq`,
    )
    .all(branch, variant, suite);
}
