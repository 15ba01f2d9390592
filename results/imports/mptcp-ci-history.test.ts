// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Store } from '../store/types.ts';
import { mptcpCi } from './mptcp-ci.ts';
import { openImportFile } from './read-file.ts';
import { openScratch } from './testing.ts';

/** Beside the checkout, as all recordings; the mode of each file's name. */
const folder = join(import.meta.dirname, '../../../shared/data/mptcp-ci-history');
const modes = existsSync(folder)
  ? readdirSync(folder).flatMap((name) => /^export-([\w-]+)\.json$/.exec(name)?.[1] ?? [])
  : [];

function hasJq(): boolean {
  try {
    execFileSync('jq', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

type Counted = [...string[], number][];
interface ByJq {
  runs: number;
  failed: number;
  /** As they are in the file, whatever they are of. */
  raw: { fail: number; flaky: number };
  /** Of the tests themselves. */
  own: number;
  /** `[collection, test, outcome, count]`: runs that list something of the test. */
  tests: Counted;
  /** `[collection, test, subtest, outcome, count]`. */
  subtests: Counted;
}

/** Everything that a mode lists, by other means than ours. */
function countedByJq(path: string): ByJq {
  const filter = `
    def script: ltrimstr("selftest_") | sub("_subtests$"; "");
    def test: if startswith("packetdrill_") then ["packetdrill", ltrimstr("packetdrill_")]
      elif script != . or startswith("mptcp_") then ["net/mptcp", script + ".sh"]
      else ["mptcp-ci", .] end;
    def word: if . == "fail" then "fail" else "xfail" end;
    def itself($file): (.name | ltrimstr("test: ") | ltrimstr("selftest_")) == ($file | script);
    def listed: (.results // {}) | to_entries[] | .key as $file | .value[]
      | {test: ($file | test), name, result, own: itself($file)};
    def counted: group_by(.) | map(.[0] + [length]);
    {
      runs: [.[] | select(. != {})] | length,
      failed: [.[] | select(.error != null)] | length,
      raw: {
        fail: [.[] | (.results // {})[][] | select(.result == "fail")] | length,
        flaky: [.[] | (.results // {})[][] | select(.result == "flaky")] | length
      },
      own: [.[] | listed | select(.own)] | length,
      tests: [.[] | [listed] | group_by(.test)[]
        | .[0].test + [if any(.[]; .result == "fail") then "fail" else "xfail" end]] | counted,
      subtests: [.[] | listed | select(.own | not) | .test + [.name, (.result | word)]] | counted
    }`;
  return JSON.parse(execFileSync('jq', ['-c', filter, path], { encoding: 'utf8', maxBuffer: 1e8 }));
}

/** What is stored of a mode, read back. */
async function countedInStore(store: Store, ids: readonly number[]) {
  const [tests, subtests] = [new Map<string, number>(), new Map<string, number>()];
  const count = (map: Map<string, number>, key: string[]) => {
    const text = JSON.stringify(key);
    map.set(text, (map.get(text) ?? 0) + 1);
  };
  for (const id of ids)
    for await (const attempts of store.tests(id))
      for (const { collection, name, outcome, subtests: parts } of attempts) {
        count(tests, [collection, name, outcome]);
        // The second of a name in one run is told apart: the history has some.
        for (const part of parts)
          count(subtests, [collection, name, part.name.replace(/ \[\d+\]$/, ''), part.outcome]);
      }
  const counted = (map: Map<string, number>) =>
    [...map].map(([key, n]) => [...JSON.parse(key), n] as Counted[number]);
  return { tests: counted(tests), subtests: counted(subtests) };
}

test('the MPTCP CI’s history: counts per mode and test in the store as jq counts them', async ({ skip }) => {
  if (modes.length === 0) skip('no history in ../shared/data/mptcp-ci-history beside the checkout');
  if (!hasJq()) skip('no jq to count with: apt-get install jq');
  const { store, into } = await openScratch();
  const table: Record<string, object> = {};
  let before = 0;
  for (const mode of modes) {
    const path = join(folder, `export-${mode}.json`);
    const report = await into(mptcpCi, await openImportFile(path));
    const byJq = countedByJq(path);
    const runs = (await store.runs({ limit: 100_000 })).filter(({ id }) => id > before);
    before = Math.max(...runs.map(({ id }) => id));
    const ours = await countedInStore(
      store,
      runs.map(({ id }) => id),
    );
    expect(ours.tests.sort(byText)).toEqual(byJq.tests.sort(byText));
    expect(ours.subtests.sort(byText)).toEqual(byJq.subtests.sort(byText));
    expect([report.runs, report.refused]).toEqual([{ new: byJq.runs, known: 0, different: 0 }, null]);
    expect(runs.filter(({ state }) => state !== 'complete')).toHaveLength(byJq.failed);
    expect(sum(ours.subtests) + byJq.own).toBe(byJq.raw.fail + byJq.raw.flaky);
    expect(report.problems).toEqual([]);
    table[mode] = {
      ...{ runs: runs.length, listed: byJq.raw.fail + byJq.raw.flaky, ...byJq.raw },
      ...{ tests: sum(ours.tests), subtests: sum(ours.subtests), names: ours.subtests.length },
    };
  }
  console.table(table);
}, 900_000);

const sum = (counted: Counted) => counted.reduce((total, one) => total + Number(one.at(-1)), 0);

function byText(a: unknown[], b: unknown[]): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
