// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openStore } from '../../results/store/index.ts';
import type { Json, RunStart, Store } from '../../results/store/types.ts';
import type { Kernel } from '../../vm/kernel/kernel.ts';
import type { Prepared } from '../setup.ts';
import { kselftest } from '../suites/kselftest.ts';
import { closeAbandonedRuns, defaultBranch, describeRun, openResults, type RunRequest } from './record.ts';

const kernel: Kernel = {
  reference: 'deb:6.12',
  release: '6.12.107+deb13-cloud-amd64',
  version: '6.12.107-1',
  upstream: '6.12.107',
  flavour: 'debian-cloud',
  arch: 'x86_64',
  configHash: '0123456789abcdef',
  dir: '/cache/kernel/6.12',
  vmlinux: '/cache/kernel/6.12/vmlinux',
  bzImage: '/cache/kernel/6.12/bzImage',
  layer: '/cache/kernel/6.12/kernel.erofs',
  tree: '/cache/kernel/6.12/tree',
  source: { name: 'linux', version: '6.12.107-1', suite: 'trixie' },
};

const prepared: Prepared = {
  rootfs: {
    hash: 'f01dd674e2bfcefd',
    tree: '/cache/rootfs/tree',
    image: '/cache/rootfs/root.erofs',
    facts: { suite: 'trixie', tools: { iproute2: '6.15.0-1' }, builtAt: '2026-01-05T08:00:00.000Z' },
  },
  kernel,
  built: {
    version: '6.12.107',
    layers: ['/cache/selftests/selftests.erofs'],
    tests: [],
    folder: () => '/opt/kselftest/net/mptcp',
  },
  plan: {
    kernel,
    initramfs: '/cache/initramfs/initramfs',
    layers: ['/cache/rootfs/root.erofs', '/cache/kernel/6.12/kernel.erofs'],
    cpus: 2,
    memoryMb: 2048,
    accel: 'tcg',
  },
  accel: { accel: 'tcg', reason: '/dev/kvm does not exist: TCG, which is slow' },
};

const request: RunRequest = {
  suite: 'mptcp',
  branch: undefined,
  tests: [kselftest('net/mptcp', 'diag.sh', { timeoutS: 60 })],
  jobs: 2,
  driver: 'qemu',
  variantOptions: [],
  settings: { isolation: 'test' },
  command: 'multitap run mptcp',
};

async function scratchStore(): Promise<{ dir: string; store: Store }> {
  const dir = await mkdtemp(join(tmpdir(), 'multitap-record-'));
  const store = await openStore(dir);
  onTestFinished(async () => {
    await store.close();
    await rm(dir, { recursive: true, force: true });
  });
  return { dir, store };
}

describe('a run as it is described', () => {
  test('counts for Debian’s series, unless a branch is named', () => {
    expect(describeRun(request, prepared)).toMatchObject({
      branch: { name: 'debian/6.12' },
      revision: { name: '6.12.107-1', position: 6_012_107 },
      variant: { arch: 'x86_64', accel: 'tcg', cpus: 2, flavour: 'debian-cloud', options: 'mitigations=off' },
      planned: [{ collection: 'net/mptcp', name: 'diag.sh' }],
    });
    expect(describeRun({ ...request, branch: 'mine' }, prepared).branch).toEqual({ name: 'mine' });
    expect(defaultBranch({ reference: 'deb:sid/7.3', upstream: '7.3.4' })).toBe('debian/7.3');
    expect(defaultBranch({ reference: 'source:7.3', upstream: '7.3' })).toBe('stable/7.3');
    expect(defaultBranch({ reference: 'image:/boot/vmlinuz', upstream: '7.3.4' })).toBe('own/7.3');
  });

  test('is told apart from every other run', () => {
    expect(describeRun(request, prepared).uuid).not.toBe(describeRun(request, prepared).uuid);
  });

  test('has all in its environment that may matter later', () => {
    const { environment } = describeRun(request, prepared);
    expect(environment).toMatchObject({
      kernel: { release: '6.12.107+deb13-cloud-amd64', package: '6.12.107-1', config: '0123456789abcdef' },
      selftests: '6.12.107',
      accelerator: { name: 'tcg', reason: '/dev/kvm does not exist: TCG, which is slow' },
      guest: { cpus: 2, memoryMb: 2048, vms: 2 },
      rootfs: { hash: 'f01dd674e2bfcefd', suite: 'trixie' },
      tools: { iproute2: '6.15.0-1' },
      kernelCommandLine: expect.stringContaining('mitigations=off'),
      qemu: expect.stringMatching(/^qemu-system-x86_64 .*-m 2048M/),
    });
  });

  test('tells what another driver starts as that driver’s, not as QEMU’s', () => {
    const { environment } = describeRun({ ...request, driver: 'virtme' }, prepared);
    expect(environment).toMatchObject({
      driver: 'virtme',
      virtme: expect.stringMatching(/^vng --run 6\.12\.107\S+ .*--memory 2048M/),
      kernelCommandLine: 'loglevel=4 printk.devkmsg=on nokaslr mitigations=off',
    });
    expect(environment).not.toHaveProperty('qemu');
  });

  test('tells where the cache is by its name only: results travel', () => {
    vi.stubEnv('MULTITAP_CACHE', '/cache');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const { qemu } = describeRun(request, prepared).environment;
    expect(qemu).toContain('-kernel $MULTITAP_CACHE/kernel/6.12/vmlinux');
    expect(qemu).not.toMatch(/[ =]\/cache/);
  });

  test('is taken by the store and comes back', async () => {
    const { store } = await scratchStore();
    const start = describeRun(request, prepared);
    const { id } = await store.startRun(start);
    const run = (await store.run(id))!;
    expect(run).toMatchObject({ uuid: start.uuid, state: 'running', plannedTests: 1, suite: 'mptcp' });
    expect(run.environment).toEqual(start.environment);
  });
});

describe('runs whose runner was killed', () => {
  /** A process id that belonged to somebody who is gone. */
  const deadPid = () => Number(spawnSync('sh', ['-c', 'echo $$'], { encoding: 'utf8' }).stdout);

  /** A run by another runner: some of what is known of it replaced. */
  function runBy(runner: { [key: string]: Json } | null): RunStart {
    const start = describeRun(request, prepared);
    const own = start.environment.runner as { [key: string]: Json };
    return { ...start, environment: { ...start.environment, runner: runner && { ...own, ...runner } } };
  }

  const otherBoot = '00000000-0000-0000-0000-000000000000';
  const hasMachineId = (() => {
    try {
      return readFileSync('/etc/machine-id', 'utf8').trim() !== '';
    } catch {
      return false;
    }
  })();

  test.for<[string, () => { [key: string]: Json } | null, boolean]>([
    ['of a process that is gone', () => ({ pid: deadPid() }), true],
    ['of a living process', () => ({}), false],
    ['of another user’s living process', () => ({ pid: 1 }), false],
    ['of before the machine was started again', () => ({ bootId: otherBoot }), true],
    ['of another machine', () => ({ machine: 'another', bootId: otherBoot, pid: deadPid() }), false],
    ['that somebody else wrote, without a runner', () => null, false],
  ])('%s', async ([what, runner, closes], { skip }) => {
    skip(
      what.includes('started again') && !hasMachineId,
      'this machine has no /etc/machine-id to know it by',
    );
    const { store } = await scratchStore();
    const { id } = await store.startRun(runBy(runner()));
    expect(await closeAbandonedRuns(store)).toBe(closes ? 1 : 0);
    const run = (await store.run(id))!;
    if (!closes) expect(run.state).toBe('running');
    else {
      expect(run).toMatchObject({ state: 'incomplete', reason: 'its runner ended before the run did' });
      expect(run.results.map(({ name, outcome }) => [name, outcome])).toEqual([['diag.sh', 'missing']]);
      expect(await closeAbandonedRuns(store)).toBe(0);
    }
  });

  test('are closed when the results are opened; what they finished stays', async () => {
    const { dir, store } = await scratchStore();
    const start = runBy({ pid: deadPid() });
    start.planned.push({ collection: 'net/mptcp', name: 'pm_netlink.sh' });
    const { id } = await store.startRun(start);
    await store.addTest(start.uuid, {
      ...{
        collection: 'net/mptcp',
        name: 'diag.sh',
        attempt: 1,
        outcome: 'pass',
        startedAt: start.startedAt,
      },
      ...{ durationMs: 1, cpuMs: 1, exitCode: 0, signal: null, timeoutMs: 1, vm: 0, message: '', line: null },
      ...{ subtests: [], problems: [], logs: [{ kind: 'output', content: Buffer.from('kept\n') }] },
    });
    const again = await openResults(dir);
    const run = (await again.run(id))!;
    expect(run.state).toBe('incomplete');
    expect(run.results.map(({ name, outcome }) => `${outcome} ${name}`).sort()).toEqual([
      'missing pm_netlink.sh',
      'pass diag.sh',
    ]);
    const { hash } = run.results.find(({ name }) => name === 'diag.sh')!.logs[0]!;
    expect(String(Buffer.from((await again.log(hash))!))).toBe('kept\n');
    await again.close();
  });

  test('do not hide behind runs that ended', async () => {
    const { store } = await scratchStore();
    const abandoned = await store.startRun(runBy({ pid: deadPid() }));
    for (let i = 0; i < 60; i++) {
      const start = describeRun(request, prepared);
      await store.startRun(start);
      await store.finishRun(start.uuid, { state: 'complete', finishedAt: Date.now(), reason: '' });
    }
    expect(await closeAbandonedRuns(store)).toBe(1);
    expect((await store.run(abandoned.id))!.state).toBe('incomplete');
  });
});
