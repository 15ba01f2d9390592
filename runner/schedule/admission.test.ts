// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { admit, freeMemory, machineMb } from './admission.ts';

/** A root with these files in it. */
async function rootWith(files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'multitap-memory-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  return root;
}

const meminfo = 'MemTotal:       32000000 kB\nMemFree:         1000000 kB\nMemAvailable:   16777216 kB\n';
const MB = 2 ** 20;

test('without a limit it is what the kernel would give', async () => {
  const root = await rootWith({ 'proc/meminfo': meminfo, 'proc/self/cgroup': '0::/\n' });
  expect(await freeMemory(root)).toEqual({ mb: 16_384, by: 'MemAvailable' });
});

test('control groups: the tightest on the way up counts, less what is used and cannot be dropped', async () => {
  const root = await rootWith({
    'proc/meminfo': meminfo,
    'proc/self/cgroup': '0::/ci.slice/job.scope\n',
    'sys/fs/cgroup/ci.slice/memory.max': `${8192 * MB}\n`,
    'sys/fs/cgroup/ci.slice/memory.current': `${6144 * MB}\n`,
    'sys/fs/cgroup/ci.slice/memory.stat': `anon 5\ninactive_file ${1024 * MB}\nactive_file 7\n`,
    'sys/fs/cgroup/ci.slice/job.scope/memory.max': 'max\n',
    'sys/fs/cgroup/ci.slice/job.scope/memory.current': '1\n',
  });
  expect(await freeMemory(root)).toEqual({ mb: 3072, by: 'the limit of control group /ci.slice' });
});

test('control groups of version 1', async () => {
  const root = await rootWith({
    'proc/meminfo': meminfo,
    'proc/self/cgroup': '9:name=systemd:/\n4:memory:/box\n1:cpu:/\n0::/\n',
    'sys/fs/cgroup/memory/box/memory.limit_in_bytes': `${4096 * MB}\n`,
    'sys/fs/cgroup/memory/box/memory.usage_in_bytes': `${1024 * MB}\n`,
    'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    'sys/fs/cgroup/memory/memory.usage_in_bytes': '5\n',
  });
  expect(await freeMemory(root)).toEqual({ mb: 3072, by: 'the limit of control group /box' });
});

test('this machine has some', async () => {
  expect((await freeMemory()).mb).toBeGreaterThan(0);
});

test('fewer VMs than were asked for are told, one is always tried', () => {
  const plan = { memoryMb: 2048, accel: 'kvm' as const };
  const each = machineMb(plan);
  const free = (mb: number) => ({ mb, by: 'MemAvailable' });
  expect(admit(4, plan, free(4 * each))).toEqual({ jobs: 4, told: null });
  expect(admit(4, plan, free(4 * each - 1))).toEqual({
    jobs: 3,
    told: `3 of 4 VMs: ${4 * each - 1} MiB are free (MemAvailable), and a VM takes up to ${each} MiB.`,
  });
  expect(admit(4, plan, free(100))).toMatchObject({
    jobs: 1,
    told: expect.stringMatching(/^Memory may not/),
  });
  expect(admit(1, plan, free(Number.POSITIVE_INFINITY))).toEqual({ jobs: 1, told: null });
});
