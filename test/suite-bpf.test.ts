// SPDX-License-Identifier: GPL-2.0-only
import { execa } from 'execa';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../results/store/index.ts';
import type { TestReport } from '../results/store/types.ts';
import { type Pattern, readPattern, selectTests } from '../runner/plan.ts';
import { testQueue } from '../runner/schedule/queue.ts';
import type { Prepared } from '../runner/setup.ts';
import { bpf } from '../runner/suites/bpf/index.ts';
import type { PlannedTest } from '../runner/suites/planned-test.ts';
import { FAULT_MODULE, FAULT_TRIGGER, withFaults } from './support/fault-module.ts';
import { preparedGuest } from './support/guest.ts';
import { folderForTest, multitap } from './support/program.ts';
import { type Ran, runAll } from './support/run.ts';
import { all, whyNot } from './support/slow.ts';

/** What it counts is what test_progs printed, counted by something that knows nothing of our parser. */
const COUNT = `
/^All error logs:/ { exit }
/^#[0-9]+\\/[0-9]+ +[^ ].*:(OK|FAIL|SKIP)$/ { results++ }
END { print results + 0 }
`;

let prepared: Prepared;
let ran: Ran;

const select = (...patterns: string[]) => {
  const choice = { suite: bpf, patterns: patterns.map((name): Pattern => readPattern(name)) };
  return selectTests(choice, prepared.built!, { quick: patterns.length === 0, denials: [] });
};
const only = (pattern: string): PlannedTest => select(pattern).at(0)!;

/** The same test, after a script in its guest. */
const after = (script: string, test: PlannedTest): PlannedTest => ({
  ...test,
  start: (how) => {
    const { argv, ...request } = test.start(how);
    return { ...request, argv: ['sh', '-c', `${script}\nexec "$@"`, 'sh', ...argv] };
  },
});

const report = (name: string): TestReport => ran.reports.find((one) => one.name === name)!;
const output = ({ logs }: TestReport) =>
  String(Buffer.from(logs.find(({ kind }) => kind === 'output')!.content));
const subtests = (name: string) =>
  report(name).subtests.map((subtest) => `${subtest.outcome} ${subtest.name}`);

beforeAll(async () => {
  prepared = await withFaults(await preparedGuest('bpf/test_progs'));
  const tests = [
    only('bpf/test_progs:mptcp'),
    only('bpf/test_progs:atomics'),
    only('bpf/test_progs:arena_atomics/add'),
    after('rm test_l4lb.bpf.o', only('bpf/test_progs:l4lb_all')),
    after(
      `insmod ${FAULT_MODULE}; (sleep 1; echo panic > ${FAULT_TRIGGER}) &`,
      only('bpf/test_progs:ringbuf'),
    ),
  ];
  ran = await runAll(prepared, tests, {
    isolation: 'test',
    queue: testQueue(
      tests.map((test, i) => ({ ...test, expectedSeconds: 100 - i })),
      0,
    ),
  });
});

describe('tests of test_progs on a real kernel', () => {
  it('pass, with their subtests by name', () => {
    expect(report('mptcp')).toMatchObject({ collection: 'bpf/test_progs', outcome: 'pass', exitCode: 0 });
    expect(subtests('mptcp')).toEqual(['pass base', 'pass mptcpify']);
    expect(report('atomics').outcome).toBe('pass');
    expect(subtests('atomics')).toContain('pass xchg');
  });

  it('run nothing but what was asked for', () => {
    expect(subtests('arena_atomics')).toEqual(['pass add']);
  });

  it('fail with the words of the subtest that failed', () => {
    expect(report('l4lb_all')).toMatchObject({ outcome: 'fail', exitCode: 1 });
    expect(report('l4lb_all').subtests.find(({ outcome }) => outcome === 'fail')?.message).toMatch(
      /test_l4lb\.bpf\.o|FAIL/,
    );
  });

  it('crash alone: the test is told, and its guest is the only one', () => {
    expect(report('ringbuf').outcome).toBe('crash');
    expect(report('ringbuf').crashes!.map(({ title }) => title)).toEqual([expect.stringMatching(/panic/i)]);
    expect(ran.reports).toHaveLength(5);
  });

  it('are understood as test_progs itself sums them up', () => {
    for (const one of ran.reports.filter(({ outcome }) => outcome !== 'crash'))
      expect([one.name, one.problems.filter(({ text }) => /json-summary|Summary/.test(text))]).toEqual([
        one.name,
        [],
      ]);
  });

  it('have as many subtests as an awk counts in their logs', async () => {
    for (const one of ran.reports) {
      const { stdout } = await execa('awk', [COUNT], { input: output(one) });
      expect([one.name, one.subtests.length]).toEqual([one.name, Number(stdout)]);
    }
  });
});

describe('the selection', () => {
  it('has the tree’s own denials as skips, with the list and its reason', () => {
    expect(select('*raw_tp*').filter(({ instead }) => instead)).toMatchObject([
      {
        name: 'get_stack_raw_tp',
        instead: { outcome: 'skip', message: expect.stringMatching(/^denied by DENYLIST: spams with/) },
      },
    ]);
  });

  it.skipIf(!all)(`passes as a whole on a kernel of Debian’s, if it is quick${whyNot()}`, async () => {
    const quick = await runAll(prepared, select(), { isolation: 'test' });
    const bad = quick.reports.filter(({ outcome }) => outcome !== 'pass' && outcome !== 'skip');
    expect(bad.map(({ name, message }) => [name, message])).toEqual([]);
    for (const { problems } of quick.reports)
      expect(problems.filter(({ text }) => text.includes('json-summary'))).toEqual([]);
  });
});

// Left out here: all other tests of test_progs, its flavours no_alu32 and cpuv4, test_maps, which does not end under
// TCG, and test_verifier.
it('multitap run bpf --quick passes, with as many subtests as awk counts', async () => {
  const data = await folderForTest('bpf-quick');
  const { exitCode, stdout } = await multitap([
    'run',
    'bpf',
    '--quick',
    '--kernel',
    'deb:6.12',
    '--data',
    data,
  ]);
  expect(exitCode, String(stdout)).toBe(0);
  const store = await openStore(data);
  onTestFinished(() => store.close());
  const { results } = (await store.run(1))!;
  expect(results.map(({ name }) => `bpf/test_progs:${name}`).sort()).toEqual([...bpf.quick].sort());
  for (const { name, outcome, subtests, logs, problems } of results) {
    expect([name, outcome]).toEqual([name, 'pass']);
    const log = await store.log(logs.find(({ kind }) => kind === 'output')!.hash);
    const counted = await execa('awk', [COUNT], { input: log! });
    expect([name, subtests.length]).toEqual([name, Number(counted.stdout)]);
    expect(problems.filter(({ text }) => /summary/i.test(text))).toEqual([]);
  }
});
