// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { parseStat, qemuBelow } from './host-process.ts';

test.each([
  ['7 (sh) S 1 7 7 0 -1', { pid: 7, name: 'sh', state: 'S', parent: 1 }],
  ['7 (a) R (b)) T 31 7', { pid: 7, name: 'a) R (b)', state: 'T', parent: 31 }],
  ['7 (two\nlines) Z 1 7', { pid: 7, name: 'two\nlines', state: 'Z', parent: 1 }],
  ['', null],
  ['7 (sh)', null],
])('%j', (stat, expected) => {
  expect(parseStat(stat)).toEqual(expected);
});

test('QEMU is found below what started it, by its name, with its state', async () => {
  const script =
    'exec 3>&1; (printf qemu-system-x86_64 > /proc/self/comm; echo up >&3; while :; do sleep 1; done) & wait';
  const parent = spawn('bash', ['-c', script], { detached: true });
  onTestFinished(() => void process.kill(-parent.pid!, 'SIGKILL'));
  await new Promise((resolve) => parent.stdout.once('data', resolve));
  const found = (await qemuBelow(parent.pid!))!;
  expect(found.name).toBe('qemu-system-x86');
  expect(found.parent).toBe(parent.pid);
  process.kill(found.pid, 'SIGSTOP');
  for (let tries = 0; tries < 50 && (await qemuBelow(parent.pid!))?.state !== 'T'; tries++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await qemuBelow(parent.pid!))?.state).toBe('T');
  expect(await qemuBelow(found.pid + 1_000_000_000)).toBeNull();
});
