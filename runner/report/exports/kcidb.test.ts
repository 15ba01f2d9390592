// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { decodeSegment } from './kcidb-path.ts';
import { aSubtest, aTest, hostileTests, noLinks, stored, written } from './testing.ts';

interface Report {
  version: { major: number; minor: number };
  checkouts: Record<string, unknown>[];
  builds: Record<string, unknown>[];
  tests: Record<string, unknown>[];
}

const id = /^[a-z0-9_]+:[^\0]*$/;
const text = /^[^\0]*$/;
const uri = /^https?:\/\/\S+$/;
const date = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/;
const status = /^(FAIL|ERROR|MISS|PASS|DONE|SKIP)$/;
const common = { id, origin: /^[a-z0-9_]+$/, comment: text, start_time: date, misc: 'object' };

/** The rules of kcidb_io/schema/v05_03.py for what we write: a pattern, or a type. None of it may be null. */
const rules: Record<'checkouts' | 'builds' | 'tests', Record<string, RegExp | string>> = {
  checkouts: {
    ...{
      ...common,
      tree_name: text,
      git_repository_url: /^https:\/\/[^\0]*$/,
      git_commit_hash: /^[0-9a-f]{40}$/,
    },
    ...{ git_commit_name: text, git_repository_branch: text, valid: 'boolean' },
  },
  builds: { ...common, checkout_id: id, architecture: /^[a-z0-9_]*$/, config_name: text, status },
  tests: {
    ...{
      ...common,
      build_id: id,
      environment: 'object',
      path: /^([a-zA-Z0-9_-]+(\.[a-zA-Z0-9_-]+)*)?$/,
      status,
    },
    ...{ log_url: uri, log_excerpt: /^[^\0]{0,16384}$/u, duration: 'number' },
  },
};

function faults(report: Report): string[] {
  return (['checkouts', 'builds', 'tests'] as const).flatMap((kind) =>
    report[kind].flatMap((row) =>
      Object.entries(row)
        .filter(([key, value]) => {
          const rule = rules[kind][key];
          if (rule instanceof RegExp) return typeof value !== 'string' || !rule.test(value);
          return rule === undefined || value === null || typeof value !== rule;
        })
        .map(([key, value]) => `${kind}: ${key}: ${JSON.stringify(value)}`),
    ),
  );
}

async function exported(...args: Parameters<typeof stored>): Promise<Report> {
  const { source, end } = await stored(...args);
  onTestFinished(end);
  return JSON.parse(await written('kcidb', source));
}

test('a checkout, a build, and a test for each attempt of each test and subtest', async () => {
  const { source, end } = await stored([
    aTest('a.sh', 'crash', {
      message: 'kernel: WARNING in foo',
      logs: [{ kind: 'output', content: Buffer.from('words') }],
      subtests: [aSubtest('two words', 'xfail', { durationMs: 46 })],
    }),
    aTest('b.sh', 'missing'),
  ]);
  onTestFinished(end);
  const options = { ...noLinks, url: 'https://ci.example.org' };
  const report = JSON.parse(await written('kcidb', source, options)) as Report;
  expect(faults(report)).toEqual([]);
  const [checkout] = report.checkouts;
  const [build] = report.builds;
  expect(report.version).toEqual({ major: 5, minor: 3 });
  expect(checkout).toMatchObject({
    ...{ tree_name: 'net-next', git_repository_url: 'https://git.kernel.org/net-next.git', valid: true },
    ...{
      git_repository_branch: 'main',
      git_commit_name: 'v6.12-1-g0123',
      git_commit_hash: '0123456789'.repeat(4),
    },
  });
  expect(build).toMatchObject({ checkout_id: checkout!.id, architecture: 'x86_64', config_name: 'debug' });
  const environment = { misc: { platform: 'x86_64 kvm 2cpu mitigations=off' } };
  expect(report.tests).toMatchObject([
    {
      ...{ build_id: build!.id, path: 'net__2fmptcp.a__2esh', status: 'FAIL', duration: 1.5, environment },
      ...{
        log_excerpt: 'kernel: WARNING in foo',
        log_url: expect.stringMatching(/\/log\/[0-9a-f]{64}\/raw$/),
      },
      ...{ id: `multitap:${source.run.uuid}/1/net__2fmptcp.a__2esh`, misc: { outcome: 'crash', attempt: 1 } },
    },
    { path: 'net__2fmptcp.a__2esh.two-words', status: 'PASS', duration: 0.046, misc: { outcome: 'xfail' } },
    { path: 'net__2fmptcp.b__2esh', status: 'MISS', environment },
  ]);
});

test('what git has no word for is left out, and the same code is one checkout', async () => {
  const debian = { branch: { name: 'debian/6.12' }, revision: { name: '6.12.107-1', position: 1 } };
  const one = await exported([], debian);
  const other = await exported([], debian);
  expect(Object.keys(one.checkouts[0]!).sort()).toEqual(
    ['git_commit_name', 'id', 'origin', 'start_time', 'tree_name', 'valid'].sort(),
  );
  expect(other.checkouts).toEqual(one.checkouts);
  expect(other.builds).toEqual(one.builds);
});

describe('whatever names and messages are', () => {
  test('as the schema has it, with ids of their own and paths that come back', async () => {
    await fc.assert(
      fc.asyncProperty(hostileTests, async (tests) => {
        const { source, end } = await stored(tests);
        try {
          const report = JSON.parse(await written('kcidb', source)) as Report;
          expect(faults(report)).toEqual([]);
          expect(new Set(report.tests.map((row) => row.id)).size).toBe(report.tests.length);
          const names: string[][] = [];
          for await (const attempts of source.tests()) {
            for (const { collection, name, subtests } of attempts) {
              names.push([collection, name], ...subtests.map((one) => [collection, name, one.name]));
            }
          }
          expect(report.tests.map(({ path }) => (path as string).split('.').map(decodeSegment))).toEqual(
            names,
          );
        } finally {
          await end();
        }
      }),
      { numRuns: 30 },
    );
  }, 60_000);

  const checkout = process.env.MULTITAP_TEST_KCIDB_IO;

  test.skipIf(!checkout)('the validator of kcidb-io in MULTITAP_TEST_KCIDB_IO takes it', async () => {
    const samples = fc.sample(hostileTests, 10).flat();
    const distinct = samples.map((one, i) => ({ ...one, name: `${i} ${one.name}`, attempt: 1 }));
    const report = await exported(distinct);
    const script = 'import json, sys; from kcidb_io.schema import V5_3; V5_3.validate(json.load(sys.stdin))';
    execFileSync('python3', ['-c', script], { cwd: checkout, input: JSON.stringify(report), stdio: 'pipe' });
  });
});
