// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSerial, type Serial } from './serial.ts';

let dir: string;
let path: string;
let serial: Serial;
let chunks: Buffer[];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'multitap-serial-'));
  path = join(dir, 'console');
  chunks = [];
  serial = await openSerial(path, (chunk) => chunks.push(chunk));
});

afterEach(async () => {
  serial.close();
  await rm(dir, { recursive: true });
});

/** Writes as QEMU does: the file is opened for both, each byte goes alone. */
function qemu(bytes: number): Promise<unknown> {
  const script = `
    const { openSync, writeSync } = require('node:fs');
    const out = openSync(${JSON.stringify(`${path}.out`)}, 'r+');
    for (let i = 0; i < ${bytes}; i++) writeSync(out, Buffer.of(i % 251));`;
  return execa(process.execPath, ['-e', script]);
}

describe('a serial port', () => {
  test('hands on every byte in its order, in few pieces, and then ends', async () => {
    await qemu(300_000);
    await serial.ended;
    const all = Buffer.concat(chunks);
    expect(all.length).toBe(300_000);
    expect(all.every((byte, i) => byte === i % 251)).toBe(true);
    expect(chunks.length).toBeLessThan(3_000);
  });

  test('hands on at once what comes alone', async () => {
    const out = await open(`${path}.out`, 'r+');
    await out.write('one');
    await expect.poll(() => Buffer.concat(chunks).toString(), { interval: 5, timeout: 500 }).toBe('one');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await out.write('two');
    await expect.poll(() => Buffer.concat(chunks).toString(), { interval: 5, timeout: 500 }).toBe('onetwo');
    await out.close();
    await serial.ended;
  });

  test('takes what is typed, before anybody reads it', async () => {
    serial.write('c');
    const keys = await open(`${path}.in`, 'r+');
    const { buffer, bytesRead } = await keys.read(Buffer.alloc(10), 0, 10, null);
    await keys.close();
    expect(buffer.toString('latin1', 0, bytesRead)).toBe('c');
  });

  test('that nobody has opened can be closed', async () => {
    serial.close();
    serial.write('too late');
    await serial.ended;
    expect(chunks).toEqual([]);
  });
});
