// SPDX-License-Identifier: GPL-2.0-only

/**
 * The host's half of the channel; `agent.h` is the guest's and tells the wire format. A frame is
 * u32 payload length · u32 exec id · u8 type · 3 × u8 zero · payload, all little endian.
 */
export const AGENT_VERSION = 1;

/** The agent sends chunks of at most 32 KiB: anything far larger means that we lost step. */
const FRAME_MAX = 1 << 20;
const HEADER = 12;

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

/** Cuts a byte stream into frames, however it was chunked. */
export class FrameReader {
  #pieces: Buffer[] = [];
  #length = 0;

  /** @throws Error when a frame announces more than 1 MiB: the stream is not ours, or out of step */
  push(chunk: Buffer): Frame[] {
    this.#pieces.push(chunk);
    this.#length += chunk.length;
    const frames: Frame[] = [];
    if (this.#length < HEADER) return frames;
    let buffer = this.#pieces.length === 1 ? chunk : Buffer.concat(this.#pieces);
    while (buffer.length >= HEADER) {
      const length = buffer.readUInt32LE(0);
      if (length > FRAME_MAX)
        throw new Error(`a frame of ${length} bytes: the guest’s channel is out of step`);
      if (buffer.length < HEADER + length) break;
      frames.push({
        type: String.fromCharCode(buffer.readUInt8(8)),
        id: buffer.readUInt32LE(4),
        payload: buffer.subarray(HEADER, HEADER + length),
      });
      buffer = buffer.subarray(HEADER + length);
    }
    this.#pieces = buffer.length > 0 ? [buffer] : [];
    this.#length = buffer.length;
    return frames;
  }
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
}

/** @throws Error for a NUL inside an argument: it would become two */
export function encodeExec(request: ExecRequest): Buffer {
  const env = Object.entries(request.env ?? {}).map(([name, value]) => `${name}=${value}`);
  const head = Buffer.alloc(24);
  const flags = (request.terminal ? 1 : 0) | (request.mark ? 2 : 0);
  [
    flags,
    request.timeoutMs ?? 0,
    request.terminal?.rows ?? 0,
    request.terminal?.columns ?? 0,
    request.argv.length,
    env.length,
  ].forEach((value, i) => {
    head.writeUInt32LE(Math.min(Math.round(value), 0xffffffff), i * 4);
  });
  const strings = [request.cwd ?? '', ...request.argv, ...env];
  if (strings.some((text) => text.includes('\0')))
    throw new Error('a NUL inside an argument or the environment');
  return Buffer.concat([head, Buffer.from(strings.map((text) => `${text}\0`).join(''))]);
}

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
}

export function decodeExit(payload: Buffer): ExitReport {
  const u64 = (at: number) => Number(payload.readBigUInt64LE(at)) / 1000;
  return {
    code: payload.readUInt32LE(0),
    signal: payload.readUInt32LE(4),
    timedOut: payload.readUInt32LE(8) !== 0,
    leftovers: payload.readUInt32LE(12),
    durationMs: u64(16),
    cpuMs: u64(24),
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
