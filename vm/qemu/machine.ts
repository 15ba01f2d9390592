// SPDX-License-Identifier: GPL-2.0-only
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { Console } from '../console/console.ts';
import { Guest } from '../guest/guest.ts';
import { AGENT_VERSION } from '../guest/protocol.ts';
import type { Ending, Machine } from '../machine.ts';
import type { Rootfs } from '../rootfs/build.ts';
import { sandboxCommand } from '../rootfs/sandbox.ts';
import { BootTrouble, Trouble } from '../trouble.ts';
import { type GuestPlan, qemuCommand } from './command.ts';

export interface BootOptions {
  rootfs: Rootfs;
  plan: GuestPlan;
  /** Wall time until the agent must have answered. */
  timeoutMs: number;
  signal?: AbortSignal;
}

const PREFIX = 'multitap-vm-';
const DRAIN_MS = 500;

/** Removes our own folders of machines whose runner was killed: their names carry its process id. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (!pid || isAlive(Number(pid))) continue;
    const path = join(tmpdir(), name);
    const owner = await lstat(path).then(
      ({ uid }) => uid,
      () => null,
    );
    // What another user left is none of our business.
    if (owner === process.getuid?.()) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Listens on a path; QEMU connects, so that nobody has to poll for the other side. */
async function listen(path: string, onSocket: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    server.close();
    onSocket(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return server;
}

function consoleEnd(console: Console): string {
  const lines = console.tail().trim().split('\n');
  const from = lines.findIndex((line) => /Kernel panic|giving up|BUG:|Oops/.test(line));
  return lines
    .slice(from >= 0 ? from : -15)
    .slice(0, 25)
    .join('\n');
}

/**
 * Boots a kernel in QEMU, inside the root file system's sandbox.
 *
 * @throws BootTrouble where the kernel panics or never answers; Trouble where QEMU cannot be started
 */
export async function bootQemu(options: BootOptions): Promise<Machine> {
  const { plan, rootfs } = options;
  await sweep();
  const dir = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const console = new Console(join(dir, 'console.log'));
  const began = performance.now();
  let guest: Guest | null = null;
  const consoleDrained = Promise.withResolvers<void>();
  const connected = Promise.withResolvers<Guest>();
  const servers: Server[] = [];
  try {
    servers.push(
      await listen(join(dir, 'console'), (socket) => {
        socket.on('data', (chunk) => console.push(chunk));
        socket.on('error', () => {});
        socket.on('close', () => consoleDrained.resolve());
      }),
      await listen(join(dir, 'control'), (socket) => {
        guest = new Guest(socket);
        connected.resolve(guest);
      }),
    );
  } catch (cause) {
    for (const server of servers) server.close();
    console.close();
    await rm(dir, { recursive: true, force: true });
    throw new Trouble({
      happened: `The guest’s channels could not be opened in ${dir}: ${(cause as Error).message}`,
      expected: 'a folder for temporary files whose path is short enough for a socket (107 bytes)',
      next: 'set TMPDIR to a shorter path',
      cause,
    });
  }

  const commandLine = qemuCommand(plan, dir);
  const command = sandboxCommand(
    {
      root: rootfs.tree,
      readable: [plan.kernel.dir, dirname(plan.initramfs), ...plan.layers],
      writable: [dir],
      devices: plan.accel === 'kvm' ? ['/dev/kvm'] : [],
    },
    commandLine,
  );
  const qemu = execa(command[0]!, command.slice(1), {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    reject: false,
    // Ctrl-C in the terminal is for us to handle: QEMU ends when we say so, or when we end.
    detached: true,
  });

  let ending: Ending | null = null;
  const end = (how: Ending['how'], why: string) => {
    ending ??= { how, why };
  };
  const ended = qemu.then(async (result): Promise<Ending> => {
    for (const server of servers) server.close();
    // The kernel's last words may still be in the socket; where QEMU never connected, nothing comes.
    await Promise.race([consoleDrained.promise, sleep(DRAIN_MS)]);
    if (/Kernel panic - not syncing/.test(console.tail()))
      end('panic', /Kernel panic - not syncing: ?(.*)/.exec(console.tail())?.[1] || 'kernel panic');
    else if (result.exitCode === 0) end('reset', 'the guest reset or powered off by itself');
    else
      end('died', result.stderr.trim() || `QEMU ended (${result.signal ?? `exit code ${result.exitCode}`})`);
    guest?.close(`the virtual machine ended: ${ending!.why}`);
    return ending!;
  });

  const kill = async (why: string) => {
    end('killed', why);
    qemu.kill('SIGKILL');
    return ended;
  };
  const dispose = async () => {
    await kill('disposed');
    console.close();
    await rm(dir, { recursive: true, force: true });
  };

  const timer = setTimeout(
    () => kill(`no answer within ${Math.round(options.timeoutMs / 1000)} s`),
    options.timeoutMs,
  );
  const onAbort = () => void kill('interrupted');
  options.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const hello = await Promise.race([
      connected.promise.then((found) => found.hello),
      ended.then(() => null),
    ]).catch(() => null);
    if (!hello) throw bootFailure(await ended, await qemu, console);
    if (hello.version !== AGENT_VERSION)
      throw new Trouble({
        happened: `The guest’s agent speaks version ${hello.version} of the channel.`,
        expected: `version ${AGENT_VERSION}`,
      });
    return {
      hello,
      bootMs: performance.now() - began,
      commandLine,
      pid: qemu.pid!,
      console,
      exec: (request, streams) => guest!.exec(request, streams),
      ping: (timeoutMs) => guest!.ping(timeoutMs),
      stop: async (graceMs = 5_000) => {
        end('stopped', 'powered off');
        guest!.shutdown();
        const force = setTimeout(() => qemu.kill('SIGKILL'), graceMs);
        const result = await ended;
        clearTimeout(force);
        return result;
      },
      kill,
      ended,
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', onAbort);
  }
}

function bootFailure(
  ending: Ending,
  qemu: { exitCode?: number | undefined; stderr: string },
  console: Console,
): Trouble {
  const { exitCode, stderr } = qemu;
  const said = consoleEnd(console);
  const quoted = said
    ? `\nThe console’s last words:\n${said.replace(/^/gm, '  ')}`
    : '\nThe console said nothing.';
  if (ending.how === 'panic')
    return new BootTrouble({
      happened: `The kernel panicked while booting: ${ending.why}${quoted}`,
      next: 'boot another kernel to tell the kernel from the set-up',
      console: console.tail(),
    });
  if (ending.how === 'killed' && ending.why.startsWith('no answer'))
    return new BootTrouble({
      happened: `The guest gave ${ending.why}.${quoted}`,
      expected: 'the agent’s hello on the control channel',
      next: 'try --accel tcg; where that is slow too, fewer things at once on this machine',
      console: console.tail(),
    });
  if (ending.how === 'killed') return new Trouble({ happened: `Booting was ${ending.why}.` });
  if (exitCode === 0)
    return new BootTrouble({
      happened: `The guest ended before its agent answered.${quoted}`,
      expected: 'a kernel that reaches its first process',
      console: console.tail(),
    });
  return new Trouble({
    happened: `QEMU did not start: ${stderr.trim() || `exit code ${exitCode}`}`,
    next: 'multitap doctor',
  });
}
