// SPDX-License-Identifier: GPL-2.0-only
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Limits, LimitTrouble } from '../vm/limits/limits.ts';
import { denied } from '../vm/limits/seccomp.ts';
import { silent } from '../vm/progress.ts';
import { readInside } from '../vm/read-inside.ts';
import { buildRootfs, type Rootfs } from '../vm/rootfs/build.ts';
import { checkSandbox, inSandbox, sandboxCommand } from '../vm/rootfs/sandbox.ts';
import { until } from './support/program.ts';

const FIXTURE = join(import.meta.dirname, 'fixtures/hostile-build');
const isRoot = process.getuid?.() === 0;

/** What only root may do on the host: its failure in the sandbox shows something only where it works outside. */
const asRoot = ['packet-socket', 'sysctl', 'chroot', 'kernel-log', 'bpf-call', 'perf-events', 'read-shadow'];

let rootfs: Rootfs;
let scratch: string;
let home: string;

beforeAll(async () => {
  await checkSandbox();
  rootfs = await buildRootfs(silent);
  scratch = await mkdtemp(join(tmpdir(), 'multitap-test-hostile-'));
  home = await mkdtemp(join(homedir(), '.multitap-test-hostile-'));
});

afterAll(async () => {
  for (const dir of [scratch, home]) await rm(dir, { recursive: true, force: true });
});

async function folder(name: string): Promise<string> {
  const dir = join(scratch, name);
  await mkdir(dir);
  return dir;
}

/** Ids of processes of this machine whose command line has a word. */
async function processesNamed(word: string): Promise<number[]> {
  const { stdout } = await execa('pgrep', ['-f', word], { reject: false });
  return stdout.split('\n').filter(Boolean).map(Number);
}

describe('a hostile Makefile', () => {
  const mark = `multitap-test-${process.pid}`;
  const servers: Server[] = [];
  let datagrams: Datagrams;
  let victim: ChildProcess;
  let variables: Record<string, string>;
  let inside: Record<string, string>;
  let outside: Record<string, string>;
  let out: string;

  async function listener(where: string | number): Promise<number> {
    const server = createServer((socket) => socket.on('error', () => {}).end('welcome\n'));
    servers.push(server);
    if (typeof where === 'number') server.listen(where, '127.0.0.1');
    else server.listen(where);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  /** `target done` and `target refused why`, as a record. */
  async function results(dir: string): Promise<Record<string, string>> {
    const lines = (await readFile(join(dir, 'results'), 'utf8')).trim().split('\n');
    return Object.fromEntries(
      lines.map((line) => [line.split(' ')[0]!, line.slice(line.indexOf(' ') + 1).trim()]),
    );
  }

  async function make(dir: string, target: string): Promise<string[]> {
    for (const name of ['Makefile', 'attempt.c']) await copyFile(join(FIXTURE, name), join(dir, name));
    const given = Object.entries({ ...variables, O: dir }).map(([name, value]) => `${name}=${value}`);
    return ['make', '-k', '-C', dir, target, ...given];
  }

  beforeAll(async () => {
    for (const dir of [home, scratch]) await writeFile(join(dir, 'host-file'), 'the host’s\n');
    datagrams = createSocket('udp4');
    datagrams.on('message', (_, from) => datagrams.send('welcome\n', from.port, from.address));
    datagrams.bind(0, '127.0.0.1');
    await once(datagrams, 'listening');
    victim = spawn('sleep', ['1000'], { argv0: `victim-of-${mark}`, stdio: 'ignore' });
    await listener(`\0${mark}`);
    await listener(join(scratch, 'socket'));
    const shadow = isRoot ? (await readFile('/etc/shadow', 'utf8')).split('\n')[0] : '';
    variables = {
      PORT: String(await listener(0)),
      ECHO_PORT: String(datagrams.address().port),
      ABSTRACT: mark,
      SOCKET: join(scratch, 'socket'),
      HOME_FILE: join(home, 'host-file'),
      TMP_FILE: join(scratch, 'host-file'),
      VICTIM: String(victim.pid),
      SHADOW: `${createHash('sha256').update(`${shadow}\n`).digest('hex')}  -`,
    };
    vi.stubEnv('HOSTILE_TEST_SECRET', 'hunter2');
    out = await folder('inside');
    await inSandbox({ root: rootfs.tree, writable: [out], cwd: out }, await make(out, 'all'));
    inside = await results(out);
    const control = await folder('outside');
    // Built by the sandbox's compiler; whether this machine has one does not matter.
    await copyFile(join(out, 'attempt'), join(control, 'attempt'));
    const [file, ...args] = await make(control, 'control');
    await execa(file!, [...args, '-o', join(control, 'attempt')]);
    outside = await results(control);
    vi.unstubAllEnvs();
  });

  afterAll(async () => {
    for (const server of servers) server.close();
    datagrams?.close();
    victim?.kill('SIGKILL');
  });

  it('is stopped at everything that it tries', () => {
    const done = Object.entries(inside).filter(([, result]) => !result.startsWith('refused'));
    expect(done).toEqual([]);
    expect(Object.keys(inside).length).toBeGreaterThanOrEqual(50);
  });

  it('would have done it without the sandbox', () => {
    const expected = Object.entries(outside).filter(([name]) => isRoot || !asRoot.includes(name));
    expect(expected.filter(([, result]) => result !== 'done')).toEqual([]);
    expect(Object.keys(outside).length).toBeGreaterThanOrEqual(25);
  });

  it('leaves links and files that lead nowhere', async () => {
    await expect(readInside(out, join(out, 'link'))).rejects.toThrow(/leads out of/);
  });

  it('does not reach processes of this machine by signals to everything', async () => {
    const result = await inSandbox(
      { root: rootfs.tree },
      ['bash', '-c', 'kill -9 -1; kill -9 1; echo still here'],
      {
        reject: false,
      },
    );
    expect(result.stdout).toBe('still here');
    expect([victim.exitCode, victim.signalCode]).toEqual([null, null]);
  });

  it('inherits no descriptor', async () => {
    const folderOfTheHost = await open(home);
    const list = ['sh', '-c', 'ls /proc/self/fd; ls /proc/self/fd/3/.. >&2'];
    const run = ([file, ...args]: string[]) =>
      execa(file!, args, { stdio: ['ignore', 'pipe', 'pipe', folderOfTheHost.fd as 3], reject: false });
    const outside = await run(list);
    const inside = await run(sandboxCommand({ root: rootfs.tree }, list));
    await folderOfTheHost.close();
    expect(outside.stdout!.split('\n')).toContain('4');
    expect(outside.stderr).toBe('');
    // 3 is the listing's own.
    expect(inside.stdout).toBe('0\n1\n2\n3');
  });

  it('cannot type into the terminal that it was started from', async () => {
    const attempt = (words: string[]) => [join(out, 'attempt'), 'inject', ...words];
    const inTerminal = async (command: string[]) => {
      const line = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
      // What was typed is shown by whoever reads the terminal next.
      const all = `${line}; echo "[$?]"; timeout --foreground 2 head -c 1 </dev/tty`;
      const { stdout } = await execa('script', ['-qec', `stty raw -echo; ${all}`, '/dev/null'], {
        reject: false,
      });
      return stdout.trim();
    };
    const sandbox = (words: string[]) =>
      sandboxCommand({ root: rootfs.tree, readable: [out] }, attempt(words));
    for (const words of [[], ['by 64 bits']]) {
      const refused = await inTerminal(sandbox(words));
      expect(refused).toMatch(/^(Operation not permitted|Inappropriate ioctl for device)\s+\[1\]$/);
    }
    const allowed =
      (await readFile('/proc/sys/dev/tty/legacy_tiocsti', 'utf8').catch(() => '1')).trim() === '1';
    if (allowed || isRoot) expect(await inTerminal(attempt([]))).toMatch(/\[0\]\s*#$/);
  });

  it('leaves no process behind, neither when it ends nor when it is ended', async () => {
    const name = `multitap-test-daemon-${process.pid}`;
    const daemons = `for i in 1 2 3; do (trap "" TERM HUP INT; setsid bash -c "exec -a ${name} sleep 1000" >/dev/null 2>&1) & done; sleep 0.5;`;
    const before = await inSandbox({ root: rootfs.tree }, ['bash', '-c', `${daemons} pgrep -fc ^${name}`]);
    expect(before.stdout).toBe('3');
    await until('daemons are gone', 5_000, async () => (await processesNamed(name)).length === 0);

    const run = inSandbox({ root: rootfs.tree }, ['bash', '-c', `trap "" TERM; ${daemons} sleep 1000`], {
      reject: false,
    });
    await until('daemons run', 10_000, async () => (await processesNamed(`^${name}`)).length === 3);
    run.kill('SIGTERM');
    await run;
    await until('daemons are gone', 5_000, async () => (await processesNamed(name)).length === 0);
  });

  it('leaves no memory of a crash, nor starts the host’s handler for one', async () => {
    const dir = await folder('core');
    const script = 'grep "core file" /proc/self/limits; ulimit -c unlimited; sh -c "kill -SEGV \\$\\$"; ls';
    const { stdout } = await inSandbox(
      { root: rootfs.tree, writable: [dir], cwd: dir },
      ['sh', '-c', script],
      {
        reject: false,
      },
    );
    // One byte is what a handler in core_pattern is not started with.
    expect(stdout).toMatch(/^Max core file size +1 +1 +bytes\s*$/);
  });
});

describe('the filter of system calls', () => {
  it('has the kernel’s numbers', async () => {
    const header = await readFile(join(rootfs.tree, 'usr/include/x86_64-linux-gnu/asm/unistd_64.h'), 'utf8');
    const numbers = new Map(
      [...header.matchAll(/^#define __NR_(\w+) (\d+)$/gm)].map(([, name, nr]) => [name!, Number(nr)]),
    );
    const ours = Object.values(denied).flatMap(({ calls }) => Object.entries(calls));
    // Newer than the header.
    const known = ours.filter(([name]) => name !== 'open_tree_attr');
    expect(known.map(([name]) => [name, numbers.get(name)])).toEqual(known);
  });
});

describe('a build that takes too much', () => {
  const limited = async (script: string, limits: Partial<Limits>, writable: string[] = []) => {
    const command = ['bash', '-c', script];
    return inSandbox({ root: rootfs.tree, writable, limits }, command, { reject: false }).then(
      ({ exitCode }) => exitCode,
      (error) => error,
    );
  };

  it.each([
    [
      'memory',
      'memoryBytes',
      256 * 2 ** 20,
      /more than 256 MiB of memory/,
      'python3 -c "import time; x = bytearray(2**30); time.sleep(60)"',
    ],
    // No more than can be borne where the kernel does not hold it.
    ['processes', 'processes', 60, /more than 60 processes/, 'for i in {1..400}; do sleep 60 & done; wait'],
    [
      'CPU time',
      'cpuSeconds',
      2,
      /more than 2 s of CPU time/,
      'for i in 1 2; do while :; do :; done & done; wait',
    ],
    ['wall time', 'wallMs', 1500, /longer than 1.5 s/, 'trap "" TERM; sleep 1000'],
    ['output', 'outputBytes', 2 ** 20, /printed more than 1 MiB/, 'trap "" TERM PIPE; yes; sleep 1000'],
  ] as const)('of %s is stopped, and that is told', async (_, limit, value, message, script) => {
    const failure = await limited(script, { [limit]: value });
    expect(failure).toBeInstanceOf(LimitTrouble);
    expect(failure.limit).toBe(limit);
    expect(failure.message).toMatch(message);
    expect(failure.message).toMatch(/Do: .*MULTITAP_LIMITS=\w+=/);
  });

  it('of disk is stopped, in one file and in many', async () => {
    const dir = await folder('disk');
    const many = `while :; do i=$((i+1)); head -c 4000000 /dev/zero >${dir}/$i || break; done; sleep 1000`;
    const failure = await limited(many, { diskBytes: 256 * 2 ** 20 }, [dir]);
    expect(failure).toBeInstanceOf(LimitTrouble);
    expect(failure.message).toMatch(/wrote more than 256 MiB to the disk/);
    await rm(dir, { recursive: true });

    const one = await folder('one');
    expect(await limited(`head -c 99000000 /dev/zero >${one}/file`, { diskBytes: 2 ** 26 }, [one])).not.toBe(
      0,
    );
    expect((await stat(join(one, 'file'))).size).toBe(2 ** 26);
    // What is in memory has sizes of its own.
    for (const path of ['/tmp', '/dev/shm', '/run', '/var'])
      expect(await limited(`head -c 99000000 /dev/zero >${path}/file`, { memoryBytes: 2 ** 26 })).toBe(1);
  });

  it('is another thing than one that fails', async () => {
    expect(await limited('exit 3', {})).toBe(3);
    expect(await limited('kill -9 $$', {})).toBe(137);
  });
});
