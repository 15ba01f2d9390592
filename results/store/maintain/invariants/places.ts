// SPDX-License-Identifier: GPL-2.0-only
import type Database from 'better-sqlite3';
import { runsPerFold } from '../../pack/point.ts';
import type { PlaceRow } from '../../schema.ts';

type Counted = PlaceRow & { there: number; different: number; least: number | null; most: number | null };

/** The runs of a place that ended are numbered without a gap, and all but the last few of them are in histories. */
export function* placeProblems(database: Database.Database): Iterable<string> {
  const places = database.prepare<[], Counted>(
    `SELECT place.*, count(run.seq) AS there, count(DISTINCT run.seq) AS different, min(run.seq) AS least,
       max(run.seq) AS most
     FROM place LEFT JOIN run ON run.branch = place.branch AND run.variant = place.variant
       AND run.suite = place.suite AND run.seq IS NOT NULL
     GROUP BY place.id`,
  );
  for (const { id, runs, folded, there, different, least, most } of places.all()) {
    if (there !== runs) yield `place ${id} should have ${runs} runs that ended, and has ${there}`;
    if (different !== there) yield `two runs of place ${id} have the same seq`;
    else if (there > 0 && (least !== 0 || most !== there - 1))
      yield `the runs of place ${id} are not numbered from 0 to ${there - 1}`;
    if (folded !== runs - (runs % runsPerFold))
      yield `place ${id} has ${runs} runs, of which ${folded} cannot be those in histories`;
  }
  const homeless = database.prepare<[], { id: number }>(
    `SELECT id FROM run WHERE NOT EXISTS (SELECT 1 FROM place WHERE place.branch = run.branch
       AND place.variant = run.variant AND place.suite = run.suite)`,
  );
  for (const { id } of homeless.all()) yield `run ${id} is of no place`;
}
