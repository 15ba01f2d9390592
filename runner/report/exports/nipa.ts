// SPDX-License-Identifier: GPL-2.0-only
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunHead, TestResult } from '../../../results/store/types.ts';
import type { Outcome } from '../../../results/words.ts';
import { type ExportFormat, type ExportOptions, lastAttempt } from './export.ts';
import { uniqueWords } from './unique-words.ts';

/** NIPA keeps so many runs in a manifest (contest/remote/lib/fetcher.py). */
const manifestLimit = 500;

/** Three words are all that it knows; `error` is ours, never held against a patch. */
const results: Record<Outcome, 'pass' | 'fail' | 'skip'> = {
  pass: 'pass',
  xfail: 'pass',
  skip: 'skip',
  error: 'skip',
  fail: 'fail',
  xpass: 'fail',
  timeout: 'fail',
  crash: 'fail',
  missing: 'fail',
};

/**
 * A result file of an executor of netdev's contest, as contest/remote/vmksft-p.py writes it, and beside it the
 * manifest `results.json` that the collector polls. The first attempt is the result, the last one its retry.
 */
export const nipa: ExportFormat = {
  name: 'nipa',
  summary: 'a result file of netdev’s NIPA; in a folder also the manifest results.json',
  fileName: (run) => `results-${Math.floor(run.startedAt / 60_000) % 1_000_000}-${run.uuid.slice(0, 8)}.json`,
  async *document({ run, tests }, options) {
    const { executor, branch } = keysOf(run, options);
    const head = {
      ...{ executor, branch, start: when(run.startedAt), end: when(run.finishedAt ?? run.startedAt) },
      ...(options.url === null ? {} : { link: `${options.url}/r/${run.uuid}` }),
    };
    yield `${JSON.stringify(head).slice(0, -1)},"results":[`;
    let comma = '';
    const unique = uniqueWords();
    for await (const attempts of tests()) {
      yield `${comma}\n${JSON.stringify(testOf(run, attempts, unique, options))}`;
      comma = ',';
    }
    yield '\n]}\n';
  },
  async index(folder, file, run, options) {
    const manifest = join(folder, 'results.json');
    const { executor, branch } = keysOf(run, options);
    const others = (await readManifest(manifest)).filter(
      (entry) => entry.branch !== branch || entry.executor !== executor,
    );
    const url = options.published === null ? file : `${options.published}/${file}`;
    const entries = [...others, { url, branch, executor }].slice(-manifestLimit);
    // The collector may be reading it.
    await writeFile(`${manifest}.new`, JSON.stringify(entries));
    await rename(`${manifest}.new`, manifest);
  },
};

interface ManifestEntry {
  url: string | null;
  branch: string;
  executor: string;
}

async function readManifest(file: string): Promise<ManifestEntry[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '[]';
    throw error;
  });
  return JSON.parse(text) as ManifestEntry[];
}

/** NIPA keeps results by executor and branch, and takes the last 17 characters of a branch for its date. */
function keysOf(run: RunHead, { origin }: ExportOptions): { executor: string; branch: string } {
  const dated = /-\d{4}-\d\d-\d\d--\d\d-\d\d$/;
  const date = new Date(run.startedAt).toISOString().slice(0, 16).replace('T', '--').replace(':', '-');
  const named = [run.revision, run.branch].find((name) => dated.test(name));
  return {
    executor: namify(`${origin}-${run.suite}-${run.platform.flavour}`),
    branch: named ?? `${run.branch}-${date}`,
  };
}

function testOf(
  run: RunHead,
  attempts: TestResult[],
  unique: (name: string) => string,
  { url }: ExportOptions,
) {
  const first = attempts[0]!;
  const last = lastAttempt(attempts);
  const retried = attempts.length > 1;
  const group = `selftests-${namify(first.collection)}`;
  // Unique in its group: its names, too, are made of what is left.
  const test = unique(`${group}\0${namify(first.name)}`).slice(group.length + 1);
  const subtests = subtestsOf(first, retried ? last : null);
  const crashes = attempts
    .flatMap((one) => one.crashes ?? [])
    .map(({ frames }) => frames.slice(0, 5).join(':'));
  return {
    ...{ test, group, result: results[first.outcome] },
    ...(retried ? { retry: results[last.outcome] } : {}),
    ...(first.durationMs === null ? {} : { time: first.durationMs / 1000 }),
    link: url === null ? '' : `${url}/r/${run.uuid}#t${first.series}`,
    ...(crashes.length > 0 ? { crashes: [...new Set(crashes)] } : {}),
    ...(subtests.length > 0 ? { results: subtests } : {}),
  };
}

/** One that the first attempt did not come to is a skip there, with the retry's result. */
function subtestsOf(first: TestResult, last: TestResult | null) {
  const again = new Map(last?.subtests.map((subtest) => [subtest.name, subtest]));
  const names = new Set([...first.subtests, ...(last?.subtests ?? [])].map(({ name }) => name));
  const before = new Map(first.subtests.map((subtest) => [subtest.name, subtest]));
  const unique = uniqueWords();
  return [...names].map((name) => {
    const one = before.get(name);
    const retry = again.get(name);
    const duration = (one ?? retry)!.durationMs;
    return {
      test: unique(namify(name)),
      ...(duration === null ? {} : { time: Math.round(duration / 1000) }),
      result: one ? results[one.outcome] : 'skip',
      ...(retry ? { retry: results[retry.outcome] } : {}),
    };
  });
}

/** NIPA's own rule for names: anything but letters and digits is a dash, and one at the end is none. */
function namify(name: string): string {
  return name.replace(/[^0-9a-zA-Z]+/g, '-').replace(/-$/, '') || 'no-name';
}

/** As Python's `str(datetime)` has it. */
function when(time: number): string {
  return new Date(time).toISOString().replace('T', ' ').replace('Z', '+00:00');
}
