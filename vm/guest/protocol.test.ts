// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AGENT_VERSION,
  decodeExit,
  decodeHello,
  type ExecRequest,
  encodeExec,
  encodeFrame,
  type Frame,
  FrameReader,
} from './protocol.ts';

const frame: fc.Arbitrary<Frame> = fc.record({
  type: fc.constantFrom('H', 'O', 'E', 'Q', 'F', 'P', '\0', '\xff'),
  id: fc.integer({ min: 0, max: 0xffffffff }),
  payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

/** Feeds `bytes` cut into pieces of these lengths, the rest at the end. */
function readCut(bytes: Buffer, lengths: number[]): Frame[] {
  const reader = new FrameReader();
  const frames: Frame[] = [];
  let at = 0;
  for (const length of [...lengths, bytes.length]) {
    // A copy, as a socket gives: the reader must not depend on neighbouring bytes.
    frames.push(...reader.push(Buffer.from(bytes.subarray(at, at + length))));
    at += length;
  }
  return frames;
}

describe('frames', () => {
  test('come back as they were sent, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 20 }), fc.array(fc.nat({ max: 40 })), (sent, cuts) => {
        const bytes = Buffer.concat(sent.map(({ type, id, payload }) => encodeFrame(type, id, payload)));
        expect(readCut(bytes, cuts)).toEqual(sent);
      }),
      { numRuns: 300 },
    );
  });

  test('byte by byte', () => {
    const bytes = Buffer.concat([encodeFrame('O', 7, Buffer.from('hello')), encodeFrame('P', 8)]);
    const found = readCut(
      bytes,
      Array.from(bytes, () => 1),
    );
    expect(found.map(({ type, id, payload }) => [type, id, String(payload)])).toEqual([
      ['O', 7, 'hello'],
      ['P', 8, ''],
    ]);
  });

  test('have the layout that agent.h tells', () => {
    expect(encodeFrame('X', 0x01020304, Buffer.from('ab')).toString('hex')).toBe(
      '0200000004030201580000006162',
    );
    const header = readFileSync(join(import.meta.dirname, 'agent.h'), 'utf8');
    expect(header).toContain(`#define AGENT_VERSION ${AGENT_VERSION}\n`);
    expect(header).toContain('#define FRAME_HEADER 12\n');
  });

  test('a frame of 1 MiB is read, a longer one refused before it is waited for', () => {
    const reader = new FrameReader();
    expect(reader.push(encodeFrame('O', 1, Buffer.alloc(1 << 20)))).toHaveLength(1);
    const header = encodeFrame('O', 1);
    header.writeUInt32LE((1 << 20) + 1, 0);
    expect(() => reader.push(header)).toThrow(/1048577 bytes.*out of step/);
  });

  test('any bytes give frames or are refused as out of step', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat({ max: 20 })), (bytes, cuts) => {
        try {
          for (const { payload } of readCut(Buffer.from(bytes), cuts))
            expect(payload.length).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect((error as Error).message).toContain('out of step');
        }
      }),
    );
  });
});

/** What the agent's `task_start` makes of a request. */
function decodeExec(payload: Buffer): {
  head: number[];
  sizes: bigint[];
  cwd: string;
  argv: string[];
  env: string[];
} {
  const head = Array.from({ length: 10 }, (_, i) => payload.readUInt32LE(i * 4));
  const [cwd, ...strings] = payload.toString('utf8', 56).split('\0');
  expect(strings.pop()).toBe('');
  const sizes = [payload.readBigUInt64LE(40), payload.readBigUInt64LE(48)];
  return { head, sizes, cwd: cwd!, argv: strings.slice(0, head[4]), env: strings.slice(head[4]) };
}

describe('exec requests', () => {
  test('carry everything', () => {
    const request: ExecRequest = {
      argv: ['/bin/sh', '-c', 'echo "ü"', ''],
      env: { A: '1', B: 'x=y' },
      cwd: '/opt',
      timeoutMs: 1500.4,
      terminal: { rows: 24, columns: 80 },
      mark: true,
      limits: { processes: 50, outputBytes: 5e9, fileBytes: 9 },
    };
    expect(decodeExec(encodeExec(request, { begin: 7, end: 0xffffffff }))).toEqual({
      head: [3, 1500, 24, 80, 4, 2, 7, 0xffffffff, 50, 0],
      sizes: [5_000_000_000n, 9n],
      cwd: '/opt',
      argv: request.argv,
      env: ['A=1', 'B=x=y'],
    });
  });

  test('with nothing but a program', () => {
    expect(decodeExec(encodeExec({ argv: ['true'] }))).toEqual({
      head: [0, 0, 0, 0, 1, 0, 0, 0, 0, 0],
      sizes: [0n, 0n],
      cwd: '',
      argv: ['true'],
      env: [],
    });
  });

  test('any strings without NUL come back', () => {
    const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), text, (argv, cwd) => {
        expect(decodeExec(encodeExec({ argv, cwd }))).toMatchObject({ argv, cwd });
      }),
    );
  });

  test('a time-out beyond 49 days is the longest one, not a short one', () => {
    expect(decodeExec(encodeExec({ argv: ['x'], timeoutMs: 2 ** 33 })).head[1]).toBe(0xffffffff);
  });

  test('of more than a frame may hold are refused', () => {
    expect(() => encodeExec({ argv: ['x'.repeat(1 << 20)] })).toThrow(/more than 1 MiB/);
  });

  test.each<[string, ExecRequest]>([
    ['an argument', { argv: ['sh', '-c', 'a\0b'] }],
    ['the folder', { argv: ['sh'], cwd: '/opt\0' }],
    ['a variable', { argv: ['sh'], env: { A: '\0' } }],
    ['a variable’s name', { argv: ['sh'], env: { 'A\0B': 'x' } }],
  ])('a NUL in %s is refused: it would become two', (_, request) => {
    expect(() => encodeExec(request)).toThrow(/NUL/);
  });
});

describe('an exit report', () => {
  test('has all its fields', () => {
    const payload = Buffer.alloc(48);
    [3, 9, 1, 17, 5].forEach((value, i) => {
      payload.writeUInt32LE(value, i * 4);
    });
    payload.writeBigUInt64LE(1_234_567n, 24);
    payload.writeBigUInt64LE(500n, 32);
    payload.writeBigUInt64LE(8_000_000_000n, 40);
    expect(decodeExit(payload)).toEqual({
      code: 3,
      signal: 9,
      timedOut: true,
      leftovers: 17,
      durationMs: 1234.567,
      cpuMs: 0.5,
      maxRssBytes: 8e9,
      limits: ['output', 'file'],
    });
  });

  test('of any bytes is one, or refused for its length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        if (bytes.length < 48) expect(() => decodeExit(Buffer.from(bytes))).toThrow(RangeError);
        else expect(decodeExit(Buffer.from(bytes)).leftovers).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('the hello', () => {
  test('is read by its keys', () => {
    const text = 'version=2\0release=6.12.107+deb13-cloud-amd64\0machine=x86_64\0cpus=2\0boot_us=2500000\0';
    expect(decodeHello(Buffer.from(text))).toEqual({
      version: 2,
      release: '6.12.107+deb13-cloud-amd64',
      machine: 'x86_64',
      cpus: 2,
      bootMs: 2500,
    });
  });

  test('of another version may say more, and less', () => {
    expect(decodeHello(Buffer.from('version=9\0mood=good=really\0'))).toMatchObject({
      version: 9,
      release: '',
    });
    expect(decodeHello(Buffer.alloc(0)).version).toBeNaN();
  });

  test('of any bytes is read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(typeof decodeHello(Buffer.from(bytes)).release).toBe('string');
      }),
    );
  });
});
