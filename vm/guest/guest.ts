// SPDX-License-Identifier: GPL-2.0-only
import { randomInt } from 'node:crypto';
import type { Socket } from 'node:net';
import { Heartbeat } from './heartbeat.ts';
import { Input } from './input.ts';
import {
  decodeExit,
  decodeHello,
  type ExecRequest,
  type ExitReport,
  encodeExec,
  encodeFrame,
  encodeRefresh,
  FrameReader,
  type Hello,
  type MarkWords,
  type Refresh,
  words,
} from './protocol.ts';
import { Questions } from './questions.ts';
import type { Surroundings } from './surroundings.ts';
import { ANSWER_MAX, decodeSurroundings } from './surroundings.ts';

/** The guest went away, or fell silent, while something was asked of it. */
export class GuestGone extends Error {}

export interface Streams {
  onStdout?(chunk: Buffer): void;
  onStderr?(chunk: Buffer): void;
}

/** A program that runs in the guest. */
export interface Execution {
  /** On the control channel. */
  id: number;
  /** The words of its marks on the console, where it was asked to leave some. */
  marks: MarkWords;
  /** @throws GuestGone where the guest dies first; Error where the program was not started */
  exit: Promise<ExitReport>;
  /**
   * Resolves when all of it is on the way, which the agent lets be 256 KiB ahead of the program, or when nobody will
   * take it. Who awaits it holds no more than that in memory.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes its standard input. */
  end(): void;
  /** To its process group; SIGKILL to all of its processes. */
  kill(signal: number): void;
  resize(rows: number, columns: number): void;
}

interface Pending extends Streams {
  input: Input;
  resolve(report: ExitReport): void;
  reject(error: Error): void;
}

/** The agent in a booted guest, at the other end of the control channel. */
export class Guest {
  readonly hello: Promise<Hello>;
  /** Tells how long the guest has been silent while something was under way in it. */
  readonly heartbeat: Heartbeat;
  #socket: Socket;
  #pending = new Map<number, Pending>();
  #questions = new Questions();
  #gone: GuestGone | null = null;
  #sayHello!: (hello: Hello) => void;
  #noHello!: (error: Error) => void;
  #surroundings: Promise<unknown> = Promise.resolve();

  constructor(socket: Socket) {
    this.#socket = socket;
    this.hello = new Promise((resolve, reject) => {
      this.#sayHello = resolve;
      this.#noHello = reject;
    });
    this.hello.catch(() => {});
    this.heartbeat = new Heartbeat(() => this.#send('P', 0));
    const reader = new FrameReader();
    socket.on('data', (chunk) => {
      this.heartbeat.heard();
      try {
        for (const frame of reader.push(chunk)) this.#arrived(frame.type, frame.id, frame.payload);
      } catch (error) {
        this.close((error as Error).message);
      }
    });
    socket.on('close', () => this.close('the virtual machine ended'));
    socket.on('error', (error) => this.close(error.message));
  }

  #send(type: string, id: number, payload: Uint8Array = Buffer.alloc(0)): void {
    if (!this.#gone) this.#socket.write(encodeFrame(type, id, payload));
  }

  #arrived(type: string, id: number, payload: Buffer): void {
    const pending = this.#pending.get(id);
    if (type === 'H') this.#sayHello(decodeHello(payload));
    else if (!pending) this.#questions.arrived(type, id, payload, ANSWER_MAX);
    else if (type === 'O') pending.onStdout?.(payload);
    else if (type === 'E') pending.onStderr?.(payload);
    else if (type === 'W') pending.input.taken(payload.readUInt32LE(0));
    else if (type === 'Q') pending.resolve(decodeExit(payload));
    else if (type === 'F')
      pending.reject(new Error(`the guest did not start the program: ${payload.toString('utf8')}`));
    // A newer agent may say more than we understand; what we need is versioned by the hello.
    if (pending && (type === 'Q' || type === 'F')) {
      pending.input.close();
      this.#pending.delete(id);
    }
    this.#look();
  }

  #look(): void {
    this.heartbeat.busy = !this.#gone && this.#pending.size + this.#questions.size > 0;
  }

  /** Random: no guest can speak of what it was not asked. */
  #newId(): number {
    const id = randomInt(1, 2 ** 32);
    return this.#pending.has(id) || this.#questions.has(id) ? this.#newId() : id;
  }

  /** Ends every wait, of programs with GuestGone; what the machine does when QEMU is gone or the guest is given up. */
  close(why: string): void {
    if (this.#gone) return;
    this.#gone = new GuestGone(why);
    this.#noHello(this.#gone);
    for (const { reject, input } of this.#pending.values()) {
      input.close();
      reject(this.#gone);
    }
    this.#pending.clear();
    this.#questions.close(this.#gone);
    this.#look();
    this.#socket.destroy();
  }

  exec(request: ExecRequest, streams: Streams = {}): Execution {
    const id = this.#newId();
    const marks = { begin: randomInt(1, 2 ** 32), end: randomInt(1, 2 ** 32) };
    const input = new Input((piece) => this.#send('I', id, piece));
    const exit = new Promise<ExitReport>((resolve, reject) => {
      if (this.#gone) {
        input.close();
        return reject(this.#gone);
      }
      const payload = encodeExec(request, marks);
      this.#pending.set(id, { ...streams, input, resolve, reject });
      this.#send('X', id, payload);
      this.#look();
    });
    return {
      id,
      marks,
      exit,
      write: (bytes) => input.write(bytes),
      end: () => input.end(),
      kill: (signal) => this.#send('K', id, words(signal)),
      resize: (rows, columns) => this.#send('Z', id, words(rows, columns)),
    };
  }

  /** @throws GuestGone, NoAnswer after `timeoutMs`, Error where the agent cannot do it */
  async #ask(type: string, payload: Uint8Array, timeoutMs: number): Promise<Buffer> {
    if (this.#gone) throw this.#gone;
    const id = this.#newId();
    const answer = this.#questions.wait(type, id, timeoutMs);
    this.#send(type, id, payload);
    this.#look();
    try {
      return await answer;
    } finally {
      this.#look();
    }
  }

  /** Whether the agent answers within `timeoutMs`. */
  ping(timeoutMs: number): Promise<boolean> {
    return this.#ask('P', Buffer.alloc(0), timeoutMs).then(
      () => true,
      () => false,
    );
  }

  /**
   * What the guest's state is beside its files.
   *
   * @throws GuestGone; NoAnswer after `timeoutMs`; Error where the guest could not tell
   */
  surroundings(timeoutMs: number): Promise<Surroundings> {
    // The agent asks one child at a time.
    const ask = () => this.#ask('N', words(timeoutMs), timeoutMs).then(decodeSurroundings);
    const answer = this.#surroundings.then(ask, ask);
    this.#surroundings = answer.catch(() => {});
    return answer;
  }

  /**
   * Sets clock and random numbers of a guest that comes out of a snapshot. The agent says hello again, which is how
   * a host's end that was not there when the guest booted gets to know it.
   *
   * @throws GuestGone; NoAnswer after `timeoutMs`; Error where the guest refused
   */
  async refresh(refresh: Refresh, timeoutMs = 30_000): Promise<void> {
    await this.#ask('R', encodeRefresh(refresh), timeoutMs);
  }

  /**
   * Writes each letter to /proc/sysrq-trigger; digits set the console's log level (`9t` to see all tasks). Resolves
   * when the kernel has done it: what it says comes on the console.
   *
   * @throws GuestGone; NoAnswer after `timeoutMs`; Error where the guest could not
   */
  async sysrq(letters: string, timeoutMs = 30_000): Promise<void> {
    await this.#ask('Y', Buffer.from(letters, 'latin1'), timeoutMs);
  }

  shutdown(): void {
    this.#send('S', 0);
  }
}
