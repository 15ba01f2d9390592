// SPDX-License-Identifier: GPL-2.0-only
import type { Socket } from 'node:net';
import {
  decodeExit,
  decodeHello,
  type ExecRequest,
  type ExitReport,
  encodeExec,
  encodeFrame,
  FrameReader,
  type Hello,
} from './protocol.ts';

/** The guest went away, or fell silent, while something was asked of it. */
export class GuestGone extends Error {}

export interface Streams {
  onStdout?(chunk: Buffer): void;
  onStderr?(chunk: Buffer): void;
}

/** A program that runs in the guest. */
export interface Execution {
  id: number;
  /** @throws GuestGone where the guest dies first; Error where the program was not started */
  exit: Promise<ExitReport>;
  write(bytes: Uint8Array): void;
  /** Closes its standard input. */
  end(): void;
  kill(signal: number): void;
  resize(rows: number, columns: number): void;
}

interface Pending extends Streams {
  resolve(report: ExitReport): void;
  reject(error: Error): void;
}

/** The agent in a booted guest, at the other end of the control channel. */
export class Guest {
  readonly hello: Promise<Hello>;
  #socket: Socket;
  #pending = new Map<number, Pending>();
  #pongs = new Map<number, (answered: boolean) => void>();
  #nextId = 1;
  #gone: GuestGone | null = null;
  #sayHello!: (hello: Hello) => void;
  #noHello!: (error: Error) => void;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.hello = new Promise((resolve, reject) => {
      this.#sayHello = resolve;
      this.#noHello = reject;
    });
    this.hello.catch(() => {});
    const reader = new FrameReader();
    socket.on('data', (chunk) => {
      try {
        for (const frame of reader.push(chunk)) this.#arrived(frame.type, frame.id, frame.payload);
      } catch (error) {
        this.close((error as Error).message);
      }
    });
    socket.on('close', () => this.close('the virtual machine ended'));
    socket.on('error', (error) => this.close(error.message));
  }

  #arrived(type: string, id: number, payload: Buffer): void {
    const pending = this.#pending.get(id);
    if (type === 'H') this.#sayHello(decodeHello(payload));
    else if (type === 'O') pending?.onStdout?.(payload);
    else if (type === 'E') pending?.onStderr?.(payload);
    else if (type === 'P') this.#pongs.get(id)?.(true);
    else if (type === 'Q') pending?.resolve(decodeExit(payload));
    else if (type === 'F')
      pending?.reject(new Error(`the guest did not start the program: ${payload.toString('utf8')}`));
    // A newer agent may say more than we understand; what we need is versioned by the hello.
    if (type === 'Q' || type === 'F') this.#pending.delete(id);
  }

  /** Ends every wait, of programs with GuestGone; what the machine does when QEMU is gone or the guest is given up. */
  close(why: string): void {
    if (this.#gone) return;
    this.#gone = new GuestGone(why);
    this.#noHello(this.#gone);
    for (const { reject } of this.#pending.values()) reject(this.#gone);
    this.#pending.clear();
    for (const answer of this.#pongs.values()) answer(false);
    this.#socket.destroy();
  }

  exec(request: ExecRequest, streams: Streams = {}): Execution {
    const id = this.#nextId++;
    const exit = new Promise<ExitReport>((resolve, reject) => {
      if (this.#gone) return reject(this.#gone);
      this.#pending.set(id, { ...streams, resolve, reject });
      this.#socket.write(encodeFrame('X', id, encodeExec(request)));
    });
    const send = (type: string, payload: Uint8Array = Buffer.alloc(0)) => {
      if (!this.#gone) this.#socket.write(encodeFrame(type, id, payload));
    };
    const words = (...values: number[]) => Buffer.from(new Uint32Array(values).buffer);
    return {
      id,
      exit,
      write: (bytes) => {
        for (let at = 0; at < bytes.length; at += 65_536) send('I', bytes.subarray(at, at + 65_536));
      },
      end: () => send('I'),
      kill: (signal) => send('K', words(signal)),
      resize: (rows, columns) => send('Z', words(rows, columns)),
    };
  }

  /** Whether the agent answers within `timeoutMs`. */
  async ping(timeoutMs: number): Promise<boolean> {
    if (this.#gone) return false;
    const id = this.#nextId++;
    const answered = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs);
      this.#pongs.set(id, (answered) => {
        clearTimeout(timer);
        resolve(answered);
      });
      this.#socket.write(encodeFrame('P', id));
    });
    this.#pongs.delete(id);
    return answered;
  }

  shutdown(): void {
    if (!this.#gone) this.#socket.write(encodeFrame('S', 0));
  }
}
