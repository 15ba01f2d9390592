// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import type { RunHead, SubtestResult, TestResult } from '../../../results/store/types.ts';
import type { Outcome } from '../../../results/words.ts';
import { cut } from './characters.ts';
import type { ExportFormat, ExportOptions } from './export.ts';
import { encodeSegment } from './kcidb-path.ts';

/** kcidb-io's words, by what they say: `MISS` is no verdict because of the harness. */
const statuses: Record<Outcome, 'PASS' | 'FAIL' | 'SKIP' | 'MISS'> = {
  pass: 'PASS',
  // An expected failure is how the author says that the code is as it should be.
  xfail: 'PASS',
  skip: 'SKIP',
  fail: 'FAIL',
  xpass: 'FAIL',
  timeout: 'FAIL',
  crash: 'FAIL',
  missing: 'MISS',
  error: 'MISS',
};

const excerptLimit = 16_384;

/**
 * KCIDB I/O v5.3 (kcidb-io, kcidb_io/schema/v05_03.py): one checkout, one build, and a test for every attempt of
 * every test and subtest. Runs of the same code share the checkout's id, those of the same configuration the build's.
 * No property is null: what is not known is left out.
 */
export const kcidb: ExportFormat = {
  name: 'kcidb',
  summary: 'KCIDB v5.3: for KernelCI’s common database',
  fileName: (run) => `${run.uuid}.kcidb.json`,
  async *document({ run, tests }, options) {
    const checkout = checkoutOf(run, options);
    const build = buildOf(run, checkout.id, options);
    yield `{"version":{"major":5,"minor":3},\n"checkouts":[${JSON.stringify(checkout)}],\n`;
    yield `"builds":[${JSON.stringify(build)}],\n"tests":[`;
    let comma = '';
    for await (const attempts of tests()) {
      const rows = attempts.flatMap((test) => [
        testOf(run, build.id, test, null, options),
        ...test.subtests.map((subtest) => testOf(run, build.id, test, subtest, options)),
      ]);
      yield rows.map((row, i) => `${i > 0 ? ',' : comma}\n${JSON.stringify(row)}`).join('');
      comma = ',';
    }
    yield '\n]}\n';
  },
};

function checkoutOf(run: RunHead, { origin }: ExportOptions) {
  const { branch, branchUrl, branchRef, revision, commit } = run;
  return {
    id: `${origin}:${digest(branch, branchUrl ?? '', revision, commit ?? '')}`,
    origin,
    tree_name: text(branch),
    ...(branchUrl !== null && isHttps(branchUrl) ? { git_repository_url: branchUrl } : {}),
    ...(commit !== null && /^[0-9a-f]{40}$/.test(commit) ? { git_commit_hash: commit } : {}),
    git_commit_name: text(revision),
    ...(branchRef === null ? {} : { git_repository_branch: text(branchRef) }),
    start_time: when(run.startedAt),
    valid: true,
  };
}

function buildOf(run: RunHead, checkout: string, { origin }: ExportOptions) {
  const { arch, flavour } = run.platform;
  const { kernel } = run.environment as { kernel?: { config?: unknown } };
  const config = typeof kernel?.config === 'string' ? kernel.config : null;
  return {
    id: `${origin}:${digest(checkout, arch, flavour, config ?? '')}`,
    checkout_id: checkout,
    origin,
    architecture: (arch || 'unknown').toLowerCase().replace(/[^a-z0-9_]/g, '_'),
    config_name: text(flavour),
    status: 'PASS',
    misc: { ...(config === null ? {} : { config_hash: config }) },
  };
}

function testOf(
  run: RunHead,
  build: string,
  test: TestResult,
  subtest: SubtestResult | null,
  { origin, url }: ExportOptions,
) {
  const result = subtest ?? test;
  const path = [test.collection, test.name, ...(subtest ? [subtest.name] : [])].map(encodeSegment).join('.');
  const log = test.logs.find(({ kind }) => kind === 'output');
  const crashes = subtest
    ? []
    : test.crashes?.map(({ signature, kind, title }) => ({ signature, kind, title }));
  return {
    id: `${origin}:${run.uuid}/${test.attempt}/${path}`,
    build_id: build,
    origin,
    environment: { comment: text(run.variant), misc: { platform: platformOf(run) } },
    path,
    ...(subtest ? {} : { comment: text(`${test.collection}: ${test.name}`) }),
    ...(url === null || !log ? {} : { log_url: `${url}/log/${log.hash}/raw` }),
    ...(result.message === '' ? {} : { log_excerpt: cut(text(result.message), excerptLimit) }),
    status: statuses[result.outcome],
    ...(subtest ? {} : { start_time: when(test.startedAt) }),
    ...(result.durationMs === null ? {} : { duration: result.durationMs / 1000 }),
    misc: {
      outcome: result.outcome,
      attempt: test.attempt,
      ...(url === null ? {} : { run_url: `${url}/r/${run.uuid}` }),
      ...(crashes && crashes.length > 0 ? { crashes } : {}),
    },
  };
}

/** KernelCI keeps history by it, beside the configuration's name: all of the variant but the flavour. */
function platformOf({ platform: { arch, accel, cpus, options } }: RunHead): string {
  return text([arch || 'unknown', accel, cpus > 0 ? `${cpus}cpu` : '', options].filter(Boolean).join(' '));
}

function isHttps(url: string): boolean {
  return url.startsWith('https://') && !url.includes('\0') && URL.canParse(url);
}

/** Strings hold no NUL, and JSON no half of a character. */
function text(value: string): string {
  return value.replaceAll('\0', '').toWellFormed();
}

function when(time: number): string {
  return new Date(time).toISOString().replace('Z', '+00:00');
}

function digest(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
