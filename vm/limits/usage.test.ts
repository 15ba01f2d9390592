// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { diskUsage, usageOf } from './usage.ts';

async function running(script: string): Promise<number> {
  const run = execa('bash', ['-c', script], { reject: false, detached: true });
  onTestFinished(async () => {
    process.kill(-run.pid!, 'SIGKILL');
    await run;
  });
  await new Promise((resolve) => run.stdout.once('data', resolve));
  return run.pid!;
}

test('adds up a process and all below it, whatever they are called', async () => {
  const pid = await running(
    `exec -a ') R 1 (' bash -c 'sleep 100 & (sleep 100 & echo; wait) & x=$(head -c 30000000 /dev/zero | tr "\\0" x); echo; wait'`,
  );
  await expect.poll(() => usageOf(pid, 100).processes, { timeout: 5000 }).toBeGreaterThanOrEqual(4);
  await expect.poll(() => usageOf(pid, 100).memoryBytes, { timeout: 10_000 }).toBeGreaterThan(30_000_000);
  expect(usageOf(pid, 100).memoryBytes).toBeLessThan(400_000_000);
});

test('counts threads, and time of those that have ended', async () => {
  const pid = await running('i=0; (while [ $i -lt 200000 ]; do i=$((i+1)); done); echo; sleep 100; true');
  expect(usageOf(pid, 100).cpuSeconds).toBeGreaterThan(0.05);
  const threads = usageOf(process.pid, 100_000).processes;
  expect(threads).toBeGreaterThan(4);
});

test('looks at no more processes than are asked for; at none where there is none', () => {
  expect(usageOf(process.pid, 1).processes).toBeGreaterThan(1);
  expect(usageOf(2 ** 22 + 1, 100)).toEqual({ memoryBytes: 0, processes: 0, cpuSeconds: 0 });
});

test('adds up folders, and follows no link', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'multitap-usage-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  await mkdir(join(dir, 'a/b'), { recursive: true });
  await writeFile(join(dir, 'a/b/file'), Buffer.alloc(1_000_000, 1));
  await writeFile(join(dir, 'a/file'), Buffer.alloc(500_000, 1));
  await symlink('/usr', join(dir, 'a/usr'));
  const bytes = await diskUsage([dir, join(dir, 'not-there')]);
  expect(bytes).toBeGreaterThanOrEqual(1_500_000);
  expect(bytes).toBeLessThan(1_700_000);
});
