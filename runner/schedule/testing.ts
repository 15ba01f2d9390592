// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Console } from '../../vm/console/console.ts';
import { type Execution, GuestGone, type Streams } from '../../vm/guest/guest.ts';
import type { ExecRequest, ExitReport } from '../../vm/guest/protocol.ts';
import type { Surroundings } from '../../vm/guest/surroundings.ts';
import type { Diagnosis, Ending, Machine } from '../../vm/machine.ts';

// What the tests of this folder share; nothing else imports it.

/** What the guest of a program does: it may print, and end. */
export interface Play {
  out(text: string | Buffer): void;
  err(text: string | Buffer): void;
  kernel(text: string): void;
  exit(report?: Partial<ExitReport>): void;
  notStarted(why: string): void;
  /** The machine ends, as it would by itself. */
  end(ending: Ending): void;
  request: ExecRequest;
}

export interface FakeMachine extends Machine {
  pings: number;
  /** Why it was ended, each time. */
  killed: string[];
  /** Signals that a test was sent. */
  signals: number[];
  /** Programs other than tests, by what their shell was told. */
  programs: ExecRequest[];
}

export interface FakeGuest {
  /** Whether the agent answers a ping. */
  alive?: boolean;
  diagnosis?: Diagnosis;
  /** One for each time that they are asked for; the last one again and again. */
  surroundings?: Surroundings[];
  /** What a program other than a test does; without it, it ends with 0 at once. */
  other?: (play: Play) => void;
}

export const pristine: Surroundings = {
  processes: [],
  namespaces: [],
  mounts: ['proc /proc'],
  modules: ['veth'],
  links: ['lo up'],
  sysctls: { 'net/ipv4/ip_forward': '0' },
  taint: 0,
};

const exited: ExitReport = {
  ...{ code: 0, signal: 0, timedOut: false, leftovers: 0, durationMs: 1500, cpuMs: 300 },
} as ExitReport;

/** A machine without QEMU: a real console, and programs that play a script. Tests are those that ask for marks. */
export async function fakeMachine(
  play: (play: Play) => void,
  guest: FakeGuest,
  onTestFinished: (end: () => Promise<void>) => void,
): Promise<FakeMachine> {
  const dir = await mkdtemp(join(tmpdir(), 'multitap-attempt-'));
  const console = new Console(join(dir, 'console.log'));
  onTestFinished(async () => {
    console.close();
    await rm(dir, { recursive: true, force: true });
  });
  const { promise: ended, resolve: finish } = Promise.withResolvers<Ending>();
  const under = new Set<(why: string) => void>();
  const end = (ending: Ending) => {
    finish(ending);
    for (const gone of under) gone(`the virtual machine ended: ${ending.why}`);
  };
  const kill = async (why: string) => {
    machine.killed.push(why);
    end({ how: 'killed', why });
    return ended;
  };
  let asked = 0;
  let nextId = 7;
  const machine: FakeMachine = {
    pings: 0,
    killed: [],
    signals: [],
    programs: [],
    hello: { version: 1, release: '6.12.0', machine: 'x86_64', cpus: 2, bootMs: 1 },
    bootMs: 1,
    pid: process.pid,
    commandLine: [],
    console,
    ping: async () => {
      machine.pings++;
      return guest.alive ?? true;
    },
    surroundings: async () => {
      const list = guest.surroundings ?? [pristine];
      return list[Math.min(asked++, list.length - 1)]!;
    },
    diagnose: async () => guest.diagnosis ?? { state: 'alive', why: 'the agent answers', evidence: [] },
    stop: () => kill('powered off'),
    kill,
    ended,
    dispose: async () => {},
    exec: (request: ExecRequest, streams: Streams = {}): Execution => {
      const { promise, resolve, reject } = Promise.withResolvers<ExitReport>();
      const id = request.mark ? 7 : ++nextId;
      const gone = (why: string) => reject(new GuestGone(why));
      under.add(gone);
      if (request.mark) console.push(Buffer.from('[    1.0] multitap: begin 7\n'));
      else machine.programs.push(request);
      const act = request.mark ? play : (guest.other ?? (({ exit }) => exit()));
      setImmediate(() =>
        act({
          request,
          out: (text) => streams.onStdout?.(Buffer.from(text)),
          err: (text) => streams.onStderr?.(Buffer.from(text)),
          kernel: (text) => console.push(Buffer.from(text)),
          exit: (report = {}) => {
            if (request.mark) console.push(Buffer.from('[    2.0] multitap: end 7\n'));
            under.delete(gone);
            resolve({ ...exited, ...report });
          },
          notStarted: (why) => reject(new Error(`the guest did not start the program: ${why}`)),
          end,
        }),
      );
      return {
        id,
        marks: { begin: 7, end: 7 },
        exit: promise,
        write: async () => {},
        end: () => {},
        kill: (signal: number) => void machine.signals.push(signal),
        resize: () => {},
      };
    },
  };
  return machine;
}
