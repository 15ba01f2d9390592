// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Qmp, QmpReader, QmpRefused, QmpSilent } from './qmp.ts';

const GREETING = '{"QMP": {"version": {"qemu": {"micro": 13, "minor": 0, "major": 10}}, "capabilities": []}}';

interface Peer {
  qmp: Qmp;
  /** QEMU's end. */
  socket: Socket;
  received: { execute: string; arguments?: unknown; id: number }[];
  say(...lines: string[]): void;
}

/** A client over a real socket, and at its other end a QEMU that this test plays. */
async function startPeer(
  answer: (command: string, id: number, peer: Peer) => void = (_, id, peer) =>
    peer.say(`{"return": {}, "id": ${id}}`),
): Promise<Peer> {
  const dir = await mkdtemp(join(tmpdir(), 'multitap-qmp-'));
  const { promise, resolve } = Promise.withResolvers<Qmp>();
  const server = createServer((socket) => resolve(new Qmp(socket)));
  await new Promise<void>((listening) => server.listen(join(dir, 'qmp'), listening));
  const socket = createConnection(join(dir, 'qmp'));
  socket.on('error', () => {});
  const qmp = await promise;
  onTestFinished(async () => {
    qmp.close('the test is over');
    socket.destroy();
    server.close();
    await rm(dir, { recursive: true, force: true });
  });
  const peer: Peer = {
    qmp,
    socket,
    received: [],
    say: (...lines) => void socket.write(lines.map((line) => `${line}\r\n`).join('')),
  };
  let rest = '';
  socket.on('data', (chunk) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const request = JSON.parse(line);
      peer.received.push(request);
      if (request.execute === 'qmp_capabilities') peer.say(`{"return": {}, "id": ${request.id}}`);
      else answer(request.execute, request.id, peer);
    }
  });
  return peer;
}

describe('a monitor that answers', () => {
  test('is greeted, asked for its capabilities, then asked what there is to ask', async () => {
    const peer = await startPeer((command, id, { say }) =>
      say(`{"return": {"status": "${command}"}, "id": ${id}}`),
    );
    const early = peer.qmp.execute('query-status');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(peer.received).toEqual([]);
    peer.say(GREETING);
    expect(await peer.qmp.ready).toBe('10.0.13');
    expect(await early).toEqual({ status: 'query-status' });
    expect(peer.received.map(({ execute }) => execute)).toEqual(['qmp_capabilities', 'query-status']);
  });

  test('may answer in any order', async () => {
    const ids: number[] = [];
    const peer = await startPeer((_, id, { say }) => {
      ids.push(id);
      if (ids.length === 3)
        for (const late of ids.reverse()) say(`{"return": ${ids.indexOf(late)}, "id": ${late}}`);
    });
    peer.say(GREETING);
    const answers = await Promise.all(['a', 'b', 'c'].map((command) => peer.qmp.execute(command)));
    expect(answers).toEqual([2, 1, 0]);
  });

  test('refuses with its own words', async () => {
    const peer = await startPeer((_, id, { say }) =>
      say(`{"id": ${id}, "error": {"class": "CommandNotFound", "desc": "no such thing"}}`),
    );
    peer.say(GREETING);
    const refusal = await peer.qmp.execute('frobnicate').catch((error) => error);
    expect(refusal).toBeInstanceOf(QmpRefused);
    expect(refusal).toMatchObject({
      kind: 'CommandNotFound',
      message: 'QEMU refused frobnicate: no such thing',
    });
  });

  test('prints for the human monitor, without carriage returns', async () => {
    const peer = await startPeer((_, id, { say }) => say(`{"return": "a\\r\\nb\\r\\n", "id": ${id}}`));
    peer.say(GREETING);
    expect(await peer.qmp.monitor('info registers -a')).toBe('a\nb\n');
    expect(peer.received[1]).toMatchObject({
      execute: 'human-monitor-command',
      arguments: { 'command-line': 'info registers -a' },
    });
  });

  test('tells events to who listens, for as long as he listens', async () => {
    const peer = await startPeer();
    const heard: string[] = [];
    const end = peer.qmp.listen(({ name, data }) => heard.push(`${name} ${data.reason}`));
    const event = (name: string) =>
      `{"event": "${name}", "data": {"reason": "guest-reset"}, "timestamp": {"seconds": 1, "microseconds": 0}}`;
    peer.say(GREETING, event('SHUTDOWN'), '{"event": "STOP", "data": 7}');
    await peer.qmp.execute('a');
    end();
    peer.say(event('RESUME'));
    await peer.qmp.execute('b');
    expect(heard).toEqual(['SHUTDOWN guest-reset', 'STOP undefined']);
  });
});

describe('a monitor that does not', () => {
  test('greet: every question ends at its time-out', async () => {
    const { qmp } = await startPeer();
    const began = performance.now();
    const silence = (await qmp.execute('query-status', {}, 80).catch((error) => error)) as Error;
    expect(silence).toBeInstanceOf(QmpSilent);
    expect(silence.message).toBe('QEMU did not answer query-status within 80 ms');
    expect(performance.now() - began).toBeLessThan(2000);
  });

  test('answer in time: what it says later is nobody’s, and the next question has its own answer', async () => {
    const peer = await startPeer((command, id, { say }) => {
      if (command === 'slow') setTimeout(() => say(`{"return": "late", "id": ${id}}`), 100);
      else setTimeout(() => say(`{"return": "mine", "id": ${id}}`), 200);
    });
    peer.say(GREETING);
    await expect(peer.qmp.execute('slow', {}, 20)).rejects.toThrow(QmpSilent);
    expect(await peer.qmp.execute('next')).toBe('mine');
  });

  test('live: what was asked fails at once, and so does all that is asked after', async () => {
    const peer = await startPeer((_, __, { socket }) => socket.destroy());
    peer.say(GREETING);
    await expect(peer.qmp.execute('quit', {}, 60_000)).rejects.toThrow(QmpSilent);
    await expect(peer.qmp.execute('query-status', {}, 60_000)).rejects.toThrow(/monitor is closed/);
  });

  test('speak QMP: noise between messages is left out', async () => {
    const peer = await startPeer((_, id, { say }) =>
      say(
        'null',
        '[1]',
        '"id"',
        '{"id": "1", "return": 1}',
        '{"id": 999, "return": 1}',
        '\0\xff{',
        `{"return": 5, "id": ${id}}`,
      ),
    );
    peer.say('qemu: warning', '', GREETING);
    expect(await peer.qmp.execute('x')).toBe(5);
  });

  test('end a line: it is hung up on, and its memory is bounded', async () => {
    const peer = await startPeer();
    const asked = peer.qmp.execute('x', {}, 60_000);
    const closed = new Promise((resolve) => peer.socket.on('close', resolve));
    peer.socket.write(Buffer.alloc(9 * 2 ** 20, 'x'));
    await expect(asked).rejects.toThrow('QEMU’s monitor says what is not QMP');
    await closed;
  });
});

test('however the stream is cut, the same messages come out of it', () => {
  const message = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 });
  const noise = fc.string({ unit: 'grapheme' }).filter((text) => !/[\n{]/.test(text));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(message, noise, fc.boolean()), { maxLength: 6 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 30 })),
      (said, cuts) => {
        const stream = Buffer.from(
          said
            .map(([value, noise, isNoisy]) => `${isNoisy ? `${noise}\n` : ''}${JSON.stringify(value)}\r\n`)
            .join(''),
        );
        const reader = new QmpReader();
        const found: unknown[] = [];
        for (let at = 0; at < stream.length; ) {
          const length = cuts.next().value!;
          found.push(...reader.push(stream.subarray(at, at + length)));
          at += length;
        }
        expect(found).toEqual(said.map(([value]) => JSON.parse(JSON.stringify(value))));
      },
    ),
  );
});
