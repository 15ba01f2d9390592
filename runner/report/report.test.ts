// SPDX-License-Identifier: GPL-2.0-only
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseWhole } from '../../results/formats/registry.ts';
import { tap } from '../../results/formats/tap/index.ts';
import { openStore } from '../../results/store/index.ts';
import type { RunDetail, TestReport } from '../../results/store/types.ts';
import { type Outcome, outcomes } from '../../results/words.ts';
import { kselftest } from '../suites/kselftest.ts';
import { reportFormats } from './registry.ts';

const started = Date.UTC(2026, 0, 5, 8);

function aTest(name: string, outcome: Outcome, change: Partial<TestReport> = {}): TestReport {
  return {
    ...{
      collection: 'net/mptcp',
      name,
      attempt: 1,
      outcome,
      startedAt: started,
      durationMs: 1500,
      cpuMs: 300,
    },
    ...{
      exitCode: 0,
      signal: null,
      timeoutMs: 90_000,
      vm: 0,
      message: '',
      line: null,
      subtests: [],
      problems: [],
    },
    logs: [{ kind: 'output', content: Buffer.from('') }],
    ...change,
  };
}

const output = (text: string): Partial<TestReport> => ({
  logs: [{ kind: 'output', content: Buffer.from(text) }],
});

/** The run as a real store gives it back. */
async function stored(tests: TestReport[]): Promise<RunDetail> {
  const dir = await mkdtemp(join(tmpdir(), 'multitap-report-'));
  const store = await openStore(dir);
  onTestFinished(async () => {
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });
  const uuid = randomUUID();
  const { id } = await store.startRun({
    ...{ uuid, suite: 'mptcp', branch: { name: 'debian/6.12' }, command: 'multitap run mptcp' },
    revision: { name: '6.12.107-1', position: 6_012_107 },
    variant: { arch: 'x86_64', accel: 'tcg', cpus: 2, flavour: 'debian-cloud', options: '' },
    ...{
      environment: {},
      startedAt: started,
      planned: tests.map(({ collection, name }) => ({ collection, name })),
    },
  });
  for (const one of tests) await store.addTest(uuid, one);
  await store.finishRun(uuid, { state: 'complete', finishedAt: started + 5000, reason: '' });
  return (await store.run(id))!;
}

/** @param run what `finished` gets; only ktap does without one */
function tellAs(format: string, tests: TestReport[], run: RunDetail | null): string {
  let text = '';
  const report = reportFormats
    .find(({ name }) => name === format)!
    .create((more) => {
      text += more;
    });
  report.started(tests.map(({ collection, name }) => kselftest(collection, name, { timeoutS: 60 })));
  for (const one of tests) report.test(one, false);
  if (run !== null) report.finished(run);
  return text;
}

async function tell(format: string, tests: TestReport[]): Promise<string> {
  return tellAs(format, tests, await stored(tests));
}

test('formats have names of their own', () => {
  expect(reportFormats.map(({ name }) => name)).toEqual(['pretty', 'ktap', 'json']);
});

describe('ktap', () => {
  const parsed = (tests: TestReport[]) => parseWhole(tap, Buffer.from(tellAs('ktap', tests, null)));

  test('reads as kselftest’s runner prints it', async () => {
    const tests = [
      aTest('a.sh', 'pass', output('TAP version 13\n1..1\nok 1 - x\n')),
      aTest('b.sh', 'fail', { exitCode: 1 }),
      aTest('c.sh', 'timeout', { exitCode: null, signal: 'SIGTERM', ...output('waiting') }),
      aTest('d.sh', 'skip', { exitCode: 4 }),
      aTest('e.sh', 'fail', { exitCode: null, signal: 'SIGSEGV' }),
      aTest('f.sh', 'crash', { exitCode: null, message: 'kernel panic: \x1b[31mFatal\nmore' }),
    ];
    expect((await tell('ktap', tests)).split('\n')).toEqual([
      'TAP version 13',
      '1..6',
      '# timeout set to 90',
      '# selftests: net/mptcp: a.sh',
      '# TAP version 13',
      '# 1..1',
      '# ok 1 - x',
      'ok 1 selftests: net/mptcp: a.sh',
      '# timeout set to 90',
      '# selftests: net/mptcp: b.sh',
      'not ok 2 selftests: net/mptcp: b.sh # exit=1',
      '# timeout set to 90',
      '# selftests: net/mptcp: c.sh',
      '# waiting',
      '#',
      'not ok 3 selftests: net/mptcp: c.sh # TIMEOUT 90 seconds',
      '# timeout set to 90',
      '# selftests: net/mptcp: d.sh',
      'ok 4 selftests: net/mptcp: d.sh # SKIP',
      '# timeout set to 90',
      '# selftests: net/mptcp: e.sh',
      'not ok 5 selftests: net/mptcp: e.sh # exit=139',
      '# timeout set to 90',
      '# selftests: net/mptcp: f.sh',
      'not ok 6 selftests: net/mptcp: f.sh # ERROR crash: kernel panic: Fatal',
      '',
    ]);
  });

  test('is read back with the same outcomes; what TAP has no word for is a failure', () => {
    const tests = outcomes.map((outcome, i) =>
      aTest(`${i}.sh`, outcome, { exitCode: outcome === 'xpass' ? 3 : 1 }),
    );
    const document = parsed(tests);
    const same: Outcome[] = ['pass', 'fail', 'skip', 'xfail', 'timeout'];
    expect(document).toMatchObject({ plan: outcomes.length, complete: true, problems: [] });
    expect(document.tests.map(({ collection, name, outcome }) => ({ collection, name, outcome }))).toEqual(
      outcomes.map((outcome, i) => ({
        collection: 'net/mptcp',
        name: `${i}.sh`,
        outcome: same.includes(outcome) ? outcome : 'fail',
      })),
    );
  });

  const line = fc.constantFrom(
    'TAP version 13',
    '1..3',
    '# a word',
    '',
    'text\r',
    '10 %\r50 %\r100 %',
    'name \u2028 of two lines \u2029',
    'ok 1 - first # time=3ms',
    'not ok 2 - second',
    'ok 3 - third # SKIP no nft',
    'ok 4 - crlf\r',
    'not ok 5 - separated\u2028here',
    'ok 6 - ü💥',
  );

  test('is read back with the same subtests, whatever the test printed', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 12 }), (lines) => {
        const text = `TAP version 13\n${lines.join('\n')}\n`;
        const direct = parseWhole(tap, Buffer.from(text));
        const tests = [aTest('a.sh', 'fail', output(text)), aTest('b.sh', 'pass')];
        const [back, next, ...more] = parsed(tests).tests;
        const brief = (tests: typeof direct.tests) => tests.map(({ name, outcome }) => `${outcome} ${name}`);
        expect(brief(back!.subtests)).toEqual(brief(direct.tests));
        expect(next).toMatchObject({ name: 'b.sh', outcome: 'pass' });
        expect(more).toEqual([]);
      }),
    );
  });
});

describe('pretty', () => {
  test('has a line for each test, the failures with their words, and the sums', async () => {
    const text = await tell('pretty', [
      aTest('a.sh', 'pass', {
        subtests: [{ name: 'x', outcome: 'pass', durationMs: 1, line: 1, markedFlaky: false, message: '' }],
      }),
      aTest('b.sh', 'fail', {
        message: 'exit code 1\n1 of 1 subtests failed',
        subtests: [
          {
            name: 'y',
            outcome: 'fail',
            durationMs: 1,
            line: 17,
            markedFlaky: false,
            message: 'got 1\nexpected 2',
          },
        ],
        problems: [{ line: 3, text: 'a plan was not met' }],
      }),
    ]);
    expect(text.split('\n')).toEqual([
      '✓ pass    net/mptcp: a.sh (1.5 s) · 1 pass',
      '✗ fail    net/mptcp: b.sh (1.5 s) · 1 fail',
      '    exit code 1',
      '    1 of 1 subtests failed',
      '    ✗ y (line 17)',
      '        got 1',
      '        expected 2',
      '    ? line 3: a plan was not met',
      '',
      'Run 1 on debian/6.12 6.12.107-1 (x86_64 tcg 2 CPUs debian-cloud)'.replace(
        /\(.*\)/,
        text.match(/\(x86.*\)/)![0],
      ),
      '  tests     1 pass, 1 fail',
      '  subtests  1 pass, 1 fail',
      '',
    ]);
  });

  test('shows a subtest that failed in a test that passed', async () => {
    const failed = {
      name: 'y',
      outcome: 'fail' as const,
      durationMs: 1,
      line: 4,
      markedFlaky: false,
      message: '',
    };
    expect(await tell('pretty', [aTest('a.sh', 'pass', { subtests: [failed] })])).toContain(
      '    ✗ y (line 4)\n',
    );
  });

  test('lets no guest steer the terminal', async () => {
    const evil = '\x1b]0;owned\x07\x1b[2J\r\x9b31m';
    const text = await tell('pretty', [
      aTest('a.sh', 'fail', {
        message: evil,
        subtests: [
          { name: evil, outcome: 'fail', durationMs: 1, line: 1, markedFlaky: false, message: evil },
        ],
        problems: [{ line: 1, text: evil }],
      }),
    ]);
    expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
  });
});

describe('json', () => {
  test('is one document: the run as it was stored', async () => {
    const tests = [aTest('a.sh', 'pass'), aTest('b.sh', 'fail', { message: 'a "quoted" \x1b word\nü' })];
    const run = JSON.parse(await tell('json', tests)) as RunDetail;
    expect(run).toMatchObject({ state: 'complete', branch: 'debian/6.12', tests: { pass: 1, fail: 1 } });
    expect(run.results.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['a.sh', 'pass'],
      ['b.sh', 'fail'],
    ]);
    expect(run.results[1]!.message).toBe('a "quoted" \x1b word\nü');
  });
});
