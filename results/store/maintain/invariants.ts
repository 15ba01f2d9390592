// SPDX-License-Identifier: GPL-2.0-only
import type Database from 'better-sqlite3';
import { outcomes } from '../../words.ts';

/** The last attempt of each series in a run: what all sums count. */
const last = `SELECT run, series, outcome, position FROM result AS r WHERE NOT EXISTS (
  SELECT 1 FROM result AS later WHERE later.run = r.run AND later.series = r.series AND later.attempt > r.attempt)`;

const counted = outcomes.map((outcome, code) => `sum(outcome = ${code}) AS ${outcome}`).join(', ');
const differs = (one: string, other: string) =>
  outcomes.map((outcome) => `${one}.${outcome} IS NOT ${other}.${outcome}`).join(' OR ');

/** What is kept twice must say the same both times: sums of runs, and totals of series. */
const statements: { sql: string; problem: (row: Record<string, number>) => string }[] = [
  {
    sql: `SELECT run_count.run, run_count.level FROM run_count
      LEFT JOIN (SELECT run, position > 0 AS level, ${counted} FROM (${last}) GROUP BY 1, 2) AS there
        ON there.run = run_count.run AND there.level = run_count.level
      WHERE ${outcomes.map((outcome) => `run_count.${outcome} <> coalesce(there.${outcome}, 0)`).join(' OR ')}`,
    problem: ({ run, level }) => `the counts of run ${run} (level ${level}) are not those of its results`,
  },
  {
    sql: `SELECT total.series FROM (
        SELECT * FROM rollup WHERE day = (SELECT max(day) FROM rollup AS other WHERE other.series = rollup.series)
      ) AS total LEFT JOIN (SELECT series, ${counted} FROM (${last}) GROUP BY 1) AS there
        ON there.series = total.series WHERE ${differs('total', 'there')}`,
    problem: ({ series }) => `the totals of series ${series} are not those of its results`,
  },
];

export function invariants(database: Database.Database): string[] {
  return statements.flatMap(({ sql, problem }) =>
    database.prepare<[], Record<string, number>>(`${sql} LIMIT 100`).all().map(problem),
  );
}
