// SPDX-License-Identifier: GPL-2.0-only
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestReport } from '../results/store/types.ts';
import { readHook } from '../runner/schedule/hooks.ts';
import { testQueue } from '../runner/schedule/queue.ts';
import { preparedGuest, withCollection } from './support/guest.ts';
import { temporaryFolder } from './support/program.ts';
import { type Ran, runAll } from './support/run.ts';

/** As a WARN() looks on the console; only user space can say it here, and the recogniser cannot tell. */
const warning = [
  '------------[ cut here ]------------',
  'WARNING: CPU: 0 PID: 99 at net/own/own.c:42 own_function+0x12/0x40',
  'CPU: 0 UID: 0 PID: 99 Comm: test Not tainted 6.12.0 #1',
  'RIP: 0010:own_function+0x12/0x40',
  'Call Trace:',
  ' <TASK>',
  ' own_caller+0x5/0x10',
  ' </TASK>',
  '---[ end trace 0000000000000000 ]---',
];

const scripts = {
  '1-first.sh':
    'echo "ok 1 dummies=$(ls -d /sys/class/net/dummy* | wc -l) debug=$(grep -c "=p" /proc/dynamic_debug/control) pre=$(cat /tmp/pre)"',
  '2-leaves.sh': 'ip netns add left; echo 1 > /proc/sys/net/ipv4/ip_forward; echo "ok 1 left something"',
  '3-after.sh':
    'echo "ok 1 namespaces=$(ip netns list | wc -l) forward=$(cat /proc/sys/net/ipv4/ip_forward)"',
  '4-warns.sh': `for line in ${warning.map((line) => `'${line}'`).join(' ')}; do echo "<4>$line" > /dev/kmsg; done; echo "ok 1 fine"`,
  '5-silent.sh': 'echo "ok 1 before"; sleep 4321',
  '6-fails.sh': 'echo "not ok 1 always"; exit 1',
};

let dir: string;
let ran: Ran;

/** In the order of their names: the first are expected to be the longest. */
const report = (name: keyof typeof scripts, attempt = 1): TestReport =>
  ran.reports.find((one) => one.name === name && one.attempt === attempt)!;
const problems = (one: TestReport) => one.problems.map(({ text }) => text);
const log = (one: TestReport, kind: string) =>
  String(Buffer.from(one.logs.find((entry) => entry.kind === kind)?.content ?? []));

beforeAll(async () => {
  dir = await temporaryFolder('schedule');
  const base = await preparedGuest();
  const { prepared, tests } = await withCollection(base, dir, scripts);
  await writeFile(join(dir, 'pre.sh'), 'echo "$TEST_NAME" > /tmp/pre; echo "prepared $TEST_COLLECTION"\n');
  await writeFile(
    join(dir, 'post'),
    '#!/usr/bin/python3\nimport os\nprint("after", os.environ["TEST_OUTCOME"])\n',
  );
  ran = await runAll({ ...prepared, plan: { ...prepared.plan, append: ['dummy.numdummies=3'] } }, tests, {
    queue: testQueue(
      tests.map((test, i) => ({ ...test, expectedSeconds: 100 - i })),
      1,
    ),
    timeoutS: 300,
    idleS: 45,
    preparation: { modules: ['dummy'], dynamicDebug: ['file net/mptcp/pm_netlink.c +p'] },
    around: {
      pre: await readHook('pre', join(dir, 'pre.sh')),
      post: await readHook('post', join(dir, 'post')),
      kmemleak: false,
      coverage: null,
    },
  });
});

afterAll(() => rm(dir, { recursive: true, force: true }));

describe('a run over a real kernel', () => {
  it('has each test end as it should, those that fail twice', () => {
    expect(ran.reports.map(({ name, attempt, outcome }) => `${outcome} ${name} ${attempt}`)).toEqual([
      'pass 1-first.sh 1',
      'pass 2-leaves.sh 1',
      'pass 3-after.sh 1',
      'fail 4-warns.sh 1',
      'fail 4-warns.sh 2',
      'timeout 5-silent.sh 1',
      'timeout 5-silent.sh 2',
      'fail 6-fails.sh 1',
      'fail 6-fails.sh 2',
    ]);
  });

  it('loads modules with their parameters, and turns on dynamic debug', () => {
    const [, dummies, debug] = /dummies=(\d+) debug=(\d+)/.exec(report('1-first.sh').subtests[0]!.name)!;
    expect(dummies).toBe('3');
    expect(Number(debug)).toBeGreaterThan(0);
  });

  it('runs the user’s scripts around each test, and keeps what they say', () => {
    expect(report('1-first.sh').subtests[0]!.name).toContain('pre=1-first.sh');
    expect(log(report('1-first.sh'), 'hooks')).toBe('prepared own\nafter pass\n');
    expect(log(report('6-fails.sh'), 'hooks')).toBe('prepared own\nafter fail\n');
  });

  it('tells what a test left behind, and gives the next one a fresh guest', () => {
    expect(problems(report('2-leaves.sh'))).toEqual(
      expect.arrayContaining([
        'left behind: network namespace left',
        'left behind: sysctl net/ipv4/ip_forward 0 → 1',
      ]),
    );
    expect(report('3-after.sh').subtests[0]!.name).toBe('namespaces=0 forward=0');
  });

  it('does not let a test pass during which the kernel warned', () => {
    expect(report('4-warns.sh')).toMatchObject({
      exitCode: 0,
      message: 'kernel: WARNING in own_function',
      crashes: [{ kind: 'warn', title: 'WARNING in own_function', fatal: false }],
    });
    expect(ran.notes).toContain('4-warns.sh: WARNING in own_function');
  });

  it('ends a silent test, and tells what it was at', () => {
    const silent = report('5-silent.sh');
    expect(silent.message).toMatch(
      /^silent for 45 s: no output, and no word from the kernel\nit was at: sleep 4321 \((?:hrtimer_|do_)nanosleep.*\)/,
    );
    expect(log(silent, 'diagnosis')).toMatch(/\[<0>\] hrtimer_nanosleep\+0x/);
    expect(silent.durationMs).toBeLessThan(120_000);
  });

  it('boots no more guests than are needed', () => {
    // After what was left behind, each warning, each silence, and for the retry of the one that just fails.
    expect(ran.boots).toHaveLength(7);
  });
});
