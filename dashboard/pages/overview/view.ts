// SPDX-License-Identifier: GPL-2.0-only
import type { RunSummary } from '../../../results/store/types.ts';
import { branchUrl, safeWebUrl } from '../../show/links.ts';
import { countAll } from '../../show/outcome.ts';
import { standing, took } from '../../show/state.ts';
import type { Question, View } from '../../web/site.ts';
import type { Overview } from './query.ts';

const refreshSeconds = 15;

export function overviewView({ branch, branches, before }: Overview, { query }: Question): View {
  const runs = branches.flatMap((each) => each.runs);
  return {
    title: branch ?? 'Overview',
    trail:
      branch === null
        ? []
        : [
            { name: 'Overview', href: '/', up: true },
            { name: branch, href: null },
          ],
    refreshSeconds: runs.some((run) => run.state === 'running') ? refreshSeconds : null,
    empty: branches.length === 0,
    single: branch !== null,
    branches: branches.map((each) => ({
      ...each,
      href: branchUrl(each.branch),
      webUrl: safeWebUrl(each.url),
      runs: each.runs.map(runRow),
    })),
    older: before === null || branch === null ? null : `${branchUrl(branch)}&before=${before}`,
    paged: query('before') !== null,
  };
}

function runRow(run: RunSummary) {
  return {
    ...run,
    standing: standing(run),
    done: run.state === 'running' ? countAll(run.tests) : null,
    tookMs: took(run),
  };
}
