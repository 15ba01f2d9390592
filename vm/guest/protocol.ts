// SPDX-License-Identifier: GPL-2.0-only

/**
 * The host's half of the channel; `agent.h` is the guest's and tells the wire format. A frame is
 * u32 payload length · u32 exec id · u8 type · 3 × u8 zero · payload, all little endian.
 */
export const AGENT_VERSION = 2;

/** The agent sends chunks of at most 32 KiB: anything far larger means that we lost step. */
const FRAME_MAX = 1 << 20;
const HEADER = 12;

/** Bytes of a program's input that may be on the way: what the agent keeps room for (INPUT_WINDOW). */
export const INPUT_WINDOW = 1 << 18;

export interface Frame {
  type: string;
  id: number;
  payload: Buffer;
}

export function encodeFrame(type: string, id: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const frame = Buffer.alloc(HEADER + payload.length);
  frame.writeUInt32LE(payload.length, 0);
  frame.writeUInt32LE(id, 4);
  frame.writeUInt8(type.charCodeAt(0), 8);
  frame.set(payload, HEADER);
  return frame;
}

/** Unsigned 32-bit words, little endian. */
export function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries())
    bytes.writeUInt32LE(Math.min(Math.max(Math.round(value), 0), 0xffffffff), i * 4);
  return bytes;
}

/** Cuts a byte stream into frames, however it was chunked. */
export class FrameReader {
  #pieces: Buffer[] = [];
  #length = 0;
  /** Bytes until the frame that has begun is whole: nothing is put together before. */
  #wanted = HEADER;

  /** @throws Error when a frame announces more than 1 MiB: the stream is not ours, or out of step */
  push(chunk: Buffer): Frame[] {
    this.#pieces.push(chunk);
    this.#length += chunk.length;
    const frames: Frame[] = [];
    if (this.#length < this.#wanted) return frames;
    let buffer = this.#pieces.length === 1 ? chunk : Buffer.concat(this.#pieces);
    this.#wanted = HEADER;
    while (buffer.length >= HEADER) {
      const length = buffer.readUInt32LE(0);
      if (length > FRAME_MAX)
        throw new Error(`a frame of ${length} bytes: the guest’s channel is out of step`);
      this.#wanted = HEADER + length;
      if (buffer.length < this.#wanted) break;
      frames.push({
        type: String.fromCharCode(buffer.readUInt8(8)),
        id: buffer.readUInt32LE(4),
        payload: buffer.subarray(HEADER, this.#wanted),
      });
      buffer = buffer.subarray(this.#wanted);
      this.#wanted = HEADER;
    }
    this.#pieces = buffer.length > 0 ? [buffer] : [];
    this.#length = buffer.length;
    return frames;
  }
}

/** What a program may use; the agent ends one that goes beyond, or lets its system call fail. */
export interface Limits {
  /** Of both streams together: at the first byte more all its processes are killed. */
  outputBytes?: number;
  /** Processes and threads at once: fork fails with EAGAIN. Without: 4096, less in a small guest. */
  processes?: number;
  /** Of each file: SIGXFSZ, as RLIMIT_FSIZE does. */
  fileBytes?: number;
}

export interface ExecRequest {
  argv: string[];
  /** Added to the agent's own PATH, HOME and TERM. */
  env?: Record<string, string>;
  cwd?: string;
  /** 0 or nothing: none. */
  timeoutMs?: number;
  /** A terminal instead of three pipes. */
  terminal?: { rows: number; columns: number };
  /** Writes begin and end into the kernel's log, so that the console can be cut there. */
  mark?: boolean;
  limits?: Limits;
}

/** The words of both marks, u32. A program can read the first in the log while it runs, and not guess the other. */
export interface MarkWords {
  begin: number;
  end: number;
}

/** @throws Error for a NUL inside an argument: it would become two */
export function encodeExec(request: ExecRequest, marks: MarkWords = { begin: 0, end: 0 }): Buffer {
  const env = Object.entries(request.env ?? {}).map(([name, value]) => `${name}=${value}`);
  const head = words(
    (request.terminal ? 1 : 0) | (request.mark ? 2 : 0),
    request.timeoutMs ?? 0,
    request.terminal?.rows ?? 0,
    request.terminal?.columns ?? 0,
    request.argv.length,
    env.length,
    marks.begin,
    marks.end,
    request.limits?.processes ?? 0,
    0,
  );
  const sizes = Buffer.alloc(16);
  sizes.writeBigUInt64LE(BigInt(Math.round(request.limits?.outputBytes ?? 0)), 0);
  sizes.writeBigUInt64LE(BigInt(Math.round(request.limits?.fileBytes ?? 0)), 8);
  const strings = [request.cwd ?? '', ...request.argv, ...env];
  if (strings.some((text) => text.includes('\0')))
    throw new Error('a NUL inside an argument or the environment');
  const payload = Buffer.concat([head, sizes, Buffer.from(strings.map((text) => `${text}\0`).join(''))]);
  if (payload.length > FRAME_MAX)
    throw new Error(`arguments and environment of ${payload.length} bytes: more than 1 MiB`);
  return payload;
}

export type LimitName = 'output' | 'processes' | 'file';
const LIMIT_BITS: [number, LimitName][] = [
  [1, 'output'],
  [2, 'processes'],
  [4, 'file'],
];

export interface ExitReport {
  /** The exit code; 0 where a signal ended it. */
  code: number;
  /** The signal's number; 0 where none did. */
  signal: number;
  timedOut: boolean;
  /** Processes that outlived the first one and were killed. */
  leftovers: number;
  /** Guest time from start to the end of the first process. */
  durationMs: number;
  /** User and system time of all its processes. */
  cpuMs: number;
  /** Of the largest of its processes that was waited for. */
  maxRssBytes?: number;
  /** Limits that it hit: `file` only where the first process itself was ended for it. */
  limits?: LimitName[];
}

/** @throws RangeError where it is too short */
export function decodeExit(payload: Buffer): ExitReport {
  const u64 = (at: number) => Number(payload.readBigUInt64LE(at));
  const limits = payload.readUInt32LE(16);
  return {
    code: payload.readUInt32LE(0),
    signal: payload.readUInt32LE(4),
    timedOut: payload.readUInt32LE(8) !== 0,
    leftovers: payload.readUInt32LE(12),
    durationMs: u64(24) / 1000,
    cpuMs: u64(32) / 1000,
    maxRssBytes: u64(40),
    limits: LIMIT_BITS.filter(([bit]) => limits & bit).map(([, name]) => name),
  };
}

/** What the agent says of itself and the guest at the beginning. */
export interface Hello {
  version: number;
  release: string;
  machine: string;
  cpus: number;
  /** Guest uptime when the agent was ready. */
  bootMs: number;
}

export function decodeHello(payload: Buffer): Hello {
  const pairs = payload.toString('utf8').split('\0').filter(Boolean);
  const fields = Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
  return {
    version: Number(fields.version),
    release: fields.release ?? '',
    machine: fields.machine ?? '',
    cpus: Number(fields.cpus),
    bootMs: Number(fields.boot_us) / 1000,
  };
}

export interface Refresh {
  /** CLOCK_REALTIME, µs since 1970. */
  timeUs: number;
  /** 32 to 256 random bytes. */
  seed: Uint8Array;
  /** Which of the guests out of one snapshot this is; part of the seed. */
  instance?: number;
}

export function encodeRefresh({ timeUs, seed, instance = 0 }: Refresh): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigUInt64LE(BigInt(Math.round(timeUs)));
  return Buffer.concat([time, words(instance), seed]);
}
