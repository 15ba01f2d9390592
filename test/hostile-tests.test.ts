// SPDX-License-Identifier: GPL-2.0-only
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestReport } from '../results/store/types.ts';
import { preparedGuest, withCollection } from './support/guest.ts';
import { temporaryFolder } from './support/program.ts';
import { runAll } from './support/run.ts';

/** Selftests that do what real ones have done to a CI, all of them in one run on a real kernel. */
const scripts = {
  'pass.sh': 'echo "TAP version 13"; echo 1..2; echo "ok 1 one # time=3ms"; echo "ok 2 two"',
  'fail.sh': 'echo 1..2; echo "ok 1 one"; echo "not ok 2 two"; exit 1',
  'skip.sh': 'echo "SKIP: no such tool"; exit 4',
  'xfail.sh': 'exit 2',
  'hang.sh': 'echo "ok 1 before the hang"; sleep 100000',
  'daemons.sh':
    'for i in 1 2; do setsid nohup sleep 100000 >/dev/null 2>&1 & done; setsid sleep 100000 & echo "ok 1 started"',
  'flood.sh': 'echo "ok 1 first"; head -c 50000000 /dev/zero | tr "\\0" "x"; echo; echo "ok 2 last"',
  'bytes.sh':
    'printf "ok 1 nul\\0inside\\n\\377\\376 not UTF-8\\nok 2 colour \\033[31mred\\033[0m\\n"; echo "on stderr" >&2',
  'flags.sh': 'echo "ok 1 slow=$KSFT_MACHINE_SLOW timeout=$kselftest_timeout cwd=${PWD##*/}"',
  'kernel-log.sh': 'echo "<4>own words in the kernel log" > /dev/kmsg; exit 1',
  'signal.sh': 'kill -SEGV $$',
  'fill-disk.sh': 'dd if=/dev/zero of=/filled bs=4M 2>/dev/null; echo "ok 1 the disk is full"; rm -f /filled',
  'panic.sh':
    'echo "ok 1 before the panic"; sleep 0.5; echo 1 > /proc/sys/kernel/sysrq; echo c > /proc/sysrq-trigger; sleep 60',
  'after.sh': 'echo "ok 1 in a fresh guest"',
};

let dir: string;
let slow: boolean;
const reports = new Map<string, TestReport>();
const boots: number[] = [];

beforeAll(async () => {
  dir = await temporaryFolder('hostile');
  const base = await preparedGuest();
  // Little memory, so that the disk, which is a tmpfs over it, is filled soon.
  const small = { ...base, plan: { ...base.plan, memoryMb: 512 } };
  const { prepared, tests } = await withCollection(small, dir, scripts);
  slow = prepared.plan.accel === 'tcg';
  const run = async (names: (name: string) => boolean, jobs: number, timeoutS: number) => {
    const chosen = tests.filter(({ name }) => names(name));
    const ran = await runAll(prepared, chosen, { jobs, timeoutS });
    boots.push(...ran.boots);
    for (const report of ran.reports) reports.set(report.name, report);
  };
  // Only the one that hangs has to be waited for; the others get time even on a machine that does much besides.
  await run((name) => name === 'hang.sh', 1, 20);
  await run((name) => name !== 'hang.sh', 2, 300);
});

afterAll(() => rm(dir, { recursive: true, force: true }));

const report = (name: keyof typeof scripts) => reports.get(name)!;
const log = (name: keyof typeof scripts, kind: string) =>
  Buffer.from(report(name).logs.find((entry) => entry.kind === kind)?.content ?? []);

describe('tests that behave badly', () => {
  it('all come to an end and are told, each with its own outcome', () => {
    expect(Object.fromEntries([...reports].map(([name, { outcome }]) => [name, outcome]))).toEqual({
      'pass.sh': 'pass',
      'fail.sh': 'fail',
      'skip.sh': 'skip',
      'xfail.sh': 'xfail',
      'hang.sh': 'timeout',
      'daemons.sh': 'pass',
      'flood.sh': 'pass',
      'bytes.sh': 'pass',
      'flags.sh': 'pass',
      'kernel-log.sh': 'fail',
      'signal.sh': 'fail',
      'fill-disk.sh': 'pass',
      'panic.sh': 'crash',
      'after.sh': 'pass',
    });
  });

  it('keeps subtests, exit code, times and CPU time', () => {
    expect(report('pass.sh')).toMatchObject({
      exitCode: 0,
      subtests: [
        { name: 'one', outcome: 'pass', durationMs: 3 },
        { name: 'two', outcome: 'pass' },
      ],
    });
    expect(report('fail.sh')).toMatchObject({
      exitCode: 1,
      line: 3,
      message: expect.stringContaining('1 of 2 subtests failed'),
    });
    expect(report('skip.sh').message).toContain('no such tool');
    for (const { cpuMs, outcome } of reports.values())
      if (outcome !== 'crash') expect(cpuMs).toBeGreaterThan(0);
  });

  it('ends a hanging test at its time-out and keeps what it had printed', () => {
    expect(report('hang.sh')).toMatchObject({
      subtests: [{ name: 'before the hang', outcome: 'pass' }],
      timeoutMs: 20_000,
    });
    expect(report('hang.sh').durationMs).toBeLessThan(60_000);
  });

  it('does not wait for daemons, and tells of them', () => {
    expect(report('daemons.sh').durationMs).toBeLessThan(120_000);
    expect(report('daemons.sh').problems.map(({ text }) => text)).toContain(
      '3 processes outlived the test and were killed',
    );
  });

  it('keeps all of 50 MB, and the results around it', () => {
    expect(log('flood.sh', 'output').length).toBe(50_000_000 + 'ok 1 first\n\nok 2 last\n'.length);
    expect(report('flood.sh').subtests.map(({ name }) => name)).toEqual(['first', 'last']);
  });

  it('keeps NULs and invalid UTF-8 as they came, and reads the results among them', () => {
    expect(log('bytes.sh', 'output').includes(Buffer.from([0xff, 0xfe]))).toBe(true);
    expect(report('bytes.sh').subtests).toHaveLength(2);
    expect(log('bytes.sh', 'stderr').toString()).toBe('on stderr\n');
  });

  it('gives the environment that kselftest’s runner gives', () => {
    expect(report('flags.sh').subtests[0]!.name).toBe(`slow=${slow ? 'yes' : ''} timeout=300 cwd=own`);
  });

  it('keeps the kernel’s words of a test, and only of that test', () => {
    expect(log('kernel-log.sh', 'console').toString()).toContain('own words in the kernel log');
    for (const name of reports.keys())
      if (name !== 'kernel-log.sh')
        expect(log(name as keyof typeof scripts, 'console').toString()).not.toContain('own words');
  });

  it('names the signal that ended a test', () => {
    expect(report('signal.sh')).toMatchObject({
      signal: 'SIGSEGV',
      exitCode: null,
      message: expect.stringContaining('SIGSEGV'),
    });
  });

  it('calls a panic a crash, keeps its trace and what was printed before, and goes on in a fresh guest', () => {
    expect(report('panic.sh').message).toContain('sysrq triggered crash');
    expect(report('panic.sh').subtests).toMatchObject([{ name: 'before the panic', outcome: 'pass' }]);
    expect(log('panic.sh', 'console').toString()).toContain('Call Trace:');
    // One for the hang, two for the rest, and a fresh one for what came after the panic unless another took it.
    expect(boots.length).toBeGreaterThanOrEqual(3);
  });
});
