// SPDX-License-Identifier: GPL-2.0-only

import type { Outcome } from '../../words.ts';
import { outcomeOf } from '../codes.ts';
import { pointsOfRun } from '../pack/point.ts';
import type { Db, Trx } from '../schema.ts';
import type { Comparison } from '../types.ts';
import { namesOf } from './names.ts';
import { rowsOf } from './results.ts';
import { snapshot } from './snapshot.ts';

interface Said {
  series: number;
  outcome: Outcome;
  name: { collection: string; test: string; subtest: string };
}

/**
 * What two runs say differently, by the last attempt of each test and subtest: by name, since they may be of different
 * branches and variants.
 */
export async function compare(db: Db, before: number, after: number): Promise<Comparison> {
  return snapshot(db, async (trx) => {
    const [old, now] = [await saidIn(db, trx, before), await saidIn(db, trx, after)];
    const changes: Comparison['changes'] = [];
    let same = 0;
    for (const key of [...new Set([...old.keys(), ...now.keys()])].sort()) {
      const [one, other] = [old.get(key), now.get(key)];
      if (one?.outcome === other?.outcome) same++;
      else
        changes.push({
          ...(one ?? other)!.name,
          ...{ before: one?.outcome ?? null, after: other?.outcome ?? null },
          ...{ beforeSeries: one?.series ?? null, afterSeries: other?.series ?? null },
        });
    }
    return { same, changes };
  });
}

async function saidIn(db: Db, trx: Trx, run: number): Promise<Map<string, Said>> {
  const points = pointsOfRun(await rowsOf(trx, run));
  const names = await namesOf(trx, db, [...points.keys()]);
  const said = new Map<string, Said>();
  for (const [series, { outcome }] of points) {
    const { collection, name: test, subtest } = names.get(series)!;
    // Tests are told apart before their subtests: NUL is in no name.
    const key = `${collection}\0${test}\0${subtest}`;
    said.set(key, { series, outcome: outcomeOf(outcome), name: { collection, test, subtest } });
  }
  return said;
}
