// SPDX-License-Identifier: GPL-2.0-only
import { rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { Console } from '../console/console.ts';
import { Guest } from '../guest/guest.ts';
import type { BootOptions, Ending } from '../machine.ts';
import { sandboxCommand } from '../rootfs/sandbox.ts';
import { openChannels } from './channels.ts';
import { type Memory, qemuCommand } from './command.ts';
import { machineFolder } from './folder.ts';
import { Qmp } from './qmp.ts';

const DRAIN_MS = 500;

/** The other ends of a QEMU's channels. */
export interface Ends {
  guest: Guest;
  monitor: Qmp;
  /** The guest's serial port, of which the console reads. */
  serial: Socket;
}

/** A QEMU that was started, whether or not its guest comes up. */
export interface Qemu {
  commandLine: string[];
  /** The sandbox's process; QEMU is below it. */
  pid: number;
  console: Console;
  /** Once QEMU has opened its channels; never, where it does not start. */
  ends: Promise<Ends>;
  ended: Promise<Ending>;
  /** What QEMU itself said, once it has ended. */
  said: Promise<{ exitCode: number | undefined; stderr: string }>;
  /** Tells why it is about to end, where we know better than what it will look like; the first word counts. */
  end(how: Ending['how'], why: string): void;
  kill(why: string): Promise<Ending>;
  /** Kills it and removes its folder. */
  dispose(): Promise<void>;
}

/** How a guest ended that did not panic and that nobody ended: QMP's event SHUTDOWN tells (qapi/run-state.json). */
const SHUTDOWNS: Record<string, string> = {
  'guest-reset': 'the guest reset by itself',
  'guest-shutdown': 'the guest powered off by itself',
};

/**
 * Starts QEMU inside the root file system's sandbox.
 *
 * @param memory a file instead of anonymous memory
 * @throws Trouble where its channels cannot be opened; what keeps QEMU from starting is told by `ended` and `said`
 */
export async function startQemu(
  options: Pick<BootOptions, 'plan' | 'rootfs'>,
  memory?: Memory,
): Promise<Qemu> {
  const { plan, rootfs } = options;
  const dir = await machineFolder();
  const console = new Console(join(dir, 'console.log'));
  const drained = Promise.withResolvers<void>();
  const serial = Promise.withResolvers<Socket>();
  const guest = Promise.withResolvers<Guest>();
  const monitor = Promise.withResolvers<Qmp>();
  let shutdown = 'the guest reset or powered off by itself';
  const opened: { guest?: Guest; monitor?: Qmp } = {};
  const closeChannels = await openChannels(dir, {
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
        if (name === 'SHUTDOWN') shutdown = SHUTDOWNS[String(data.reason)] ?? shutdown;
      });
      monitor.resolve(opened.monitor);
    },
  }).catch(async (error) => {
    console.close();
    await rm(dir, { recursive: true, force: true });
    throw error;
  });

  const commandLine = qemuCommand(plan, dir, memory);
  const isMade = memory?.use === 'make';
  const command = sandboxCommand(
    {
      root: rootfs.tree,
      readable: [
        plan.kernel.dir,
        dirname(plan.initramfs),
        ...plan.layers,
        ...(memory && !isMade ? [memory.dir] : []),
      ],
      writable: [dir, ...(memory && isMade ? [memory.dir] : [])],
      devices: plan.accel === 'kvm' ? ['/dev/kvm'] : [],
    },
    commandLine,
  );
  const child = execa(command[0]!, command.slice(1), {
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
  const ended = child.then(async (result): Promise<Ending> => {
    closeChannels();
    // The kernel's last words may still be in the socket; where QEMU never connected, nothing comes.
    await Promise.race([drained.promise, sleep(DRAIN_MS)]);
    if (/Kernel panic - not syncing/.test(console.tail()))
      end('panic', /Kernel panic - not syncing: ?(.*)/.exec(console.tail())?.[1] || 'kernel panic');
    else if (result.exitCode === 0) end('reset', shutdown);
    else
      end('died', result.stderr.trim() || `QEMU ended (${result.signal ?? `exit code ${result.exitCode}`})`);
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
    said: child.then(({ exitCode, stderr }) => ({ exitCode, stderr })),
    end,
    kill,
    dispose: async () => {
      await kill('disposed');
      console.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
