// SPDX-License-Identifier: GPL-2.0-only
import type { RunDetail } from '../../../results/store/types.ts';
import { Lost } from '../../web/lost.ts';
import type { Question } from '../../web/site.ts';
import { type Excerpt, excerptsOf } from './excerpt.ts';
import { badSubtests, failures, testName } from './failures.ts';

export interface RunPage extends RunDetail {
  show: 'all' | 'failures';
  /** `collection:name` of the only test shown; null for all of them. */
  test: string | null;
  excerpts: Excerpt[];
}

/** The run that the address names, as far as the filters let it through. */
export async function findRun({ reader, params, query }: Question): Promise<RunPage | Lost> {
  const id = params.id ?? '';
  const run = /^[0-9a-f-]{1,36}$/i.test(id) ? await reader.run(id) : null;
  if (!run) {
    const short = id.length > 60 ? `${id.slice(0, 60)}…` : id;
    return new Lost(
      `There is no run “${short}”.`,
      'A run’s address is /r/ and its number, its UUID or enough of it.',
    );
  }
  const test = query('test');
  if (test !== null && !run.results.some((result) => testName(result) === test)) {
    return new Lost(
      `Run #${run.id} has no test “${test}”.`,
      `Reported are: ${[...new Set(run.results.map(testName))].join(', ')}.`,
    );
  }
  const show = query('show') === 'failures' ? 'failures' : 'all';
  const results = filtered(run, show, test);
  return { ...run, results, show, test, excerpts: await excerptsOf(reader, failures(results)) };
}

function filtered(run: RunDetail, show: RunPage['show'], test: string | null): RunDetail['results'] {
  const results = test === null ? run.results : run.results.filter((result) => testName(result) === test);
  if (show === 'all') return results;
  return failures(results).map((result) => ({ ...result, subtests: badSubtests(result) }));
}
