// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, onTestFinished, test } from 'vitest';
import type { TestReport } from '../../results/store/types.ts';
import type { Driver } from '../../vm/machine.ts';
import { qemuDriver } from '../../vm/qemu/driver.ts';
import { BootTrouble, Trouble, UsageTrouble } from '../../vm/trouble.ts';
import type { Prepared } from '../setup.ts';
import { kselftest } from '../suites/kselftest.ts';
import { testQueue } from './queue.ts';
import { type RunOptions, runTests } from './run.ts';
import { type FakeGuest, type FakeMachine, fakeMachine, type Play } from './testing.ts';

// The pool over machines without QEMU: which guest which test gets, and what happens when things end early.

const planned = (...names: string[]) => names.map((name) => kselftest('own', name, { timeoutS: 45 }));
const images = { kernel: { vmlinux: '/none/vmlinux' }, initramfs: '/none/initramfs', layers: [] };
const prepared = { plan: { accel: 'kvm', memoryMb: 512, ...images } } as unknown as Prepared;

interface Pool {
  tests: string[];
  play?: (play: Play, name: string) => void;
  guest?: FakeGuest;
  /** Thrown by the first boots, one each. */
  failures?: unknown[];
  change?: Partial<RunOptions>;
  retries?: number;
}

async function pool({ tests, play, guest = {}, failures = [], change = {}, retries = 0 }: Pool) {
  const machines: FakeMachine[] = [];
  const boot = async () => {
    const failure = failures.shift();
    if (failure) throw failure;
    const machine = await fakeMachine(
      (one) => (play ?? (({ exit }) => exit()))(one, one.request.argv.at(-1)!),
      guest,
      onTestFinished,
    );
    machines.push(machine);
    return machine;
  };
  const driver: Driver = { name: 'qemu', description: 'none', tells: qemuDriver.tells, boot };
  const lines: string[] = [];
  const reports: TestReport[] = [];
  const notes: string[] = [];
  const where = new Map<string, number>();
  const run = runTests({
    ...{ prepared, driver, isolation: 'vm', jobs: 1, queue: testQueue(planned(...tests), retries) },
    preparation: { modules: [], dynamicDebug: [] },
    around: { pre: null, post: null, kmemleak: false, coverage: null },
    ...{ env: {}, timeoutS: 60, idleS: null, deadlineMinutes: null, signal: new AbortController().signal },
    on: {
      note: (_, text) => notes.push(text),
      booted: () => {},
      started: (_, job) => where.set(`${job.test.name} ${job.attempt}`, machines.length),
      subtest: () => {},
      splat: () => {},
      finished: async (report, again) => {
        reports.push(report);
        lines.push(`${report.outcome} ${report.name} ${report.attempt}${again ? ' again' : ''}`);
      },
    },
    ...change,
  });
  const result = await run.catch((error) => error);
  return { result, machines, lines, notes, reports, where: Object.fromEntries(where) };
}

describe('which guest a test gets', () => {
  test('one is shared until a test spoils it', async () => {
    const { lines, where, machines } = await pool({
      tests: ['a', 'late', 'b', 'c'],
      play: ({ exit }, name) => exit(name === 'late' ? { signal: 15, timedOut: true } : {}),
    });
    expect(lines).toEqual(['pass a 1', 'timeout late 1', 'pass b 1', 'pass c 1']);
    expect(where).toEqual({ 'a 1': 1, 'late 1': 1, 'b 1': 2, 'c 1': 2 });
    expect(machines.at(-1)!.killed).toEqual(['powered off']);
  });

  test('with --isolation test each has its own', async () => {
    const { machines } = await pool({ tests: ['a', 'b', 'c'], change: { isolation: 'test' } });
    expect(machines).toHaveLength(3);
  });

  test('a retry gets a fresh one', async () => {
    const { lines, where } = await pool({
      tests: ['bad', 'good'],
      retries: 2,
      play: ({ exit }, name) => exit({ code: name === 'bad' ? 1 : 0 }),
    });
    expect(lines).toEqual(['fail bad 1 again', 'pass good 1', 'fail bad 2 again', 'fail bad 3']);
    expect(where).toEqual({ 'bad 1': 1, 'good 1': 1, 'bad 2': 2, 'bad 3': 3 });
  });

  test('several VMs share one queue, and nothing is run twice', async () => {
    const { lines, machines } = await pool({ tests: ['a', 'b', 'c', 'd', 'e'], change: { jobs: 2 } });
    expect(lines.sort()).toEqual(['pass a 1', 'pass b 1', 'pass c 1', 'pass d 1', 'pass e 1']);
    expect(machines).toHaveLength(2);
  });
});

describe('guests that do not come up', () => {
  test('once, are tried again, and the first test tells', async () => {
    const failures = [new BootTrouble({ happened: 'The kernel panicked while booting', console: '' })];
    const { lines, notes, reports } = await pool({ tests: ['a'], failures });
    expect(lines).toEqual(['pass a 1']);
    expect(notes).toEqual(['The kernel did not come up: The kernel panicked while booting Trying again.']);
    expect(reports[0]!.problems.map(({ text }) => text)).toEqual([
      'the guest came up at try 2: The kernel panicked while booting',
    ]);
  });

  test('again and again, end the run', async () => {
    const failure = () => new Trouble({ happened: 'QEMU did not start' });
    const { result, lines } = await pool({ tests: ['a'], failures: [failure(), failure(), failure()] });
    expect(result).toBeInstanceOf(Trouble);
    expect(lines).toEqual([]);
  });

  test('a module that the kernel does not have is the user’s mistake, found before any test', async () => {
    const { result, machines } = await pool({
      tests: ['a'],
      guest: {
        other: ({ err, exit }) => {
          err('modprobe: FATAL: Module nope not found\n');
          exit({ code: 1 });
        },
      },
      change: { preparation: { modules: ['nope'], dynamicDebug: [] } },
    });
    expect(result).toBeInstanceOf(UsageTrouble);
    expect(result.message).toMatch(
      /^The module nope could not be loaded: modprobe: FATAL: Module nope not found/,
    );
    expect(machines).toHaveLength(1);
  });

  test('a guest that dies before its first test counts as one that did not come up', async () => {
    const { result } = await pool({
      tests: ['a'],
      guest: { other: ({ end }) => end({ how: 'panic', why: 'no memory' }) },
      change: { preparation: { modules: ['veth'], dynamicDebug: [] } },
    });
    expect(result).toBeInstanceOf(BootTrouble);
    expect(result.message).toContain('ended before its first test: no memory');
  });
});

describe('a run that ends early', () => {
  const hangs = { tests: ['hang', 'never'], play: () => {} };

  test('at its deadline: the test in flight tells, the rest is never started', async () => {
    const { result, lines, reports } = await pool({ ...hangs, change: { deadlineMinutes: 0.005 } });
    expect(result).toEqual({ deadlinePassed: true });
    expect(lines).toEqual(['error hang 1']);
    expect(reports[0]!.message).toBe('the run’s deadline passed');
  });

  test('at Ctrl-C: the test in flight counts as one that never reported', async () => {
    const controller = new AbortController();
    const run = pool({ ...hangs, change: { signal: controller.signal } });
    setTimeout(() => controller.abort(), 200);
    const { result, lines, machines } = await run;
    expect(result).toEqual({ deadlinePassed: false });
    expect(lines).toEqual([]);
    expect(machines[0]!.killed[0]).toBe('interrupted');
  });
});
