// SPDX-License-Identifier: GPL-2.0-only
import type { Socket } from 'node:net';

/** No answer of QEMU's is nearly as long: `info registers -a` of 64 processors is 250 KB. */
const LINE_MAX = 8 * 2 ** 20;
const NEWLINE = 10;

/** QEMU answered that it will not, or cannot, do what it was asked for. */
export class QmpRefused extends Error {
  /** `GenericError`, `CommandNotFound`, … */
  readonly kind: string;

  constructor(command: string, kind: string, words: string) {
    super(`QEMU refused ${command}: ${words}`);
    this.kind = kind;
  }
}

/** QEMU did not answer: it is stopped, too busy, or gone. */
export class QmpSilent extends Error {}

export interface QmpEvent {
  name: string;
  data: Record<string, unknown>;
}

/** What of an answer is looked at; all of it comes from a process that may be in a guest's hands. */
interface Message {
  QMP?: { version?: { qemu?: { major?: unknown; minor?: unknown; micro?: unknown } } };
  id?: unknown;
  return?: unknown;
  error?: { class?: unknown; desc?: unknown };
  event?: unknown;
  data?: unknown;
}

interface Pending {
  command: string;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Cuts QMP's stream into its JSON objects, one a line; what is not such an object is left out. */
export class QmpReader {
  #pieces: Buffer[] = [];
  #length = 0;

  /** @throws Error for a line of more than 8 MiB: the stream is not QMP's */
  push(chunk: Buffer): Message[] {
    const messages: Message[] = [];
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      const line = Buffer.concat([...this.#pieces, chunk.subarray(from, at)]).toString('utf8');
      this.#pieces = [];
      this.#length = 0;
      from = at + 1;
      const message = parse(line);
      if (message) messages.push(message);
    }
    this.#pieces.push(chunk.subarray(from));
    this.#length += chunk.length - from;
    if (this.#length > LINE_MAX) throw new Error('QEMU’s monitor says what is not QMP');
    return messages;
  }
}

function parse(line: string): Message | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Message) : null;
  } catch {
    return null;
  }
}

/**
 * QEMU's monitor, at the other end of a socket. QMP: JSON objects, one a line; a greeting, then
 * `qmp_capabilities`, then commands with ids, and events in between (QEMU's docs/interop/qmp-spec.rst).
 */
export class Qmp {
  /** QEMU's version, once it takes commands. @throws QmpSilent where it ends before */
  readonly ready: Promise<string>;
  #socket: Socket;
  #pending = new Map<number, Pending>();
  #listeners = new Set<(event: QmpEvent) => void>();
  #nextId = 1;
  #gone: QmpSilent | null = null;
  #greeted = Promise.withResolvers<string>();

  constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new QmpReader();
    socket.on('data', (chunk) => {
      try {
        for (const message of reader.push(chunk)) this.#arrived(message);
      } catch (error) {
        this.close((error as Error).message);
      }
    });
    socket.on('close', () => this.close('QEMU’s monitor is closed'));
    socket.on('error', (error) => this.close(`QEMU’s monitor is closed: ${error.message}`));
    this.ready = this.#greeted.promise.then(async (version) => {
      await this.#send('qmp_capabilities');
      return version;
    });
    this.ready.catch(() => {});
  }

  #arrived(message: Message): void {
    if (message.QMP) {
      const { major, minor, micro } = message.QMP.version?.qemu ?? {};
      this.#greeted.resolve([major, minor, micro].join('.'));
    } else if (typeof message.event === 'string') {
      const data = typeof message.data === 'object' && message.data !== null ? message.data : {};
      for (const listener of this.#listeners)
        listener({ name: message.event, data: data as QmpEvent['data'] });
    } else if (typeof message.id === 'number') {
      // Answers that nobody waits for any more are late.
      const pending = this.#pending.get(message.id);
      this.#pending.delete(message.id);
      if (!pending) return;
      const { error } = message;
      if (error) pending.reject(new QmpRefused(pending.command, String(error.class), String(error.desc)));
      else pending.resolve(message.return);
    }
  }

  #send(command: string, args?: object, signal?: AbortSignal): Promise<unknown> {
    const id = this.#nextId++;
    signal?.addEventListener('abort', () => this.#pending.delete(id));
    return new Promise<unknown>((resolve, reject) => {
      if (this.#gone) return reject(this.#gone);
      this.#pending.set(id, { command, resolve, reject });
      this.#socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
    });
  }

  /**
   * What a command returns.
   *
   * @throws QmpRefused where QEMU answers with an error; QmpSilent after `timeoutMs`, or when QEMU is gone
   */
  async execute(command: string, args?: object, timeoutMs = 5_000): Promise<unknown> {
    const patience = new AbortController();
    const silence = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      silence.reject(new QmpSilent(`QEMU did not answer ${command} within ${timeoutMs} ms`));
      patience.abort();
    }, timeoutMs);
    try {
      return await Promise.race([
        this.ready.then(() => this.#send(command, args, patience.signal)),
        silence.promise,
      ]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** What a command of the human monitor prints: for what QMP has no command for. `cpu` is whose view it takes. */
  async monitor(line: string, timeoutMs = 5_000, cpu?: number): Promise<string> {
    const args = { 'command-line': line, 'cpu-index': cpu };
    return String(await this.execute('human-monitor-command', args, timeoutMs)).replaceAll('\r', '');
  }

  /** Calls `listener` with every event from now on; returns what ends it. */
  listen(listener: (event: QmpEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Ends every wait with QmpSilent. */
  close(why: string): void {
    if (this.#gone) return;
    this.#gone = new QmpSilent(why);
    this.#greeted.reject(this.#gone);
    for (const { reject } of this.#pending.values()) reject(this.#gone);
    this.#pending.clear();
    this.#socket.destroy();
  }
}
