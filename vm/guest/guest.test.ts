// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Guest, GuestGone } from './guest.ts';
import { encodeFrame, type Frame, FrameReader, words } from './protocol.ts';
import { NoAnswer } from './questions.ts';

const HELLO = 'version=2\0release=6.12.0\0machine=x86_64\0cpus=2\0boot_us=1000\0';

interface Agent {
  guest: Guest;
  /** Our end, as the agent has it. */
  socket: Socket;
  /** Frames from the host, in order. */
  received: Frame[];
  /** Resolves when `count` frames have come. */
  got(count: number): Promise<Frame[]>;
  say(type: string, id: number, payload?: string | Buffer): void;
}

/** A guest over a real socket, and at its other end an agent that this test plays. */
async function startAgent(onFrame: (frame: Frame, agent: Agent) => void = () => {}): Promise<Agent> {
  const dir = await mkdtemp(join(tmpdir(), 'multitap-guest-'));
  const path = join(dir, 'control');
  const { promise, resolve } = Promise.withResolvers<Guest>();
  const server = createServer((socket) => resolve(new Guest(socket)));
  await new Promise<void>((listening) => server.listen(path, listening));
  const socket = createConnection(path);
  // The host may hang up on us: that is what some tests are about.
  socket.on('error', () => {});
  const guest = await promise;
  onTestFinished(async () => {
    guest.close('the test is over');
    socket.destroy();
    server.close();
    await rm(dir, { recursive: true, force: true });
  });
  const received: Frame[] = [];
  const waiting = new Set<() => void>();
  const agent: Agent = {
    guest,
    socket,
    received,
    got: (count) =>
      new Promise((enough) => {
        const look = () => {
          if (received.length >= count) enough(received);
        };
        waiting.add(look);
        look();
      }),
    say: (type, id, payload = '') => socket.write(encodeFrame(type, id, Buffer.from(payload))),
  };
  const reader = new FrameReader();
  socket.on('data', (chunk) => {
    for (const frame of reader.push(chunk)) {
      received.push(frame);
      onFrame(frame, agent);
    }
    for (const look of waiting) look();
  });
  return agent;
}

function exitPayload(code: number, signal = 0, timedOut = 0, leftovers = 0): Buffer {
  const payload = Buffer.alloc(48);
  [code, signal, timedOut, leftovers].forEach((value, i) => {
    payload.writeUInt32LE(value, i * 4);
  });
  payload.writeBigUInt64LE(2_000_000n, 24);
  return payload;
}

describe('a guest that answers', () => {
  test('says hello', async () => {
    const { guest, say } = await startAgent();
    say('H', 0, HELLO);
    expect(await guest.hello).toMatchObject({ release: '6.12.0', cpus: 2, bootMs: 1 });
  });

  test('streams both outputs, then the exit', async () => {
    const { guest } = await startAgent((frame, { say }) => {
      if (frame.type !== 'X') return;
      say('O', frame.id, 'out 1\n');
      say('E', frame.id, 'err\n');
      say('O', frame.id, Buffer.from([0, 255, 10]));
      say('Q', frame.id, exitPayload(3, 0, 0, 2));
    });
    const heard: [string, string][] = [];
    const execution = guest.exec(
      { argv: ['x'] },
      {
        onStdout: (chunk) => heard.push(['out', chunk.toString('latin1')]),
        onStderr: (chunk) => heard.push(['err', chunk.toString('latin1')]),
      },
    );
    expect(await execution.exit).toMatchObject({ code: 3, signal: 0, leftovers: 2, durationMs: 2000 });
    expect(heard).toEqual([
      ['out', 'out 1\n'],
      ['err', 'err\n'],
      ['out', '\0\xff\n'],
    ]);
  });

  test('keeps programs that run at once apart', async () => {
    const asked: number[] = [];
    const { guest } = await startAgent((frame, { say }) => {
      asked.push(frame.id);
      if (asked.length < 3) return;
      // The last one first, and what nobody asked for in between.
      for (const id of [...asked].reverse()) {
        say('O', id, `I am ${id}`);
        say('O', 4711, 'nobody’s');
        say('Q', 4711, exitPayload(99));
        say('Q', id, exitPayload(id));
      }
    });
    const runs = [1, 2, 3].map(() => {
      let output = '';
      const { id, exit } = guest.exec(
        { argv: ['x'] },
        {
          onStdout: (chunk) => {
            output += chunk;
          },
        },
      );
      return exit.then(({ code }) => ({ id, code, output }));
    });
    for (const { id, code, output } of await Promise.all(runs)) {
      expect(code).toBe(id);
      expect(output).toBe(`I am ${id}`);
    }
  });

  test('takes input in pieces of 64 KiB, its end, signals and sizes', async () => {
    const { guest, got } = await startAgent();
    const execution = guest.exec({ argv: ['cat'] });
    execution.exit.catch(() => {});
    const input = Buffer.alloc(150_000, 'abc');
    void execution.write(input);
    execution.end();
    execution.kill(15);
    execution.resize(50, 132);
    const frames = (await got(7)).slice(1);
    expect(frames.map(({ type, payload }) => [type, payload.length])).toEqual([
      ['I', 65_536],
      ['I', 65_536],
      ['I', 150_000 - 131_072],
      ['I', 0],
      ['K', 4],
      ['Z', 8],
    ]);
    expect(Buffer.concat(frames.slice(0, 4).map(({ payload }) => payload)).equals(input)).toBe(true);
    expect(frames[4]!.payload.readUInt32LE(0)).toBe(15);
    expect([frames[5]!.payload.readUInt32LE(0), frames[5]!.payload.readUInt32LE(4)]).toEqual([50, 132]);
    for (const { id } of frames) expect(id).toBe(execution.id);
  });

  test('is sent no more input than it has room for, and the rest as the program takes it', async () => {
    const { guest, got, received, say } = await startAgent();
    const execution = guest.exec({ argv: ['cat'] });
    execution.exit.catch(() => {});
    let sent = false;
    const writing = execution.write(Buffer.alloc(300_000)).then(() => {
      sent = true;
    });
    execution.end();
    await got(1 + 4);
    await guest.ping(50); // unanswered: whatever else was coming has come
    const input = () => received.filter(({ type }) => type === 'I').map(({ payload }) => payload.length);
    expect(input()).toEqual([65_536, 65_536, 65_536, 65_536]);
    expect(sent).toBe(false);
    say('W', execution.id, words(65_536));
    await writing;
    await guest.ping(50);
    expect(input().slice(4)).toEqual([300_000 - 262_144, 0]);
  });

  test('lets go of input that nobody takes any more', async () => {
    const { guest } = await startAgent((frame, { say }) => {
      if (frame.type === 'X') say('Q', frame.id, exitPayload(0));
    });
    const execution = guest.exec({ argv: ['true'] });
    const writing = execution.write(Buffer.alloc(1_000_000));
    await execution.exit;
    await writing;
    await execution.write(Buffer.from('more'));
  });

  test('tells its surroundings in pieces, one question at a time', async () => {
    let open = 0;
    const { guest } = await startAgent((frame, { say }) => {
      expect(frame).toMatchObject({ type: 'N' });
      expect(frame.payload.readUInt32LE(0)).toBe(5_000);
      expect(++open).toBe(1);
      say('N', frame.id, 'p12 sle');
      say('N', frame.id, 'ep\0lo up mtu 1\0skernel/panic=0\0t0\0e\0');
      setTimeout(() => {
        open--;
        say('N', frame.id, '');
      }, 20);
    });
    const [first, second] = await Promise.all([guest.surroundings(5_000), guest.surroundings(5_000)]);
    expect(first).toMatchObject({
      processes: ['12 sleep'],
      links: ['o up mtu 1'],
      sysctls: { 'kernel/panic': '0' },
    });
    expect(second).toEqual(first);
  });

  test('is refreshed, and asked by SysRq', async () => {
    const { guest, received } = await startAgent((frame, { say }) => {
      if (frame.type === 'R') say('H', 0, HELLO);
      say(frame.type, frame.id);
    });
    await guest.refresh({ timeUs: 1_700_000_000_123_456, seed: Buffer.alloc(32, 7), instance: 3 });
    await guest.sysrq('9w');
    expect(await guest.hello).toMatchObject({ version: 2 });
    const [refresh, sysrq] = received.map(({ payload }) => payload);
    expect([refresh!.readBigUInt64LE(0), refresh!.readUInt32LE(8), refresh!.length]).toEqual([
      1_700_000_000_123_456n,
      3,
      44,
    ]);
    expect(sysrq!.toString()).toBe('9w');
  });

  test.each<[string, (guest: Guest) => Promise<unknown>]>([
    ['its surroundings', (guest) => guest.surroundings(60_000)],
    ['to be refreshed', (guest) => guest.refresh({ timeUs: 0, seed: Buffer.alloc(32) })],
    ['SysRq', (guest) => guest.sysrq('w')],
  ])('may refuse %s', async (_, ask) => {
    const { guest } = await startAgent((frame, { say }) => say('F', frame.id, 'not here'));
    await expect(ask(guest)).rejects.toThrow(/refused: not here/);
  });

  test.each<[string, (guest: Guest) => Promise<unknown>]>([
    ['its surroundings', (guest) => guest.surroundings(50)],
    ['to be refreshed', (guest) => guest.refresh({ timeUs: 0, seed: Buffer.alloc(32) }, 50)],
    ['SysRq', (guest) => guest.sysrq('w', 50)],
  ])('may not answer %s in time', async (_, ask) => {
    const { guest } = await startAgent();
    await expect(ask(guest)).rejects.toBeInstanceOf(NoAnswer);
  });

  test('that answers without end is out of step', async () => {
    const { guest } = await startAgent((frame, { say }) => {
      for (let i = 0; i < 10; i++) say('N', frame.id, Buffer.alloc(1 << 19, 'x'));
    });
    await expect(guest.surroundings(60_000)).rejects.toThrow(/more than 4194304 bytes/);
  });

  test('says that it did not start a program', async () => {
    const { guest } = await startAgent((frame, { say }) =>
      say('F', frame.id, 'fork: Cannot allocate memory'),
    );
    const failure = await guest.exec({ argv: ['x'] }).exit.catch((error: Error) => error);
    expect(failure).not.toBeInstanceOf(GuestGone);
    expect((failure as Error).message).toContain('fork: Cannot allocate memory');
  });

  test('never hears of a program with a NUL in its arguments', async () => {
    const { guest, received } = await startAgent((frame, { say }) => say('P', frame.id));
    await expect(guest.exec({ argv: ['a\0b'] }).exit).rejects.toThrow(/NUL/);
    expect(await guest.ping(1000)).toBe(true);
    expect(received.map(({ type }) => type)).toEqual(['P']);
  });

  test('answers a ping, or does not within the time', async () => {
    let answers = true;
    const { guest } = await startAgent((frame, { say }) => {
      if (answers) say('P', frame.id);
    });
    expect(await guest.ping(1000)).toBe(true);
    answers = false;
    const began = performance.now();
    expect(await guest.ping(100)).toBe(false);
    expect(performance.now() - began).toBeGreaterThanOrEqual(99);
  });

  test('is asked to power off', async () => {
    const { guest, got } = await startAgent();
    guest.shutdown();
    expect((await got(1))[0]).toMatchObject({ type: 'S', id: 0 });
  });
});

describe('a guest that goes away', () => {
  test.each<[string, (agent: Agent) => void, RegExp]>([
    ['closes the channel', ({ socket }) => socket.end(), /the virtual machine ended/],
    ['is cut off', ({ socket }) => socket.destroy(), /./],
    ['is given up by us', ({ guest }) => guest.close('no answer within 5 s'), /no answer within 5 s/],
    ['sends a frame of 4 GiB', ({ socket }) => socket.write(Buffer.alloc(12, 0xff)), /out of step/],
    ['sends half an exit report', ({ say, received }) => say('Q', received[0]!.id, 'short'), /./],
  ])('%s: every wait ends with GuestGone', async (_, goAway, why) => {
    const agent = await startAgent();
    const { guest } = agent;
    const execution = guest.exec({ argv: ['sleep', '1000'] });
    const other = guest.exec({ argv: ['sleep', '1000'] });
    const ping = guest.ping(60_000);
    await agent.got(3);
    goAway(agent);
    for (const wait of [execution.exit, other.exit, guest.hello]) {
      const failure = await wait.then(
        () => null,
        (error: Error) => error,
      );
      expect(failure).toBeInstanceOf(GuestGone);
      expect(failure!.message).toMatch(why);
    }
    expect(await ping).toBe(false);
  });

  test('nothing more is asked of it, and nothing of that throws', async () => {
    const { guest } = await startAgent();
    const before = guest.exec({ argv: ['x'] });
    guest.close('first');
    guest.close('second');
    await expect(before.exit).rejects.toThrow('first');
    before.write(Buffer.from('x'));
    before.end();
    before.kill(9);
    before.resize(1, 1);
    guest.shutdown();
    expect(await guest.ping(60_000)).toBe(false);
    await expect(guest.exec({ argv: ['x'] }).exit).rejects.toBeInstanceOf(GuestGone);
  });
});

describe('a guest that talks nonsense', () => {
  const anyFrame = fc.tuple(
    fc.constantFrom('H', 'O', 'E', 'P', 'Q', 'F', 'W', 'N', 'R', 'Y', '?', '\0'),
    fc.integer({ min: 0, max: 3 }),
    fc.uint8Array({ maxLength: 40 }),
  );
  const nonsense = fc.oneof(
    fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
    fc.array(anyFrame, { maxLength: 10 }),
  );

  test('never throws: whatever comes, all waits settle once the channel closes', async () => {
    await fc.assert(
      fc.asyncProperty(nonsense, async (said) => {
        const { guest, socket, got } = await startAgent();
        const execution = guest.exec({ argv: ['x'] }, { onStdout: () => {}, onStderr: () => {} });
        const answer = guest.surroundings(60_000);
        const settled = Promise.allSettled([execution.exit, answer, execution.write(Buffer.alloc(500_000))]);
        const frames = await got(2);
        const ids = [0, execution.id, frames[1]!.id, 4711];
        const bytes = Buffer.isBuffer(said)
          ? said
          : Buffer.concat(said.map(([type, id, payload]) => encodeFrame(type, ids[id]!, payload)));
        socket.end(bytes);
        for (const result of await settled)
          if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(Error);
      }),
      { numRuns: 100 },
    );
  });
});
