// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Console } from '../console/console.ts';
import { LimitTrouble } from '../limits/limits.ts';
import type { Ending } from '../machine.ts';
import { inSandbox, type SandboxOptions } from '../rootfs/sandbox.ts';
import { type Ends, type Listening, listenIn } from './ends.ts';
import { machineFolder } from './folder.ts';
import { hasCrashed } from './own-crash.ts';
import type { Qmp } from './qmp.ts';
import { Words } from './words.ts';

const DRAIN_MS = 500;

/** A QEMU that was started, whether or not its guest comes up. */
export interface Qemu {
  commandLine: string[];
  /** The sandbox's process; QEMU is below it. */
  pid: number;
  console: Console;
  /** Once QEMU has opened its channels; never, where it does not start. */
  ends: Promise<Ends>;
  ended: Promise<Ending>;
  /** Tells why it is about to end, where we know better than what it will look like; the first word counts. */
  end(how: Ending['how'], why: string): void;
  kill(why: string): Promise<Ending>;
  /** Kills it and removes its folder. */
  dispose(): Promise<void>;
}

/** How the sandbox with QEMU in it ended. */
export interface Exit {
  exitCode: number | undefined;
  /** As QEMU's monitor told it, where the guest ended by itself. */
  byGuest: string | null;
  /** The last that was said on standard output and error. */
  words: string;
  /** `exit code 1`, or the signal, in words. */
  how: string;
}

/** A way to start a QEMU: all in which the drivers differ. */
export interface Way {
  /** What a person calls the command. */
  commandLine: string[];
  /** What is started in the sandbox: the same, or around it. */
  command: string[];
  sandbox: SandboxOptions;
  /** What is to be done with QEMU's monitor before all else; where it fails, QEMU is killed. */
  begin?(monitor: Qmp): Promise<void>;
  /** What its end means where the kernel did not panic and nobody ended it. */
  meaning(exit: Exit): Ending;
}

/** One that was killed is so by whom we do not know: the kernel leaves word with nobody whom it killed for memory. */
function howItEnded(exitCode: number | undefined, signal: string | undefined): string {
  // bubblewrap returns 128 and the signal that ended what it started.
  const killed = signal === 'SIGKILL' || exitCode === 128 + 9;
  if (killed) return 'SIGKILL: by hand, or by the kernel where this machine’s memory ran out';
  return signal ?? `exit code ${exitCode}`;
}

/**
 * Starts a QEMU inside the root file system's sandbox, listens to it, and tells how it ends.
 *
 * @param way how, with the folder where QEMU finds our sockets by the names of channels.ts; all that it may write to
 * @throws Trouble where the channels cannot be opened; what keeps QEMU from starting is told by `ended`
 */
export async function supervise(way: (channels: string) => Promise<Way> | Way): Promise<Qemu> {
  const dir = await machineFolder();
  const console = new Console(join(dir, 'console.log'));
  const remove = async () => {
    console.close();
    await rm(dir, { recursive: true, force: true });
  };
  // The console's spool is ours: a folder of their own for what QEMU must reach.
  const channels = join(dir, 's');
  let listening: Listening | undefined;
  try {
    await mkdir(channels);
    listening = await listenIn(channels, console);
    return run(await way(channels), console, listening, remove);
  } catch (error) {
    listening?.stop();
    listening?.close('it was not started');
    await remove();
    throw error;
  }
}

function run(way: Way, console: Console, listening: Listening, remove: () => Promise<void>): Qemu {
  const child = inSandbox(way.sandbox, way.command, {
    stdout: 'pipe',
    stderr: 'pipe',
    all: true,
    buffer: false,
    reject: false,
    // Ctrl-C in the terminal is for us to handle: QEMU ends when we say so, or when we end.
    detached: true,
  });
  const words = new Words();
  child.all.on('data', (chunk: Buffer) => words.push(chunk));

  let failure: string | null = null;
  listening.monitor
    .then((monitor) => way.begin?.(monitor))
    .catch((error: Error) => {
      failure = error.message;
      child.kill('SIGKILL');
    });

  let ending: Ending | null = null;
  const end = (how: Ending['how'], why: string) => {
    ending ??= { how, why };
  };
  const over = async (meaning: () => Ending): Promise<Ending> => {
    listening.stop();
    // The kernel's and QEMU's last words may still be on their way; where QEMU never connected, nothing comes.
    await Promise.race([listening.drained, sleep(DRAIN_MS)]);
    ending ??= meaning();
    listening.close(ending.why);
    return ending;
  };
  const ended = child.then(
    ({ exitCode, signal }) =>
      over(() => {
        const panic = /Kernel panic - not syncing:? ?(.*)/.exec(console.tail());
        if (panic) return { how: 'panic', why: panic[1] || 'kernel panic' };
        const last = words.last();
        const crashed = hasCrashed(exitCode, last);
        if (failure) return { how: 'died', why: [failure, last].filter(Boolean).join('\n'), crashed };
        const how = howItEnded(exitCode, signal);
        const meant = way.meaning({ exitCode, byGuest: listening.byGuest(), words: last, how });
        return meant.how === 'died' ? { ...meant, crashed } : meant;
      }),
    (error: unknown) => {
      if (!(error instanceof LimitTrouble)) throw error;
      return over(() => ({ how: 'died', why: error.parts.happened.replace(/\.$/, ''), trouble: error }));
    },
  );
  const kill = async (why: string) => {
    end('killed', why);
    child.kill('SIGKILL');
    return ended;
  };
  return {
    commandLine: way.commandLine,
    pid: child.pid!,
    console,
    ends: listening.ends,
    ended,
    end,
    kill,
    dispose: async () => {
      await kill('disposed');
      await remove();
    },
  };
}
