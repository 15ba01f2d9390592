// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { TestReport } from '../../results/store/types.ts';
import type { ExitReport } from '../../vm/guest/protocol.ts';
import type { Diagnosis } from '../../vm/machine.ts';
import { kselftest } from '../suites/kselftest.ts';
import { type Attempt, attemptTest } from './attempt.ts';
import type { AttemptOptions } from './run-test.ts';
import { newSession, type Session } from './session.ts';
import { type FakeGuest, type FakeMachine, fakeMachine, type Play, pristine } from './testing.ts';

const machineWith = (play: (play: Play) => void, guest: FakeGuest = {}) =>
  fakeMachine(play, guest, onTestFinished);
const planned = kselftest('net/mptcp', 'diag.sh', { timeoutS: 60 });
const options: AttemptOptions = {
  ...{ vm: 1, attempt: 1, timeoutMs: 90_000, idleMs: 0, slow: true },
  env: {},
  around: { pre: null, post: null, kmemleak: false, coverage: null },
};

async function attempt(
  play: (play: Play) => void,
  change: Partial<AttemptOptions> = {},
): Promise<TestReport> {
  const session = newSession(await machineWith(play));
  return (await attemptTest(session, planned, { ...options, ...change })).report;
}

const log = (report: TestReport, kind: string) => {
  const found = report.logs.find((one) => one.kind === kind);
  return found && Buffer.from(found.content).toString('latin1');
};
const problems = (report: TestReport) => report.problems.map(({ text }) => text).join('\n');

describe('a test that ends', () => {
  test('passes, with its subtests, logs and times', async () => {
    const seen: string[] = [];
    const report = await attempt(
      ({ out, err, kernel, exit }) => {
        out('TAP version 13\n1..2\nok 1 - first # time=12ms\n');
        err('a warning\n');
        kernel('[    1.5] eth0: link up\n');
        out('ok 2 - second\n');
        exit();
      },
      { onSubtest: (name, outcome) => seen.push(`${name} ${outcome}`) },
    );
    expect(report).toMatchObject({
      ...{ collection: 'net/mptcp', name: 'diag.sh', attempt: 1, vm: 1, outcome: 'pass', message: '' },
      ...{
        durationMs: 1500,
        cpuMs: 300,
        exitCode: 0,
        signal: null,
        timeoutMs: 90_000,
        line: null,
        problems: [],
      },
    });
    expect(report.subtests).toEqual([
      { name: 'first', outcome: 'pass', durationMs: 12, line: 3, markedFlaky: false, message: '' },
      { name: 'second', outcome: 'pass', durationMs: null, line: 5, markedFlaky: false, message: '' },
    ]);
    expect(log(report, 'output')).toBe(
      'TAP version 13\n1..2\nok 1 - first # time=12ms\na warning\nok 2 - second\n',
    );
    expect(log(report, 'stderr')).toBe('a warning\n');
    expect(log(report, 'console')).toBe('[    1.5] eth0: link up\n');
    expect(seen).toEqual(['first pass', 'second pass']);
  });

  test.each<[Partial<ExitReport>, Partial<TestReport>]>([
    [{ code: 1 }, { outcome: 'fail', exitCode: 1, message: 'exit code 1\nlast words' }],
    [{ code: 2 }, { outcome: 'xfail', exitCode: 2 }],
    [{ code: 3 }, { outcome: 'xpass', exitCode: 3 }],
    [{ code: 4 }, { outcome: 'skip', exitCode: 4, message: 'last words' }],
    [{ code: 124 }, { outcome: 'timeout', exitCode: 124 }],
    [{ code: 127 }, { outcome: 'fail', exitCode: 127 }],
    [
      { code: 0, signal: 11 },
      { outcome: 'fail', exitCode: null, signal: 'SIGSEGV' },
    ],
    [
      { code: 0, signal: 34 },
      { outcome: 'fail', signal: 'signal 34' },
    ],
    [
      { code: 0, signal: 15, timedOut: true },
      { outcome: 'timeout', exitCode: null, signal: 'SIGTERM' },
    ],
    [
      { code: 0, timedOut: true },
      { outcome: 'timeout', exitCode: 0 },
    ],
  ])('with %j', async (exit, expected) => {
    const report = await attempt((play) => {
      play.out('last words\n');
      play.exit(exit);
    });
    expect(report).toMatchObject(expected);
  });

  test('is killed by a signal that the message names', async () => {
    const report = await attempt(({ exit }) => exit({ signal: 11 }));
    expect(report.message).toMatch(/^killed by SIGSEGV/);
    expect(log(report, 'output')).toBe('');
  });

  test('failing, tells how many subtests did, and points at the first', async () => {
    const report = await attempt(({ out, exit }) => {
      out('TAP version 13\n1..3\nok 1 - a\n# got 1, expected 2\nnot ok 2 - b\nnot ok 3 - c # TODO later\n');
      exit({ code: 1 });
    });
    expect(report).toMatchObject({
      outcome: 'fail',
      message: 'exit code 1\n1 of 3 subtests failed',
      line: 5,
    });
    expect(report.subtests.map(({ outcome }) => outcome)).toEqual(['pass', 'fail', 'xfail']);
    expect(report.subtests[1]!.message).toBe('got 1, expected 2');
  });

  test('skips all for a reason', async () => {
    const report = await attempt(({ out, exit }) => {
      out('TAP version 13\n1..0 # SKIP no nft\nbye\n');
      exit({ code: 4 });
    });
    expect(report).toMatchObject({ outcome: 'skip', message: 'no nft' });
  });

  test('times out, with what it was at', async () => {
    const report = await attempt(({ out, exit }) => {
      out('TAP version 13\nok 1 - a\nwaiting for the peer\n');
      exit({ code: 0, signal: 15, timedOut: true });
    });
    expect(report.message).toBe('no end within 90 s\nTAP version 13\nok 1 - a\nwaiting for the peer');
  });

  test('has the way to nested subtests in their names, each of them once', async () => {
    const report = await attempt(({ out, exit }) => {
      out('KTAP version 1\n1..1\n  KTAP version 1\n  1..2\n  ok 1 same\n  not ok 2 same\nnot ok 1 outer\n');
      exit({ code: 1 });
    });
    const names = report.subtests.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names[0]).toBe('outer');
    expect(names.slice(1).every((name) => name.startsWith('outer / same'))).toBe(true);
  });
});

describe('what does not add up is visible as a problem', () => {
  test('exit 0 with failing subtests: the test passes, as for kselftest, and says so', async () => {
    const report = await attempt(({ out, exit }) => {
      out('TAP version 13\n1..3\nok 1 - a\nnot ok 2 - b\nok 3 - c # IGNORE Flaky\n');
      exit();
    });
    expect(report.outcome).toBe('pass');
    expect(report.subtests.map(({ outcome }) => outcome)).toEqual(['pass', 'fail', 'xfail']);
    expect(problems(report)).toBe('exit code 0, although 1 of 3 subtests failed');
  });

  test('exit 0 before the plan was met', async () => {
    const report = await attempt(({ out, exit }) => {
      out('TAP version 13\n1..5\nok 1 - a\n');
      exit();
    });
    expect(problems(report)).not.toBe('');
  });

  test('bailing out', async () => {
    const report = await attempt(({ out, exit }) => {
      out('TAP version 13\n1..2\nok 1 - a\nBail out! no more sockets\n');
      exit({ code: 1 });
    });
    expect(`${problems(report)}\n${report.message}`).toContain('no more sockets');
  });

  test('processes that outlive the test', async () => {
    const report = await attempt(({ out, exit }) => {
      out('ok 1 - a\n');
      exit({ leftovers: 3 });
    });
    expect(report.outcome).toBe('pass');
    expect(problems(report)).toBe('3 processes outlived the test and were killed');
  });
});

describe('hostile output', () => {
  test('50 MB of it is kept, and the results in it are found', async () => {
    const chunk = Buffer.alloc(32_768, `${'noise '.repeat(170)}end\n`);
    const chunks = Math.ceil(50_000_000 / chunk.length);
    const report = await attempt(({ out, exit }) => {
      out('TAP version 13\n1..2\nok 1 - before\n');
      for (let i = 0; i < chunks; i++) out(chunk);
      out('\nnot ok 2 - after\n');
      exit({ code: 1 });
    });
    expect(log(report, 'output')!.length).toBeGreaterThan(50_000_000);
    expect(report.subtests.map(({ name, outcome }) => `${outcome} ${name}`)).toEqual([
      'pass before',
      'fail after',
    ]);
    expect(report.message.length).toBeLessThan(20_000);
  });

  test('beyond 64 MiB is let go of, and said', async () => {
    const chunk = Buffer.alloc(1 << 20, `${'x'.repeat(1023)}\n`);
    const report = await attempt(({ out, exit }) => {
      for (let i = 0; i < 66; i++) out(chunk);
      exit({ code: 1 });
    });
    expect(log(report, 'output')!.length).toBe(64 << 20);
    expect(problems(report)).toContain(`${2 << 20} more bytes of output were not kept`);
  });

  test('and so is what the kernel says beyond 64 MiB', async () => {
    const chunk = `${'x'.repeat(2 ** 20 - 1)}\n`;
    const report = await attempt(({ kernel, exit }) => {
      for (let i = 0; i < 65; i++) kernel(chunk);
      exit();
    });
    // The marks around the test are in it too.
    expect(problems(report)).toMatch(/^1048\d{3} more bytes of the kernel’s log were not kept$/);
  });

  test('NULs and invalid UTF-8 stay in the log and break nothing', async () => {
    const bytes = Buffer.concat([
      Buffer.from('ok 1 - a\0b \xff\xfe\n', 'latin1'),
      Buffer.alloc(100),
      Buffer.from('\n'),
    ]);
    const report = await attempt(({ out, exit }) => {
      for (const byte of bytes) out(Buffer.from([byte]));
      out('ok 2 - ü\n');
      exit();
    });
    expect(log(report, 'output')).toBe(
      `${bytes.toString('latin1')}${Buffer.from('ok 2 - ü\n').toString('latin1')}`,
    );
    expect(report.subtests).toHaveLength(2);
    expect(report.subtests[1]!.name).toBe('ü');
    for (const { name } of report.subtests) expect(name).not.toContain('\0');
  });

  test('no output at all is a log of no bytes', async () => {
    const report = await attempt(({ exit }) => exit({ code: 1 }));
    expect(report.logs.map(({ kind }) => kind)).toContain('output');
    expect(report.message).toBe('exit code 1');
  });
});

describe('a guest that does not survive the test', () => {
  test('by a panic is a crash, with what was said until then', async () => {
    const report = await attempt(({ out, kernel, end }) => {
      out('TAP version 13\n1..2\nok 1 - a\npart of a li');
      kernel(
        '[    1.5] BUG: unable to handle page fault\n[    1.6] Kernel panic - not syncing: Fatal exception\n',
      );
      end({ how: 'panic', why: 'Fatal exception' });
    });
    expect(report).toMatchObject({ outcome: 'crash', exitCode: null, signal: null, cpuMs: null });
    expect(report.message).toMatch(/^kernel panic: Fatal exception\n/);
    expect(report.subtests.map(({ name }) => name)).toEqual(['a']);
    expect(log(report, 'output')).toMatch(/part of a li$/);
    expect(log(report, 'console')).toContain('Kernel panic - not syncing: Fatal exception');
  });

  test('because the guest reset without a word is a crash', async () => {
    const report = await attempt(({ end }) => end({ how: 'reset', why: 'the guest reset' }));
    expect(report).toMatchObject({ outcome: 'crash', message: expect.stringMatching(/^the guest reset/) });
  });

  test('because QEMU died is an error of ours', async () => {
    const report = await attempt(({ end }) => end({ how: 'died', why: 'QEMU ended (SIGSEGV)' }));
    expect(report).toMatchObject({ outcome: 'error' });
    expect(report.message).toMatch(/^QEMU ended \(SIGSEGV\)/);
  });

  test('because we ended it is our error, never held against the kernel', async () => {
    const report = await attempt(({ end }) => end({ how: 'killed', why: 'interrupted' }));
    expect(report.outcome).toBe('error');
    expect(report.message).toMatch(/^interrupted/);
  });

  test('a program that was not started is our error', async () => {
    const report = await attempt(({ notStarted }) => notStarted('fork: Cannot allocate memory'));
    expect(report.outcome).toBe('error');
    expect(report.message).toContain('fork: Cannot allocate memory');
  });
});

describe('a guest that falls silent', () => {
  const hung: Diagnosis = {
    state: 'guest-hung',
    why: 'neither agent nor kernel answered for 30 s',
    evidence: [{ title: 'registers of CPU 0', text: 'RIP=ffffffff81000000' }],
  };
  const stuck: Diagnosis = { state: 'agent-stuck', why: 'the kernel reacts', evidence: [] };

  /** Lets hours pass, in the steps in which timers are due. */
  async function attemptFor(
    ms: number,
    machine: FakeMachine,
    change: Partial<AttemptOptions> = {},
  ): Promise<TestReport> {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const attempt = attemptTest(newSession(machine), planned, { ...options, ...change });
    // The state before the test is asked for first.
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
    await vi.advanceTimersByTimeAsync(ms);
    return (await attempt).report;
  }

  test('and hangs, is a crash before its time-out, with what could be learnt', async () => {
    const machine = await machineWith(({ out }) => out('ok 1 - a\n'), { alive: false, diagnosis: hung });
    const report = await attemptFor(60_000, machine);
    expect(report.outcome).toBe('crash');
    expect(report.message).toMatch(/^the guest hangs: its kernel no longer reacts\nneither agent nor kernel/);
    expect(machine.killed).toEqual(['the guest hangs: its kernel no longer reacts']);
    expect(report.subtests).toHaveLength(1);
    expect(log(report, 'diagnosis')).toBe('== registers of CPU 0\nRIP=ffffffff81000000\n');
  });

  test('because its driver was stopped is an error of ours', async () => {
    const diagnosis: Diagnosis = { state: 'driver-stopped', why: 'QEMU is stopped (SIGSTOP)', evidence: [] };
    const machine = await machineWith(() => {}, { alive: false, diagnosis });
    const report = await attemptFor(60_000, machine);
    expect(report).toMatchObject({ outcome: 'error', message: 'QEMU is stopped (SIGSTOP)' });
    expect(machine.killed).toHaveLength(1);
  });

  test('while its kernel reacts has until a minute after the time-out', async () => {
    const machine = await machineWith(() => {}, { alive: false, diagnosis: stuck });
    const report = await attemptFor(90_000 + 60_000, machine);
    expect(report.outcome).toBe('crash');
    expect(report.message).toMatch(/^the guest hangs: its agent no longer answers\nthe kernel reacts/);
  });

  test('while its kernel reacts, and then comes back, has harmed nothing', async () => {
    let end = () => {};
    const machine = await machineWith(
      ({ exit }) => {
        end = exit;
      },
      { alive: false, diagnosis: stuck },
    );
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const attempt = attemptTest(newSession(machine), planned, options);
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
    await vi.advanceTimersByTimeAsync(149_000);
    end();
    expect((await attempt).report.outcome).toBe('pass');
    expect(machine.killed).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('but answers, is one whose test could not be ended', async () => {
    const machine = await machineWith(() => {}, { alive: true });
    const report = await attemptFor(90_000 + 60_000, machine);
    expect(report).toMatchObject({ outcome: 'crash' });
    expect(report.message).toMatch(/^the test could not be ended/);
  });

  test('is noticed although the test has no time-out (timeout=0)', async () => {
    const machine = await machineWith(() => {}, { alive: false, diagnosis: stuck });
    const report = await attemptFor(30_000, machine, { timeoutMs: 0 });
    expect(report.outcome).toBe('crash');
    expect(report.message).toMatch(/^the guest hangs/);
  });

  test('a test without time-out may take hours while its guest answers', async () => {
    let end = () => {};
    const machine = await machineWith(({ exit }) => {
      end = exit;
    });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const attempt = attemptTest(newSession(machine), planned, { ...options, timeoutMs: 0 });
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
    await vi.advanceTimersByTimeAsync(3 * 3_600_000);
    end();
    expect((await attempt).report.outcome).toBe('pass');
    expect(machine.killed).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a test that is silent for too long is looked at and ended, and a word starts the clock anew', async () => {
    let word = () => {};
    let end: Play['exit'] = () => {};
    const machine = await machineWith(
      ({ out, exit }) => {
        word = () => out('still here\n');
        end = exit;
      },
      {
        other: ({ out, exit }) => {
          out('  41  1 S  hrtimer_nanosleep  00:00:00 sleep 1000\n\n41 [<0>] hrtimer_nanosleep+0x94/0x120\n');
          exit();
        },
      },
    );
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const attempt = attemptTest(newSession(machine), planned, { ...options, timeoutMs: 0, idleMs: 20_000 });
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
    await vi.advanceTimersByTimeAsync(15_000);
    word();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(machine.signals).toEqual([]);
    await vi.advanceTimersByTimeAsync(6_000);
    await vi.waitFor(() => expect(machine.signals).toEqual([15]));
    await vi.advanceTimersByTimeAsync(6_000);
    expect(machine.signals).toEqual([15, 9]);
    end({ signal: 9 });
    const { report, spoiled } = await attempt;
    expect(report).toMatchObject({ outcome: 'timeout', signal: 'SIGKILL' });
    expect(report.message).toBe(
      'silent for 20 s: no output, and no word from the kernel\nit was at: sleep 1000 (hrtimer_nanosleep)\nstill here',
    );
    expect(log(report, 'diagnosis')).toContain('41 [<0>] hrtimer_nanosleep+0x94/0x120');
    expect(spoiled).toBe(true);
  });

  test('a test that times out was looked at shortly before', async () => {
    const machine = await machineWith(
      ({ exit }) => setTimeout(() => exit({ signal: 15, timedOut: true }), 90_000),
      {
        other: ({ out, exit }) => {
          out('  41  1 D  inode_wait  00:00:00 sync\n\n41 [<0>] inode_wait_for_writeback+0x2\n');
          exit();
        },
      },
    );
    const report = await attemptFor(95_000, machine);
    expect(report).toMatchObject({
      outcome: 'timeout',
      message: 'no end within 90 s\nit was at: sync (inode_wait)',
    });
    expect(log(report, 'diagnosis')).toMatch(/^== the test 9\.0 s before its time-out/);
  });
});

describe('what the kernel says of itself', () => {
  const warning = [
    '[    1.500000] ------------[ cut here ]------------',
    '[    1.500001] WARNING: CPU: 0 PID: 99 at net/mptcp/pm.c:42 mptcp_pm_foo+0x12/0x40 [own]',
    '[    1.500002] Modules linked in: own',
    '[    1.500003] CPU: 0 UID: 0 PID: 99 Comm: test Not tainted 6.12.0 #1',
    '[    1.500004] RIP: 0010:mptcp_pm_foo+0x12/0x40 [own]',
    '[    1.500005] Call Trace:',
    '[    1.500006]  <TASK>',
    '[    1.500007]  mptcp_pm_bar+0x5/0x10 [own]',
    '[    1.500008]  </TASK>',
    '[    1.500009] ---[ end trace 0000000000000000 ]---',
    '',
  ].join('\n');

  test('turns a pass into a failure that names it, and spoils the guest', async () => {
    const session = newSession(
      await machineWith(({ kernel, out, exit }) => {
        out('ok 1 - a\n');
        kernel(warning);
        exit();
      }),
    );
    const { report, spoiled } = await attemptTest(session, planned, options);
    expect(report).toMatchObject({
      outcome: 'fail',
      exitCode: 0,
      message: 'kernel: WARNING in mptcp_pm_foo',
    });
    expect(report.crashes).toMatchObject([
      { kind: 'warn', title: 'WARNING in mptcp_pm_foo', fatal: false, line: 1 },
    ]);
    expect(spoiled).toBe(true);
  });

  test('is the test’s also where it came right behind its end', async () => {
    const report = await attempt(({ kernel, exit }) => {
      exit();
      kernel(warning);
    });
    expect(report).toMatchObject({ outcome: 'fail', message: 'kernel: WARNING in mptcp_pm_foo' });
    expect(log(report, 'console')).toContain('mptcp_pm_bar');
    expect(log(report, 'console')).not.toContain('multitap: end');
  });

  test('before a test is told, once, and not held against it', async () => {
    const machine = await machineWith(({ exit }) => exit());
    machine.console.push(Buffer.from(warning));
    const session = newSession(machine);
    const first = (await attemptTest(session, planned, options)).report;
    expect(first.outcome).toBe('pass');
    expect(problems(first)).toBe('kernel, before the first test: WARNING in mptcp_pm_foo');
    expect(log(first, 'console')).toBeUndefined();
    machine.console.push(Buffer.from(warning));
    const other = (await attemptTest(session, planned, options)).report;
    expect(problems(other)).toBe('');
    machine.console.push(Buffer.from(warning.replaceAll('mptcp_pm_foo', 'mptcp_pm_new')));
    const third = (await attemptTest(session, planned, options)).report;
    expect(problems(third)).toBe('kernel, after diag.sh and before this test: WARNING in mptcp_pm_new');
  });

  test('keeps the words of a test that failed by itself or skipped', async () => {
    const failed = await attempt(({ kernel, out, exit }) => {
      out('boom\n');
      kernel(warning);
      exit({ code: 1 });
    });
    expect(failed).toMatchObject({ outcome: 'fail' });
    expect(failed.message).toBe('exit code 1\nkernel: WARNING in mptcp_pm_foo\nboom');
    const skipped = await attempt(({ kernel, out, exit }) => {
      out('SKIP: no such tool\n');
      kernel(warning);
      exit({ code: 4 });
    });
    expect(skipped.message).toBe('kernel: WARNING in mptcp_pm_foo\nthe test itself: skip SKIP: no such tool');
    expect(skipped.outcome).toBe('fail');
  });

  test('of its memory is a note', async () => {
    const report = await attempt(({ kernel, exit }) => {
      kernel(
        '[    1.5] Out of memory: Killed process 99 (hog) total-vm:1000kB, anon-rss:900kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0\n',
      );
      exit();
    });
    expect(report.outcome).toBe('pass');
    expect(problems(report)).toMatch(/^kernel: /);
  });

  test('ending the guest right after the test is a crash all the same', async () => {
    const report = await attempt(({ kernel, exit, end }) => {
      exit();
      kernel('[    2.5] Kernel panic - not syncing: too late\n');
      end({ how: 'panic', why: 'too late' });
    });
    expect(report.outcome).toBe('crash');
    expect(report.message).toMatch(/^kernel panic: too late/);
  });
});

describe('what a test leaves behind', () => {
  const run = async (guest: FakeGuest): Promise<Attempt> =>
    attemptTest(newSession(await machineWith(({ exit }) => exit(), guest)), planned, options);

  test('is told, and the guest is not used again', async () => {
    const after = {
      ...pristine,
      namespaces: ['ns1'],
      sysctls: { 'net/ipv4/ip_forward': '1' },
    };
    const { report, spoiled } = await run({ surroundings: [pristine, after] });
    expect(report.outcome).toBe('pass');
    expect(problems(report)).toBe(
      'left behind: network namespace ns1\nleft behind: sysctl net/ipv4/ip_forward 0 → 1',
    );
    expect(spoiled).toBe(true);
  });

  test('harms nobody where it is a module', async () => {
    const after = { ...pristine, modules: ['dummy', 'veth'] };
    const { report, spoiled } = await run({ surroundings: [pristine, after] });
    expect(problems(report)).toBe('left behind: module dummy');
    expect(spoiled).toBe(false);
  });

  test('is no news where the test is known to load modules of its own', async () => {
    const guest = { surroundings: [pristine, { ...pristine, taint: 12288 }] };
    const machine = await machineWith(({ kernel, exit }) => {
      kernel('[    1.5] bpf_testmod: loading out-of-tree module taints kernel.\n');
      exit();
    }, guest);
    const { report, spoiled } = await attemptTest(newSession(machine), { ...planned, taints: true }, options);
    expect([problems(report), spoiled]).toEqual(['', false]);
  });
});

describe('the user’s own scripts', () => {
  const hook = (when: 'pre' | 'post') => ({
    when,
    name: `${when}.sh`,
    content: Buffer.from('true'),
    hash: '',
  });
  const around = { pre: hook('pre'), post: hook('post'), kmemleak: false, coverage: null };

  test('run before and after the test, which they are told, and their output is kept', async () => {
    const machine = await machineWith(({ exit }) => exit({ code: 1 }), {
      other: ({ request, out, exit }) => {
        out(`${request.argv.at(-1)}\n`);
        exit();
      },
    });
    const { report, spoiled } = await attemptTest(newSession(machine), planned, { ...options, around });
    expect(machine.programs.map(({ env }) => env)).toEqual([
      { TEST_NAME: 'diag.sh', TEST_COLLECTION: 'net/mptcp' },
      { TEST_NAME: 'diag.sh', TEST_COLLECTION: 'net/mptcp', TEST_OUTCOME: 'fail' },
    ]);
    expect(log(report, 'hooks')).toBe('/dev/shm/multitap-pre\n/dev/shm/multitap-post\n');
    expect(spoiled).toBe(false);
  });

  test('a pre script that fails is our error, and the test is not run', async () => {
    let played = false;
    const machine = await machineWith(
      () => {
        played = true;
      },
      { other: ({ exit }) => exit({ code: 3 }) },
    );
    const { report } = await attemptTest(newSession(machine), planned, { ...options, around });
    expect(report).toMatchObject({ outcome: 'error', message: '--pre pre.sh: exit code 3' });
    expect(played).toBe(false);
  });

  test('a post script that fails is told, and spoils the guest', async () => {
    const machine = await machineWith(({ exit }) => exit(), {
      other: ({ request, exit }) => exit({ code: request.argv.at(-1)!.endsWith('post') ? 1 : 0 }),
    });
    const { report, spoiled } = await attemptTest(newSession(machine), planned, { ...options, around });
    expect(report.outcome).toBe('pass');
    expect(problems(report)).toBe('--post post.sh: exit code 1');
    expect(spoiled).toBe(true);
  });
});

test('a guest that hangs right behind the test is a crash of it', async () => {
  const diagnosis: Diagnosis = { state: 'guest-hung', why: 'no reaction', evidence: [] };
  const machine = await machineWith(({ exit }) => exit(), { diagnosis });
  let asked = 0;
  machine.surroundings = async () => {
    if (asked++ > 0) throw new Error('no answer');
    return pristine;
  };
  const { report } = await attemptTest(newSession(machine), planned, options);
  expect(report).toMatchObject({ outcome: 'crash', exitCode: 0 });
  expect(report.message).toMatch(/^the guest hangs: its kernel no longer reacts/);
});

test('kmemleak: what was leaked fails the test, in the kernel’s words', async () => {
  const report = [
    'unreferenced object 0xffff888003a1c000 (size 64):',
    '  comm "own-test", pid 123, jiffies 4294900000',
    '  hex dump (first 32 bytes):',
    '    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................',
    '  backtrace (crc 0):',
    '    kmalloc_trace_noprof+0x1c0/0x2a0',
    '    own_leak+0x12/0x20 [own]',
    '    do_one_initcall+0x58/0x310',
    '',
  ].join('\n');
  const machine = await machineWith(({ exit }) => exit(), {
    other: ({ request, out, exit }) => {
      if (request.argv[2]!.includes('scan')) out(report);
      exit();
    },
  });
  const session: Session = newSession(machine);
  const around = { pre: null, post: null, kmemleak: true, coverage: null };
  const { report: got } = await attemptTest(session, planned, { ...options, around });
  expect(machine.programs.map(({ argv }) => argv[2]!.match(/clear|scan/g))).toEqual([
    ['clear'],
    ['scan', 'scan'],
  ]);
  expect(got).toMatchObject({ outcome: 'fail', message: 'kernel: memory leak in own_leak' });
});
