// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mptcpCi } from './mptcp-ci.ts';
import { openImportFile } from './read-file.ts';
import { readAll } from './testing.ts';

/** Beside the checkout, as all recordings. */
const folder = join(import.meta.dirname, '../../../shared/data/mptcp-ci-history');
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];

function hasJq(): boolean {
  try {
    execFileSync('jq', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** `[file, name, result, count]` of everything that a mode lists, and its runs, by other means than ours. */
function countedByJq(path: string): {
  runs: number;
  failed: number;
  names: [string, string, string, number][];
} {
  const filter = `{
    runs: [.[] | select(. != {})] | length,
    failed: [.[] | select(.error != null)] | length,
    names: [.[] | (.results // {}) | to_entries[] | .key as $file | .value[] | [$file, .name, .result]]
      | group_by(.) | map(.[0] + [length])
  }`;
  return JSON.parse(execFileSync('jq', ['-c', filter, path], { encoding: 'utf8', maxBuffer: 1e8 }));
}

test('the MPTCP CI’s history: counts per mode and test as jq counts them', async ({ skip }) => {
  if (files.length === 0) skip('no history in ../shared/data/mptcp-ci-history beside the checkout');
  if (!hasJq()) skip('no jq to count with: apt-get install jq');
  const table: Record<string, object> = {};
  for (const name of files) {
    const { runs, problems } = await readAll(mptcpCi, await openImportFile(join(folder, name)));
    const byJq = countedByJq(join(folder, name));
    const counts = new Map<string, number>();
    for (const { tests } of runs)
      for (const { name: test, subtests } of tests)
        for (const { name: subtest, outcome, markedFlaky } of subtests) {
          expect(outcome).toBe(markedFlaky ? 'xfail' : 'fail');
          const key = JSON.stringify([test, subtest, markedFlaky ? 'flaky' : 'fail']);
          counts.set(key, (counts.get(key) ?? 0) + 1);
        }
    const ours = [...counts].map(([key, count]) => [...JSON.parse(key), count]);
    expect(ours.sort(byText)).toEqual(byJq.names.sort(byText));
    expect(runs).toHaveLength(byJq.runs);
    expect(runs.filter(({ end }) => end.state !== 'complete')).toHaveLength(byJq.failed);
    expect(problems.every((text) => text.includes('empty run'))).toBe(true);
    const listed = (word: string) =>
      ours.reduce((sum, [, , result, n]) => sum + (result === word ? n : 0), 0);
    table[name] = {
      ...{ runs: runs.length, 'by jq': byJq.runs, names: ours.length, 'names by jq': byJq.names.length },
      ...{ fail: listed('fail'), flaky: listed('flaky') },
    };
  }
  console.table(table);
});

function byText(a: unknown[], b: unknown[]): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
