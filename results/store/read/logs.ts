// SPDX-License-Identifier: GPL-2.0-only
import { kindOf } from '../codes.ts';
import { isHash, readLog } from '../log-files.ts';
import type { Db } from '../schema.ts';
import type { LogKind } from '../types.ts';

/**
 * The whole content of a log; null where no result refers to it.
 * @throws StoreError where its file is gone or damaged
 */
export async function log(db: Db, directory: string, hash: string): Promise<Uint8Array | null> {
  if (!isHash(hash)) return null;
  const found = await db.selectFrom('log').select('bytes').where('hash', '=', hash).executeTakeFirst();
  return found ? readLog(directory, hash, found.bytes) : null;
}

/** The newest run that has a log of this content: short logs are alike in many runs. */
export async function logOrigin(
  db: Db,
  hash: string,
): Promise<{ runId: number; series: number; test: string; kind: LogKind } | null> {
  if (!isHash(hash)) return null;
  const found = await db
    .selectFrom('log')
    .innerJoin('result_log', 'result_log.log', 'log.id')
    .innerJoin('run', 'run.id', 'result_log.run')
    .innerJoin('series', 'series.id', 'result_log.series')
    .innerJoin('name', 'name.id', 'series.name')
    .innerJoin('test', 'test.id', 'name.test')
    .where('log.hash', '=', hash)
    .select(['result_log.run as runId', 'result_log.series', 'test.name as test', 'result_log.kind'])
    .orderBy('run.started_at', 'desc')
    .orderBy('run.id', 'desc')
    .orderBy('result_log.series')
    .limit(1)
    .executeTakeFirst();
  return found ? { ...found, kind: kindOf(found.kind) } : null;
}
