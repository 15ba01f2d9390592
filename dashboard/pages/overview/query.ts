// SPDX-License-Identifier: GPL-2.0-only
import type { BranchOverview } from '../../../results/store/types.ts';
import { Lost } from '../../web/lost.ts';
import type { Question } from '../../web/site.ts';

const runsPerBranch = 10;
const runsOfOneBranch = 50;

export interface Overview {
  /** The branch that `?branch=` asked for; null for all of them. */
  branch: string | null;
  branches: BranchOverview[];
  /** The run id to page on from with `?before=`; null at the end. */
  before: number | null;
}

/** All branches, or the one that is asked for. */
export async function findBranches({ reader, query }: Question): Promise<Overview | Lost> {
  const branch = query('branch');
  if (branch === null) return { branch, branches: await reader.overview(runsPerBranch), before: null };
  const known = await reader.overview(1);
  const found = known.find((candidate) => candidate.branch === branch);
  if (!found) {
    const names = known.map((candidate) => candidate.branch).join(', ') || 'none yet';
    return new Lost(`There is no branch “${branch}”.`, `Branches with results: ${names}.`);
  }
  const runs = await reader.runs({ branch, limit: runsOfOneBranch, ...pagedFrom(query('before')) });
  const before = runs.length === runsOfOneBranch ? runs.at(-1)!.id : null;
  return { branch, branches: [{ ...found, runs }], before };
}

function pagedFrom(before: string | null): { before?: number } {
  return before !== null && /^\d{1,15}$/.test(before) ? { before: Number(before) } : {};
}
