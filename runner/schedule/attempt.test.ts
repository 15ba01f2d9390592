// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { TestReport } from '../../results/store/types.ts';
import { Console } from '../../vm/console/console.ts';
import { type Execution, GuestGone, type Streams } from '../../vm/guest/guest.ts';
import type { ExecRequest, ExitReport } from '../../vm/guest/protocol.ts';
import type { Ending, Machine } from '../../vm/machine.ts';
import { type AttemptOptions, attemptTest } from './attempt.ts';

/** What the guest of a test does: it may print, and end. */
interface Play {
  out(text: string | Buffer): void;
  err(text: string | Buffer): void;
  kernel(text: string): void;
  exit(report?: Partial<ExitReport>): void;
  notStarted(why: string): void;
  /** The machine ends, as it would by itself. */
  end(ending: Ending): void;
  request: ExecRequest;
}

interface FakeMachine extends Machine {
  pings: number;
  killed: string[];
}

/** A machine without QEMU: a real console, and an exec that plays a script. */
async function machineWith(play: (play: Play) => void, alive = true): Promise<FakeMachine> {
  const dir = await mkdtemp(join(tmpdir(), 'multitap-attempt-'));
  const console = new Console(join(dir, 'console.log'));
  onTestFinished(async () => {
    console.close();
    await rm(dir, { recursive: true, force: true });
  });
  const { promise: ended, resolve: finish } = Promise.withResolvers<Ending>();
  let gone: (why: string) => void = () => {};
  const end = (ending: Ending) => {
    finish(ending);
    gone(`the virtual machine ended: ${ending.why}`);
  };
  const kill = async (why: string) => {
    machine.killed.push(why);
    end({ how: 'killed', why });
    return ended;
  };
  const machine: FakeMachine = {
    pings: 0,
    killed: [],
    hello: { version: 1, release: '6.12.0', machine: 'x86_64', cpus: 2, bootMs: 1 },
    bootMs: 1,
    pid: process.pid,
    commandLine: [],
    console,
    ping: async () => {
      machine.pings++;
      return alive;
    },
    stop: () => kill('powered off'),
    kill,
    ended,
    dispose: async () => {},
    exec: (request: ExecRequest, streams: Streams = {}): Execution => {
      const { promise, resolve, reject } = Promise.withResolvers<ExitReport>();
      gone = (why) => reject(new GuestGone(why));
      console.push(Buffer.from('[    1.0] multitap: begin 7\n'));
      setImmediate(() =>
        play({
          request,
          out: (text) => streams.onStdout?.(Buffer.from(text)),
          err: (text) => streams.onStderr?.(Buffer.from(text)),
          kernel: (text) => console.push(Buffer.from(text)),
          exit: (report = {}) => {
            console.push(Buffer.from('[    2.0] multitap: end 7\n'));
            const none = { code: 0, signal: 0, timedOut: false, leftovers: 0, durationMs: 1500, cpuMs: 300 };
            resolve({ ...none, ...report });
          },
          notStarted: (why) => reject(new Error(`the guest did not start the program: ${why}`)),
          end,
        }),
      );
      return { id: 7, exit: promise, write: () => {}, end: () => {}, kill: () => {}, resize: () => {} };
    },
  } as FakeMachine;
  return machine;
}

const planned = { collection: 'net/mptcp', name: 'diag.sh', expectedSeconds: 60 };
const options: AttemptOptions = { vm: 1, attempt: 1, timeoutMs: 90_000, slow: true };

async function attempt(
  play: (play: Play) => void,
  change: Partial<AttemptOptions> = {},
): Promise<TestReport> {
  return attemptTest(await machineWith(play), planned, { ...options, ...change });
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
  /** Lets hours pass, in the steps in which timers are due. */
  async function attemptFor(ms: number, machine: FakeMachine, timeoutMs: number): Promise<TestReport> {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const report = attemptTest(machine, planned, { ...options, timeoutMs });
    await vi.advanceTimersByTimeAsync(ms);
    return report;
  }

  test('long after the time-out is a crash, and is ended', async () => {
    const machine = await machineWith(({ out }) => out('ok 1 - a\n'), false);
    const report = await attemptFor(90_000 + 60_000 + 2_000, machine, 90_000);
    expect(report.outcome).toBe('crash');
    expect(report.message).toMatch(/^the guest hangs: its agent no longer answers/);
    expect(machine.killed).toEqual(['the guest hangs: its agent no longer answers']);
    expect(report.subtests).toHaveLength(1);
  });

  test('but answers, is one whose test could not be ended', async () => {
    const machine = await machineWith(() => {}, true);
    const report = await attemptFor(90_000 + 60_000 + 2_000, machine, 90_000);
    expect(report).toMatchObject({ outcome: 'crash' });
    expect(report.message).toMatch(/^the test could not be ended/);
  });

  test('is not asked before its time', async () => {
    let end = () => {};
    const machine = await machineWith(({ exit }) => {
      end = exit;
    }, false);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const report = attemptTest(machine, planned, options);
    await vi.advanceTimersByTimeAsync(149_000);
    end();
    expect((await report).outcome).toBe('pass');
    expect(machine.pings).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is noticed although the test has no time-out (timeout=0)', async () => {
    const machine = await machineWith(() => {}, false);
    const report = await attemptFor(130_000, machine, 0);
    expect(report.outcome).toBe('crash');
    expect(report.message).toMatch(/^the guest hangs/);
  });

  test('a test without time-out may take hours while its guest answers', async () => {
    let end = () => {};
    const machine = await machineWith(({ exit }) => {
      end = exit;
    }, true);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const report = attemptTest(machine, planned, { ...options, timeoutMs: 0 });
    await vi.advanceTimersByTimeAsync(3 * 3_600_000);
    end();
    expect((await report).outcome).toBe('pass');
    expect(machine.killed).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
