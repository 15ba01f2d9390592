// SPDX-License-Identifier: GPL-2.0-only
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { takeLock } from './lock.ts';
import { Trouble } from './trouble.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'multitap-lock-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** A process of its own that takes the lock, says so, and then runs `then`. */
async function holder(path: string, then: string): Promise<ChildProcess> {
  const code = `
    const { takeLock } = await import(${JSON.stringify(join(import.meta.dirname, 'lock.ts'))});
    const lock = await takeLock(${JSON.stringify(path)});
    console.log('held');
    ${then}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  await once(child.stdout!, 'data');
  return child;
}

const forEver = 'setInterval(() => {}, 1000);';

test('one after the other', async () => {
  const path = join(dir, 'a', 'b.lock');
  const first = await takeLock(path);
  const order: string[] = [];
  const second = takeLock(path, () => order.push('waits')).then((lock) => {
    order.push('held');
    return lock;
  });
  await vi.waitUntil(() => order.length > 0, { timeout: 10_000 });
  expect(order).toEqual(['waits']);
  await first.release();
  await (await second).release();
  expect(order).toEqual(['waits', 'held']);
});

test('nobody is told to wait for a lock that is free', async () => {
  let waited = false;
  const lock = await takeLock(join(dir, 'free.lock'), () => {
    waited = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 1200));
  await lock.release();
  expect(waited).toBe(false);
});

test('of two paths, neither waits', async () => {
  const locks = await Promise.all(['x', 'y'].map((name) => takeLock(join(dir, name))));
  await Promise.all(locks.map((lock) => lock.release()));
});

test.each(['SIGKILL', 'SIGTERM'] as const)('a holder that gets %s lets go of it', async (signal) => {
  const path = join(dir, `killed-${signal}.lock`);
  const child = await holder(path, forEver);
  const taken = takeLock(path);
  await new Promise((resolve) => setTimeout(resolve, 100));
  child.kill(signal);
  const lock = await taken;
  await lock.release();
});

test('what a holder starts does not keep the lock when the holder is killed', async () => {
  const path = join(dir, 'grandchild.lock');
  const child = await holder(
    path,
    `const { spawn } = await import('node:child_process');
     spawn('sleep', ['3'], { detached: true, stdio: 'ignore' }).unref();
     ${forEver}`,
  );
  const began = performance.now();
  child.kill('SIGKILL');
  await (await takeLock(path)).release();
  expect(performance.now() - began).toBeLessThan(2000);
});

test('a lock that cannot be made is told, with the reason', async () => {
  const loop = join(dir, 'loop.lock');
  await symlink(loop, loop);
  await expect(takeLock(join(loop, 'x.lock'))).rejects.toThrow(/ELOOP/);
  const failure = await takeLock(loop).catch((error: Error) => error);
  expect(failure).toBeInstanceOf(Trouble);
  expect((failure as Trouble).message).toMatch(/loop\.lock could not be locked: flock: ./);
});

test('without flock, what to install is told', async () => {
  const { PATH } = process.env;
  onTestFinished(() => {
    process.env.PATH = PATH;
  });
  process.env.PATH = dir;
  const failure = await takeLock(join(dir, 'none.lock')).catch((error: Error) => error);
  expect(failure).toBeInstanceOf(Trouble);
  expect((failure as Trouble).message).toMatch(/flock.*\n.*\nDo: apt-get install util-linux$/);
});
