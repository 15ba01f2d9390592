// SPDX-License-Identifier: GPL-2.0-only
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Prepared } from '../runner/setup.ts';
import { GuestGone } from '../vm/guest/guest.ts';
import type { Machine } from '../vm/machine.ts';
import { bootQemu } from '../vm/qemu/machine.ts';
import { BootTrouble } from '../vm/trouble.ts';
import { bootGuest, capture, preparedGuest } from './support/guest.ts';
import { folderForTest, qemus, until } from './support/program.ts';

let prepared: Prepared;

beforeAll(async () => {
  prepared = await preparedGuest();
});

describe('the contract of a machine, on a real kernel', () => {
  let machine: Machine;

  beforeAll(async () => {
    machine = await bootGuest(prepared);
  });

  afterAll(async () => {
    await machine?.dispose();
  });

  it('boots the kernel that was asked for', async () => {
    expect(machine.hello).toMatchObject({
      version: 2,
      release: prepared.kernel.release,
      machine: 'x86_64',
      cpus: 2,
    });
    const { stdout } = await capture(machine, ['uname', '-r']);
    expect(stdout.toString().trim()).toBe(prepared.kernel.release);
  });

  it('runs a program with arguments, environment and folder, and gives its exit code and both streams', async () => {
    const script = 'echo "$1|$WORD|$PWD"; echo oops >&2; exit 7';
    const result = await capture(machine, ['sh', '-c', script, 'sh', 'a b'], {
      env: { WORD: 'ü x' },
      cwd: '/usr/lib',
    });
    expect(result).toMatchObject({ code: 7, signal: 0, timedOut: false });
    expect(result.stdout.toString()).toBe('a b|ü x|/usr/lib\n');
    expect(result.stderr.toString()).toBe('oops\n');
  });

  it('is binary-clean both ways and loses nothing of a megabyte', async () => {
    const bytes = randomBytes(1 << 20);
    const { stdout } = await capture(machine, ['cat'], {}, bytes);
    expect(stdout.equals(bytes)).toBe(true);
  });

  it('tells the signal that ended a program, and what was not found', async () => {
    expect(await capture(machine, ['sh', '-c', 'kill -SEGV $$'])).toMatchObject({ signal: 11 });
    expect(await capture(machine, ['/no/such/program'])).toMatchObject({ code: 127 });
  });

  it('ends a program at its time-out: SIGTERM first, and whatever ignores that after a grace', async () => {
    const polite = await capture(
      machine,
      ['bash', '-c', 'trap "echo cleaned up; exit 3" TERM; while :; do sleep 0.1; done'],
      { timeoutMs: 1500 },
    );
    expect(polite).toMatchObject({ timedOut: true, code: 3 });
    expect(polite.stdout.toString()).toBe('cleaned up\n');
    const stubborn = await capture(
      machine,
      ['bash', '-c', 'trap "" TERM; sleep 1000 & while :; do sleep 1; done'],
      { timeoutMs: 1000 },
    );
    expect(stubborn).toMatchObject({ timedOut: true, signal: 9 });
  });

  it('runs several programs at once', async () => {
    const results = await Promise.all(
      [1, 2, 3, 4].map((n) => capture(machine, ['sh', '-c', `sleep 1; echo ${n}; exit ${n}`])),
    );
    expect(results.map(({ code }) => code)).toEqual([1, 2, 3, 4]);
    expect(results.map(({ stdout }) => stdout.toString())).toEqual(['1\n', '2\n', '3\n', '4\n']);
  });

  it('ends daemons that a program leaves behind, and counts them', async () => {
    const { leftovers, stdout } = await capture(machine, [
      'bash',
      '-c',
      'for i in 1 2 3; do setsid sleep 5000 & done; echo started',
    ]);
    expect(leftovers).toBe(3);
    expect(stdout.toString()).toBe('started\n');
    const { stdout: left } = await capture(machine, ['sh', '-c', 'pgrep -fc "sleep 5000" || true']);
    // pgrep -f finds its own shell, whose command line holds the pattern.
    expect(Number(left.toString())).toBeLessThanOrEqual(1);
  });

  it('ends what hides in a control group below its own', async () => {
    const script =
      'd=/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)/hidden; mkdir $d; setsid sleep 6000 & echo $! > $d/cgroup.procs; echo $!';
    const { leftovers, stdout } = await capture(machine, ['bash', '-c', script]);
    expect(leftovers).toBe(1);
    expect(await capture(machine, ['kill', '-0', stdout.toString().trim()])).not.toMatchObject({ code: 0 });
  });

  it('survives a program that kills every process it can', async () => {
    await capture(machine, ['bash', '-c', 'kill -9 -1; sleep 0.2; kill -9 1; echo still here'], {
      timeoutMs: 10_000,
    });
    expect(await machine.ping(10_000)).toBe(true);
    expect(await capture(machine, ['true'])).toMatchObject({ code: 0 });
  });

  it('cuts the kernel’s words of one program out of the console', async () => {
    const since = machine.console.position;
    const execution = machine.exec({
      argv: ['sh', '-c', 'echo "<4>a word from the test" > /dev/kmsg'],
      mark: true,
    });
    await execution.exit;
    const said = (await machine.console.during(execution.marks, since)).toString();
    expect(said).toContain('a word from the test');
    expect(said).not.toContain('multitap: begin');
  });

  it('gives an interactive program a terminal of the wanted size', async () => {
    let output = '';
    const shell = machine.exec(
      { argv: ['bash', '--norc', '-i'], terminal: { rows: 30, columns: 100 } },
      {
        onStdout: (chunk) => {
          output += chunk.toString();
        },
      },
    );
    shell.write(Buffer.from('stty size; tty; exit 5\n'));
    expect(await shell.exit).toMatchObject({ code: 5 });
    expect(output).toContain('30 100');
    expect(output).toContain('/dev/pts/');
  });

  it('has what kselftests expect: root, loopback, cgroup2, debugfs, tracefs, bpf, a writable root', async () => {
    const script =
      'id -u; ip -br link show lo; for d in /sys/fs/cgroup /sys/kernel/debug /sys/kernel/tracing /sys/fs/bpf /dev/shm; do mountpoint $d; done; touch /etc/x /usr/x && echo writable; test -e /boot/config-$(uname -r) && echo config; modprobe veth && echo veth';
    const { stdout } = await capture(machine, ['sh', '-c', script]);
    const lines = stdout.toString().split('\n');
    expect(lines[0]).toBe('0');
    expect(lines[1]).toMatch(/^lo .*LOWER_UP/);
    expect(lines.filter((line) => line.endsWith('is a mountpoint'))).toHaveLength(5);
    expect(lines.slice(-4)).toEqual(['writable', 'config', 'veth', '']);
  });

  it('sees nothing of the host', async () => {
    const { stdout } = await capture(machine, [
      'sh',
      '-c',
      `ls -d ${dirname(import.meta.dirname)} ${prepared.kernel.dir} 2>/dev/null; ip -br link; hostname`,
    ]);
    expect(
      stdout
        .toString()
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(['lo', 'multitap']);
  });

  it('fails what is under way when the kernel panics, and says so', async () => {
    const execution = machine.exec({
      argv: ['sh', '-c', 'echo 1 > /proc/sys/kernel/sysrq; echo c > /proc/sysrq-trigger; sleep 60'],
    });
    await expect(execution.exit).rejects.toThrow(GuestGone);
    expect(await machine.ended).toMatchObject({
      how: 'panic',
      why: expect.stringContaining('sysrq triggered crash'),
    });
    expect(machine.console.tail()).toContain('Kernel panic - not syncing');
    await expect(machine.exec({ argv: ['true'] }).exit).rejects.toThrow(GuestGone);
  });

  it('leaves nothing on the host', async () => {
    const folder = dirname(machine.console.path);
    await machine.dispose();
    expect(existsSync(folder)).toBe(false);
    expect(await qemus(folder)).toEqual([]);
  });
});

describe('kernels that do not come up', () => {
  it('tells a panic at boot, with the console’s words', async () => {
    const failure = await bootGuest(prepared, ['rdinit=/not/there', 'root=/dev/not-there']).catch(
      (error) => error,
    );
    expect(failure).toBeInstanceOf(BootTrouble);
    expect(failure.message).toMatch(
      /The kernel panicked while booting: .*\n.*console’s last words:\n.*Kernel panic - not syncing/s,
    );
    expect(failure.console).toContain('Kernel panic');
  });

  it('gives up on a guest that does not answer in time, and ends it', async () => {
    // Machines in a folder of this test's own, so that no other multitap's are counted.
    const tmp = await folderForTest('silent');
    vi.stubEnv('TMPDIR', tmp);
    const failure = await bootGuest(prepared, [], 1500).catch((error) => error);
    vi.unstubAllEnvs();
    expect(failure).toBeInstanceOf(BootTrouble);
    expect(failure.message).toMatch(/^The guest gave no answer within 2 s\./);
    await until('QEMU is gone', 5000, async () => (await qemus(tmp)).length === 0);
  });

  it('starts QEMU again that crashed while the guest was booting, and says so', async () => {
    const tmp = await folderForTest('crashed');
    vi.stubEnv('TMPDIR', tmp);
    onTestFinished(() => void vi.unstubAllEnvs());
    const notes: string[] = [];
    const { rootfs, plan } = prepared;
    const onNote = (text: string) => notes.push(text);
    const booting = bootQemu({ rootfs, plan, timeoutMs: 300_000, onNote });
    let pid: number | undefined;
    await until('QEMU runs', 10_000, async () => {
      [pid] = await qemus(tmp);
      return pid !== undefined;
    });
    process.kill(pid!, 'SIGABRT');
    const machine = await booting;
    onTestFinished(() => machine.dispose());
    expect(notes[0]).toMatch(/^QEMU crashed while its guest was booting: .* Starting it again\.$/);
    expect((await capture(machine, ['true'])).code).toBe(0);
  });

  it('stops a guest that asks for nothing by powering it off', async () => {
    const machine = await bootGuest(prepared);
    expect(await machine.stop()).toEqual({ how: 'stopped', why: 'powered off' });
    await machine.dispose();
  });
});
