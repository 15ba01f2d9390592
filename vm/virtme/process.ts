// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { Console } from '../console/console.ts';
import { Guest } from '../guest/guest.ts';
import type { BootOptions, Ending } from '../machine.ts';
import { openChannels } from '../qemu/channels.ts';
import { machineFolder } from '../qemu/folder.ts';
import type { Qemu } from '../qemu/process.ts';
import { Qmp } from '../qemu/qmp.ts';
import { virtmeCommand, withPipe } from './command.ts';
import { takeConsole } from './console.ts';
import { extraLayers, virtmeSandbox } from './sandbox.ts';

const DRAIN_MS = 500;
const SAID_BYTES = 8192;
const SAID_LINES = 8;

/** QMP's event SHUTDOWN has these reasons (qapi/run-state.json) where the guest ended by itself. */
const BY_GUEST: Record<string, string> = {
  'guest-reset': 'the guest reset by itself',
  'guest-shutdown': 'the guest powered off by itself',
  'guest-panic': 'the guest panicked',
};

/**
 * virtme-ng returns what its command did, which is our agent, and powers off after it. The agent ends in no other way
 * than by being killed: it is not the first process, and a test may kill whatever it can.
 */
function agentsEnd(exitCode: number | undefined): string | null {
  const signal = (exitCode ?? 0) - 128;
  return signal > 0 && signal < 65
    ? `the guest’s agent was killed (signal ${signal}), which ends the guest`
    : null;
}

/** The end of what virtme-ng, virtiofsd and the guest's standard output say; a guest can say as much as it likes. */
class Words {
  #kept = Buffer.alloc(0);

  push(chunk: Buffer): void {
    this.#kept = Buffer.concat([this.#kept, chunk]).subarray(-SAID_BYTES);
  }

  /** The last lines: of a Python program's trace, those that tell what is wrong. */
  last(): string {
    return this.#kept.toString('utf8').trim().split('\n').slice(-SAID_LINES).join('\n');
  }
}

/**
 * Starts virtme-ng inside the sandbox, with our channels to the QEMU that it starts.
 *
 * Its exit code is the agent's, and 255 for a panic and for its own faults alike: how the guest ended is told by
 * QEMU's monitor.
 *
 * @throws Trouble where the channels cannot be opened; what keeps QEMU from starting is told by `ended` and `said`
 */
export async function startVirtme({ plan, rootfs }: Pick<BootOptions, 'plan' | 'rootfs'>): Promise<Qemu> {
  const dir = await machineFolder();
  const console = new Console(join(dir, 'console.log'));
  const drained = Promise.withResolvers<void>();
  const serial = Promise.withResolvers<Socket>();
  const guest = Promise.withResolvers<Guest>();
  const monitor = Promise.withResolvers<Qmp>();
  const opened: { guest?: Guest; monitor?: Qmp } = {};
  let byGuest: string | null = null;
  // The guest's files are no place for the console's spool: a folder of their own for what QEMU must reach.
  const channels = join(dir, 's');
  await mkdir(channels);
  const closeChannels = await openChannels(channels, {
    console: (socket) => {
      socket.on('data', (chunk) => console.push(chunk));
      socket.on('error', () => {});
      socket.on('close', () => drained.resolve());
      serial.resolve(socket);
    },
    control: (socket) => {
      opened.guest = new Guest(socket);
      guest.resolve(opened.guest);
    },
    monitor: (socket) => {
      opened.monitor = new Qmp(socket);
      opened.monitor.listen(({ name, data }) => {
        if (name === 'SHUTDOWN') byGuest = BY_GUEST[String(data.reason)] ?? null;
      });
      monitor.resolve(opened.monitor);
      takeConsole(opened.monitor).catch((error: Error) => {
        end('died', error.message);
        child.kill('SIGKILL');
      });
    },
  }).catch(async (error) => {
    console.close();
    await rm(dir, { recursive: true, force: true });
    throw error;
  });

  const agent = join(dirname(plan.initramfs), 'agent');
  const commandLine = virtmeCommand(plan, extraLayers(plan, rootfs).length);
  const command = await virtmeSandbox({ rootfs, plan, agent, channels }, withPipe(commandLine));
  const child = execa(command[0]!, command.slice(1), {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    all: true,
    buffer: false,
    reject: false,
    // Ctrl-C in the terminal is for us to handle.
    detached: true,
  });

  const words = new Words();
  child.all.on('data', (chunk: Buffer) => words.push(chunk));

  let ending: Ending | null = null;
  const end = (how: Ending['how'], why: string) => {
    ending ??= { how, why };
  };
  const said = child.then(({ exitCode }) => ({
    exitCode: byGuest ? 0 : exitCode || 1,
    stderr: words.last(),
  }));
  const ended = child.then(async (result): Promise<Ending> => {
    closeChannels();
    // The kernel's and QEMU's last words may still be in the sockets; where QEMU never connected, nothing comes.
    await Promise.race([drained.promise, sleep(DRAIN_MS)]);
    if (/Kernel panic - not syncing/.test(console.tail()))
      end('panic', /Kernel panic - not syncing: ?(.*)/.exec(console.tail())?.[1] || 'kernel panic');
    else if (byGuest) end('reset', agentsEnd(result.exitCode) ?? byGuest);
    else end('died', words.last() || `virtme-ng ended (${result.signal ?? `exit code ${result.exitCode}`})`);
    opened.guest?.close(`the virtual machine ended: ${ending!.why}`);
    opened.monitor?.close('QEMU has ended');
    return ending!;
  });
  const kill = async (why: string) => {
    end('killed', why);
    child.kill('SIGKILL');
    return ended;
  };
  return {
    commandLine,
    pid: child.pid!,
    console,
    ends: Promise.all([guest.promise, monitor.promise, serial.promise]).then(([guest, monitor, serial]) => ({
      guest,
      monitor,
      serial,
    })),
    ended,
    said,
    end,
    kill,
    dispose: async () => {
      await kill('disposed');
      console.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
