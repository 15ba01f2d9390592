// SPDX-License-Identifier: GPL-2.0-only
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Console } from '../vm/console/console.ts';
import type { Guest } from '../vm/guest/guest.ts';
import { compareSurroundings, harmlessLeftovers } from '../vm/guest/leftovers.ts';
import type { ExecRequest, ExitReport } from '../vm/guest/protocol.ts';
import { firstWord, within } from '../vm/qemu/machine.ts';
import { startQemu } from '../vm/qemu/process.ts';
import type { Qemu } from '../vm/qemu/supervise.ts';
import { preparedGuest } from './support/guest.ts';
import { until } from './support/program.ts';

let qemu: Qemu;
let guest: Guest;
let console: Console;

/** Far beyond what anything here takes on a quiet machine. */
const PATIENCE_MS = 60_000;

beforeAll(async () => {
  const { rootfs, plan } = await preparedGuest();
  // Little memory, so that it is eaten up soon.
  const options = { rootfs, plan: { ...plan, memoryMb: 512 }, timeoutMs: 300_000 };
  qemu = await startQemu(options);
  console = qemu.console;
  const { ends } = await within(qemu, options, () => firstWord(qemu));
  guest = ends.guest;
});

afterAll(() => qemu?.dispose());

interface Ran extends ExitReport {
  out: string;
}

/** Runs a script to its end; both streams in one. */
async function run(script: string, more: Partial<ExecRequest> = {}): Promise<Ran> {
  let out = '';
  const hear = (chunk: Buffer) => {
    out += chunk.toString('latin1');
  };
  const execution = guest.exec(
    { argv: ['bash', '-c', script], timeoutMs: PATIENCE_MS, ...more },
    { onStdout: hear, onStderr: hear },
  );
  execution.end();
  return { ...(await execution.exit), out };
}

/** What the agent must still do, whatever a test did. */
async function expectWell(): Promise<void> {
  expect(await guest.ping(PATIENCE_MS)).toBe(true);
  const well = await run('sleep 1000 <&0 & echo well');
  expect(well).toMatchObject({ code: 0, leftovers: 1, out: 'well\n' });
}

describe('what a test leaves behind', () => {
  it('is nothing where it leaves nothing, whatever it does meanwhile', async () => {
    const before = await guest.surroundings(PATIENCE_MS);
    const busy = run(
      'for i in 1 2 3; do find /usr -xdev -name "*$i*" >/dev/null & done; ip netns add x; ip -n x link set lo up; ip netns del x; wait',
    );
    // While it runs, nothing may seem to change by itself either.
    const during = await guest.surroundings(PATIENCE_MS);
    await busy;
    const after = await guest.surroundings(PATIENCE_MS);
    expect(compareSurroundings(before, after)).toEqual([]);
    expect(compareSurroundings(before, during).filter((line) => line.startsWith('sysctl'))).toEqual([]);
    expect(before).toMatchObject({ processes: [], namespaces: [], links: ['lo up mtu 65536'], taint: 0 });
    expect(before.mounts).toContain('overlay /');
    expect(Object.keys(before.sysctls).length).toBeGreaterThan(500);
  });

  it('is listed: processes, namespaces, mounts, links, settings; modules apart', async () => {
    const before = await guest.surroundings(PATIENCE_MS);
    const { code, out } = await run(`
      ip netns add left
      mount -t tmpfs none /mnt
      echo 1 > /proc/sys/net/ipv4/tcp_no_metrics_save
      ip link set lo down
      modprobe veth; ip link add left0 type veth peer name left1
      # The one way out of its cgroup is to be put into another one.
      setsid sleep 100000 >/dev/null 2>&1 & echo $! > /sys/fs/cgroup/cgroup.procs; echo $!`);
    expect(code).toBe(0);
    const after = await guest.surroundings(PATIENCE_MS);
    expect(compareSurroundings(before, after)).toEqual([
      `process ${out.trim()} sleep`,
      'network namespace left',
      'mount nsfs /run/netns/left',
      'mount tmpfs /mnt',
      'link lo up mtu 65536 → down mtu 65536',
      'link left0',
      'link left1',
      'sysctl net/ipv4/tcp_no_metrics_save 0 → 1',
    ]);
    expect(harmlessLeftovers(before, after)).toEqual(['module veth']);
    await run(
      `kill ${out.trim()}; ip netns del left; umount /mnt; echo 0 > /proc/sys/net/ipv4/tcp_no_metrics_save; ip link set lo up; ip link del left0`,
    );
    expect(compareSurroundings(before, await guest.surroundings(PATIENCE_MS))).toEqual([]);
  });

  it('cannot be told in no time, and can be asked again', async () => {
    await expect(guest.surroundings(1)).rejects.toThrow();
    expect((await guest.surroundings(PATIENCE_MS)).links).toHaveLength(1);
  });
});

describe('a program’s input', () => {
  it('waits for a program that does not read, in bounded memory on both sides', async () => {
    const sleeper = guest.exec({ argv: ['sleep', '1000'] });
    let sent = false;
    const writing = sleeper.write(Buffer.alloc(100_000_000, 'x')).then(() => {
      sent = true;
    });
    expect(await guest.ping(PATIENCE_MS)).toBe(true);
    const { out } = await run('grep VmRSS /proc/1/status');
    expect(Number(/\d+/.exec(out)![0])).toBeLessThan(6_000);
    expect(sent).toBe(false);
    sleeper.kill(9);
    expect(await sleeper.exit).toMatchObject({ signal: 9 });
    await writing;
  });

  it('arrives whole at one that reads slowly', async () => {
    const bytes = randomBytes(3_000_000);
    let out = '';
    const reader = guest.exec(
      { argv: ['bash', '-c', 'sleep 0.5; (head -c 1000; sleep 0.5; cat) | sha256sum'] },
      {
        onStdout: (chunk) => {
          out += chunk;
        },
      },
    );
    for (let at = 0; at < bytes.length; at += 700_000) await reader.write(bytes.subarray(at, at + 700_000));
    reader.end();
    expect(await reader.exit).toMatchObject({ code: 0 });
    expect(out.split(' ')[0]).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('is let go of where the program closes it', async () => {
    const closer = guest.exec({ argv: ['bash', '-c', 'exec <&-; sleep 1'] });
    await closer.write(Buffer.alloc(2_000_000));
    expect(await closer.exit).toMatchObject({ code: 0 });
  });
});

describe('limits', () => {
  it('end a program that prints more than it may, at that byte', async () => {
    const { out, ...exit } = await run('yes', { limits: { outputBytes: 100_000 } });
    expect(out).toHaveLength(100_000);
    expect(exit).toMatchObject({ signal: 9, limits: ['output'], timedOut: false });
    expect(await run('echo ok', { limits: { outputBytes: 3 } })).toMatchObject({ code: 0, limits: [] });
  });

  it('keep a fork bomb small, and the guest alive', async () => {
    const fork = 'while True:\n  try: os.fork()\n  except OSError: time.sleep(1000)';
    const bomb = await run(`exec python3 -c 'import os, time\n${fork}'`, {
      limits: { processes: 100 },
      timeoutMs: 12_000,
    });
    expect(bomb).toMatchObject({ timedOut: true, limits: ['processes'] });
    await expectWell();
  });

  it('end a file at its size', async () => {
    const exit = await run('exec head -c 5000000 /dev/zero > /tmp/large', {
      limits: { fileBytes: 1_000_000 },
    });
    expect(exit).toMatchObject({ signal: 25, limits: ['file'] });
    expect((await run('stat -c %s /tmp/large; rm /tmp/large')).out).toBe('1000000\n');
  });

  it('are told from the memory that was used', async () => {
    const { maxRssBytes } = await run('python3 -c "x = bytearray(80_000_000)"');
    expect(maxRssBytes).toBeGreaterThan(80_000_000);
    expect(maxRssBytes).toBeLessThan(160_000_000);
  });
});

describe('the agent goes on', () => {
  it('on time while the clock jumps by a year, and back by two', async () => {
    const jump = await run('date -s "+1 year"; sleep 0.5; date -s "-2 years"; sleep 0.5');
    expect(jump).toMatchObject({ code: 0, timedOut: false });
    expect(jump.durationMs).toBeGreaterThan(900);
    expect(jump.durationMs).toBeLessThan(PATIENCE_MS);
    const hang = await run('date -s "-1 year"; sleep 1000', { timeoutMs: 1_500 });
    expect(hang).toMatchObject({ timedOut: true });
    expect(hang.durationMs).toBeLessThan(20_000);
    await guest.refresh({ timeUs: Date.now() * 1000, seed: randomBytes(32), instance: 1 });
    const { out } = await run('date +%s');
    expect(Math.abs(Number(out) - Date.now() / 1000)).toBeLessThan(30);
  });

  it('when everything is stopped', async () => {
    expect(await run('kill -STOP -1; kill -STOP $$', { timeoutMs: 1_000 })).toMatchObject({ timedOut: true });
    await expectWell();
  });

  it('when real-time programs spin on every processor', async () => {
    const spin = run('for i in 1 2 3; do chrt -f 50 sh -c "while :; do :; done" & done; wait', {
      timeoutMs: 3_000,
    });
    expect(await guest.ping(PATIENCE_MS)).toBe(true);
    expect(await spin).toMatchObject({ timedOut: true });
    await expectWell();
  });

  it('when memory is eaten up', async () => {
    const eater = 'held = []\nwhile True: held.append(b"x" * 10000000)';
    // The kernel may take more than one process before the first has given its memory back: a shell would go too.
    expect(await run(`exec python3 -c '${eater}'`)).toMatchObject({ signal: 9, timedOut: false });
    await expectWell();
  });

  it('when no file can be opened any more', async () => {
    const script = `ulimit -n 4000; echo 64 > /proc/sys/fs/file-max; python3 -c '
import os
held = []
try:
  while True: held.append(os.open("/dev/null", 0))
except OSError: pass
os.system("true")'; echo 100000 > /proc/sys/fs/file-max`;
    await run(script);
    await expectWell();
  });

  it('when the loopback is down and the disk is full', async () => {
    await run('ip link set lo down; head -c 1000000000 /dev/zero > /filled; sleep 1000 & exit 0');
    await expectWell();
    await run('rm /filled; ip link set lo up');
  });

  it('when it is held by a debugger for a while', async () => {
    // PTRACE_SEIZE 0x4206, PTRACE_INTERRUPT 0x4207 (ptrace(2)): what strace -p does. The end of the tracer detaches it.
    const script = `python3 -c '
import ctypes, os, time
trace = ctypes.CDLL(None).ptrace
print(trace(0x4206, 1, 0, 0), trace(0x4207, 1, 0, 0))
time.sleep(1)'`;
    expect((await run(script)).out).toBe('0 0\n');
    await expectWell();
  });

  it('while its port is taken by nobody else', async () => {
    const { out } = await run('for port in /dev/vport*; do echo x > $port; done');
    expect(out).toContain('Device or resource busy');
    await expectWell();
  });

  it('with nothing of its own in its children’s hands', async () => {
    const { out } = await run(
      'ls /proc/$$/fd | tr "\\n" " "; chrt -p $$ | head -1; cat /proc/$$/timerslack_ns /proc/$$/oom_score_adj; grep VmLck /proc/$$/status; chrt -p 1 | head -1',
    );
    const lines = out.split('\n');
    expect(lines[0]).toMatch(/^0 1 2 pid \d+.*SCHED_OTHER$/);
    expect(lines.slice(1, 3)).toEqual(['50000', '0']);
    expect(lines[3]).toMatch(/VmLck:\s+0 kB/);
    expect(lines[4]).toContain('SCHED_FIFO|SCHED_RESET_ON_FORK');
  });

  it('when all it lives in is mounted over', async () => {
    const before = await guest.surroundings(PATIENCE_MS);
    // What is used afterwards must be there already.
    const script =
      'for d in /sys/fs/cgroup /sys /proc /dev /run; do mount -t tmpfs none $d; done; setsid sleep 1000 & echo mounted';
    expect(await run(script)).toMatchObject({ leftovers: 1 });
    await expectWell();
    expect(await run('trap "" TERM; while :; do sleep 1; done', { timeoutMs: 500 })).toMatchObject({
      timedOut: true,
      signal: 9,
    });
    const terminal = await run('test -t 0 && echo terminal', { terminal: { rows: 20, columns: 70 } });
    expect(terminal.out).toContain('terminal');
    const left = compareSurroundings(before, await guest.surroundings(PATIENCE_MS));
    expect(left).toEqual(
      ['/dev', '/proc', '/run', '/sys', '/sys/fs/cgroup'].flatMap((path) => [`mount tmpfs ${path}`]),
    );
    await run('umount /run /dev /proc /sys /sys/fs/cgroup');
    expect(compareSurroundings(before, await guest.surroundings(PATIENCE_MS))).toEqual([]);
  });
});

describe('the host', () => {
  it('asks the kernel by SysRq, whatever the log level is', async () => {
    await run('dmesg -n 1');
    const since = console.position;
    await guest.sysrq('9mw');
    await until('the kernel tells its memory', 10_000, async () =>
      console.slice(since, console.position).includes('Mem-Info'),
    );
    await guest.sysrq('7');
  });

  it('signals all of a program, not only its first process', async () => {
    const started = Promise.withResolvers<void>();
    const shell = guest.exec(
      {
        // What is below it says that it is there: a signal before that would find the shell alone.
        argv: ['bash', '-c', 'trap "exit 3" TERM; sh -c "echo started; exec sleep 1000"; echo slept'],
      },
      { onStdout: () => started.resolve() },
    );
    await started.promise;
    shell.kill(15);
    expect(await shell.exit).toMatchObject({ code: 3, leftovers: 0 });
  });

  it('knows the mark of a program’s begin and end in the kernel’s log by its id', async () => {
    const since = console.position;
    const execution = guest.exec({
      argv: ['sh', '-c', 'echo "multitap: end 1" > /dev/kmsg; echo "<4>said after that" > /dev/kmsg'],
      mark: true,
    });
    await execution.exit;
    const began = performance.now();
    const said = (await console.during(execution.marks, since)).toString();
    expect(performance.now() - began).toBeLessThan(900); // the mark's line is whole: nobody waits for it
    expect(said).toContain('said after that');
  });

  it('hears of a guest’s silence while something is under way, and only of that', async () => {
    expect(guest.heartbeat.silentForMs).toBe(0);
    let told = 0;
    const end = guest.heartbeat.watch(30_000, () => told++);
    const sleeper = guest.exec({ argv: ['sleep', '7'] });
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    expect(guest.heartbeat.silentForMs).toBeLessThan(5_000);
    await sleeper.exit;
    end();
    expect([told, guest.heartbeat.silentForMs]).toEqual([0, 0]);
  });

  it('can be told again who the guest is', async () => {
    await guest.refresh({ timeUs: Date.now() * 1000, seed: randomBytes(64) });
    await expect(guest.refresh({ timeUs: 0, seed: randomBytes(8) })).rejects.toThrow(/refused.*Invalid/);
  });
});
