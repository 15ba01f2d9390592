// SPDX-License-Identifier: GPL-2.0-only
import { badOutcomes } from '../../words.ts';
import { outcomeCode, outcomeOf } from '../codes.ts';
import type { Db } from '../schema.ts';
import type { Failure } from '../types.ts';
import { namesOf } from './names.ts';
import { snapshot } from './snapshot.ts';

/** What somebody has to look at in a run: every attempt, tests by name, each before its subtests. */
export async function failures(db: Db, run: number): Promise<Failure[]> {
  return snapshot(db, async (trx) => {
    const columns = ['bad.series', 'bad.attempt', 'bad.outcome', 'message.text'] as const;
    const over = await trx
      .selectFrom('failure as bad')
      .leftJoin('message', (join) =>
        join
          .onRef('message.run', '=', 'bad.run')
          .onRef('message.series', '=', 'bad.series')
          .onRef('message.attempt', '=', 'bad.attempt'),
      )
      .where('bad.run', '=', run)
      .select(columns)
      .execute();
    const going = await trx
      .selectFrom('result as bad')
      .leftJoin('message', (join) =>
        join
          .onRef('message.run', '=', 'bad.run')
          .onRef('message.series', '=', 'bad.series')
          .onRef('message.attempt', '=', 'bad.attempt'),
      )
      .where('bad.run', '=', run)
      .where('bad.outcome', 'in', badOutcomes.map(outcomeCode))
      .select(columns)
      .execute();
    const rows = [...over, ...going];
    const names = await namesOf(
      trx,
      db,
      rows.map(({ series }) => series),
    );
    return rows
      .map(({ series, attempt, outcome, text }) => {
        const { collection, name, subtest } = names.get(series)!;
        const what = { series, collection, test: name, subtest, attempt };
        return { ...what, outcome: outcomeOf(outcome), message: text ?? '' };
      })
      .sort((a, b) => order(a, b));
  });
}

function order(a: Failure, b: Failure): number {
  const key = ({ collection, test, attempt, subtest }: Failure) => [collection, test, attempt, subtest];
  const [one, other] = [key(a), key(b)];
  const at = one.findIndex((part, i) => part !== other[i]);
  return at < 0 ? 0 : one[at]! < other[at]! ? -1 : 1;
}
