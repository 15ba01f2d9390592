// SPDX-License-Identifier: GPL-2.0-only
import type { Trx } from '../schema.ts';
import { boundName, whole } from '../text.ts';
import type { BranchInput, RevisionInput, VariantInput } from '../types.ts';

/** Finds or adds the branch. Where it moved to another repository or ref, the new one is kept, if it `moves` things. */
export async function internBranch(trx: Trx, branch: BranchInput, moves: boolean): Promise<number> {
  const name = boundName(branch.name);
  const place = {
    ...(branch.url === undefined ? {} : { url: boundName(branch.url) }),
    ...(branch.ref === undefined ? {} : { ref: boundName(branch.ref) }),
  };
  const found = await trx.selectFrom('branch').select('id').where('name', '=', name).executeTakeFirst();
  if (!found) {
    const row = { url: null, ref: null, ...place, name };
    return (await trx.insertInto('branch').values(row).returning('id').executeTakeFirstOrThrow()).id;
  }
  if (moves && Object.keys(place).length > 0) {
    await trx.updateTable('branch').set(place).where('id', '=', found.id).execute();
  }
  return found.id;
}

/**
 * Finds or adds the revision. A branch that was rebased moves its commits: the newest position is kept, if it `moves`
 * things.
 */
export async function internRevision(
  trx: Trx,
  branch: number,
  revision: RevisionInput,
  moves: boolean,
): Promise<number> {
  const position = whole(revision.position, "revision's position");
  const row = { branch, name: boundName(revision.name), position, commit_hash: revision.commit ?? null };
  const { id } = await trx
    .insertInto('revision')
    .values(row)
    .onConflict((conflict) =>
      // Not doNothing, which gives no id.
      conflict
        .columns(['branch', 'name'])
        .doUpdateSet((eb) => ({ position: moves ? position : eb.ref('revision.position') })),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** Finds or adds the variant. */
export async function internVariant(trx: Trx, variant: VariantInput): Promise<number> {
  const cpus = whole(variant.cpus, 'number of CPUs');
  const row = {
    arch: boundName(variant.arch),
    accel: boundName(variant.accel),
    cpus,
    flavour: boundName(variant.flavour),
    options: boundName(variant.options),
  };
  const found = await trx
    .selectFrom('variant')
    .select('id')
    .where((eb) => eb.and(row))
    .executeTakeFirst();
  if (found) return found.id;
  // Imported runs have none where nobody counted them.
  const processors = cpus > 0 ? `${cpus}cpu` : '';
  const name = [row.arch, row.accel, processors, row.flavour, row.options].filter(Boolean).join(' ');
  const added = await trx
    .insertInto('variant')
    .values({ ...row, name })
    .returning('id')
    .executeTakeFirstOrThrow();
  return added.id;
}

/** Finds or adds a top-level test. */
export async function internTest(trx: Trx, suite: string, collection: string, name: string): Promise<number> {
  const row = { suite: boundName(suite), collection: boundName(collection), name: boundName(name) };
  const found = await trx
    .selectFrom('test')
    .select('id')
    .where((eb) => eb.and(row))
    .executeTakeFirst();
  if (found) return found.id;
  return (await trx.insertInto('test').values(row).returning('id').executeTakeFirstOrThrow()).id;
}
