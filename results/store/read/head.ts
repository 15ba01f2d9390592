// SPDX-License-Identifier: GPL-2.0-only
import type { Db } from '../schema.ts';
import type { RunHead } from '../types.ts';
import { findRunId } from './run.ts';
import { snapshot } from './snapshot.ts';
import { summaries } from './summaries.ts';

/** A run without its results, with all that identifies what was tested; null where there is none. */
export async function runHead(db: Db, idOrUuid: number | string): Promise<RunHead | null> {
  return snapshot(db, async (trx) => {
    const id = await findRunId(trx, idOrUuid);
    if (id === null) return null;
    const [summary] = await summaries(trx, [id]);
    const row = await trx
      .selectFrom('run')
      .innerJoin('run_detail', 'run_detail.run', 'run.id')
      .innerJoin('branch', 'branch.id', 'run.branch')
      .innerJoin('revision', 'revision.id', 'run.revision')
      .innerJoin('variant', 'variant.id', 'run.variant')
      .where('run.id', '=', id)
      .select(['branch.url as branchUrl', 'branch.ref as branchRef', 'revision.position'])
      .select(['revision.commit_hash as commit', 'run_detail.environment', 'run_detail.command'])
      .select(['variant.arch', 'variant.accel', 'variant.cpus', 'variant.flavour', 'variant.options'])
      .executeTakeFirstOrThrow();
    const { arch, accel, cpus, flavour, options, environment, ...rest } = row;
    return {
      ...summary!,
      ...rest,
      platform: { arch, accel, cpus, flavour, options },
      environment: JSON.parse(environment) as RunHead['environment'],
    };
  });
}
