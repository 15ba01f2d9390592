// SPDX-License-Identifier: GPL-2.0-only
import { readdir } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Guest } from '../vm/guest/guest.ts';
import { encodeExec, encodeFrame } from '../vm/guest/protocol.ts';
import { inSandbox } from '../vm/rootfs/sandbox.ts';
import { preparedGuest } from './support/guest.ts';
import { folderForTest, root, temporaryFolder } from './support/program.ts';

const SOURCES = join(root, 'vm/guest');
/** Where these need a guest around them, `fuzz/outside.c` stands in. */
const INSIDE = ['hold.c', 'port.c', 'setup.c'];

let tree: string;
let program: string;

beforeAll(async () => {
  const { rootfs } = await preparedGuest();
  tree = rootfs.tree;
  const dir = await temporaryFolder('agent-fuzz');
  program = join(dir, 'agent');
  const units = (await readdir(SOURCES)).filter((name) => name.endsWith('.c') && !INSIDE.includes(name));
  await inSandbox({ root: tree, readable: [SOURCES], writable: [dir] }, [
    'gcc',
    ...['-D_GNU_SOURCE', '-std=gnu11', '-g', '-O1', '-Wall', '-Wextra', '-Werror'],
    ...['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-o', program],
    ...[...units, 'fuzz/outside.c'].map((name) => join(SOURCES, name)),
  ]);
});

interface Outside {
  guest: Guest;
  socket: Socket;
  /** How it ended, and what it said. */
  ended: Promise<{ exitCode?: number | undefined; stderr: string }>;
}

/** The agent as a process of the sandbox, with its sanitizers. */
async function startOutside(): Promise<Outside> {
  const dir = await folderForTest('agent');
  const path = join(dir, 'port');
  const connected = Promise.withResolvers<Socket>();
  const server: Server = createServer((socket) => connected.resolve(socket));
  await new Promise<void>((listening) => server.listen(path, listening));
  const agent = inSandbox(
    {
      root: tree,
      readable: [program],
      writable: [dir],
      env: { PORT: path, ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=0' },
    },
    [program],
    { reject: false },
  );
  const socket = await connected.promise;
  const guest = new Guest(socket);
  onTestFinished(() => {
    guest.close('the test is over');
    agent.kill('SIGKILL');
    server.close();
  });
  await guest.hello;
  return { guest, socket, ended: agent.then(({ exitCode, stderr }) => ({ exitCode, stderr })) };
}

const id = fc.integer({ min: 1, max: 4 });
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((found) => Buffer.from(found));
const word = fc.constantFrom('true', 'cat', 'sleep', 'echo', '0.3', '/no/such', '', 'x'.repeat(5000));

/** Requests that are nearly right, and any bytes under any type; never one that would reach a real machine. */
const frame = fc.oneof(
  fc
    .tuple(
      id,
      fc.array(word, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('', '/', '/no/such'),
      fc.boolean(),
      fc.nat({ max: 3 }),
      fc.nat({ max: 80 }),
    )
    .map(([id, argv, cwd, terminal, cut, timeoutMs]) => {
      const request = encodeExec({
        argv,
        cwd,
        timeoutMs,
        ...(terminal ? { terminal: { rows: 9, columns: 9 } } : {}),
        limits: { outputBytes: cut * 100 },
      });
      return encodeFrame('X', id, request.subarray(0, request.length - cut));
    }),
  fc.tuple(id, bytes(200)).map(([id, payload]) => encodeFrame('X', id, payload)),
  fc.tuple(id, bytes(3000)).map(([id, payload]) => encodeFrame('I', id, payload)),
  // More than the window, which we never send.
  fc.tuple(id, fc.nat({ max: 300_000 })).map(([id, size]) => encodeFrame('I', id, Buffer.alloc(size))),
  fc
    .tuple(id, fc.nat({ max: 64 }))
    .map(([id, signal]) => encodeFrame('K', id, Buffer.from([signal, 0, 0, 0]))),
  fc
    .tuple(fc.constantFrom('Z', 'P', 'N', 'R', 'Y', '?', '\0', 'K'), fc.nat({ max: 9 }), bytes(100))
    .map(([type, id, payload]) => encodeFrame(type, id, payload)),
);

describe('the agent, with sanitizers', () => {
  it('does what it does in a guest', async () => {
    const { guest } = await startOutside();
    let out = '';
    const echo = guest.exec(
      { argv: ['cat'] },
      {
        onStdout: (chunk) => {
          out += chunk;
        },
      },
    );
    await echo.write(Buffer.alloc(500_000, 'x'));
    echo.end();
    expect(await echo.exit).toMatchObject({ code: 0, signal: 0 });
    expect(out).toHaveLength(500_000);
    expect((await guest.surroundings(60_000)).mounts.length).toBeGreaterThan(0);
  });

  it('keeps step and its memory whatever frames come, however the stream is cut', async () => {
    const { guest, socket, ended } = await startOutside();
    let over: { stderr: string } | null = null;
    void ended.then((found) => {
      over = found;
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(frame, { maxLength: 30 }),
        fc.array(fc.nat({ max: 400 }), { maxLength: 10 }),
        async (frames, cuts) => {
          const stream = Buffer.concat(frames);
          let at = 0;
          for (const length of [...cuts, stream.length]) {
            socket.write(stream.subarray(at, at + length));
            at += length;
          }
          const answered = await guest.ping(60_000);
          expect(over?.stderr ?? '').toBe('');
          expect(answered).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('gives up where the host is out of step', async () => {
    const { socket, ended } = await startOutside();
    socket.write(Buffer.alloc(100, 0xff));
    const { exitCode, stderr } = await ended;
    expect(stderr).toContain('larger than 1 MiB');
    expect(exitCode).toBe(77);
  });
});
