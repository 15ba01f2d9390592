// SPDX-License-Identifier: GPL-2.0-only
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { openStore } from '../results/store/index.ts';
import { folderForTest, launcher, multitap, qemus, until } from './support/program.ts';

const LONG = [
  'run',
  'mptcp',
  '--kernel',
  'deb:6.12',
  '--test',
  'pm_netlink.sh',
  '--test',
  'diag.sh',
  '--accel',
  'tcg',
];

/** Starts a run, its machines in a folder of its own, and waits until a guest has booted and runs a test. */
async function startedRun(data: string) {
  const run = execa(launcher, [...LONG, '--data', data], {
    reject: false,
    stdin: 'ignore',
    all: true,
    env: { TMPDIR: data },
  });
  let said = '';
  run.all!.on('data', (chunk) => {
    said += chunk;
  });
  await until('a guest has booted', 180_000, async () => said.includes('answered after'));
  expect(await qemus(data)).not.toEqual([]);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  // In an object: a promise given back by itself would be waited for.
  return { run };
}

async function onlyRun(data: string) {
  const store = await openStore(data);
  const run = await store.run((await store.runs({ limit: 1 }))[0]!.id);
  await store.close();
  return run!;
}

describe('a run that does not end by itself', () => {
  it('is stored as incomplete at SIGINT, exits with 130 and leaves no QEMU', async () => {
    const data = await folderForTest('interrupt');
    const { run } = await startedRun(data);
    run.kill('SIGINT');
    const { exitCode, all } = await run;
    expect(exitCode).toBe(130);
    expect(all).toContain('interrupted: run 1 is stored as incomplete with 0 of 2 tests');
    const stored = await onlyRun(data);
    expect(stored).toMatchObject({ state: 'incomplete', reason: 'interrupted' });
    // The one in flight is ours to answer for, the other never began: neither is held against the kernel.
    expect(stored.results.map(({ outcome }) => outcome).sort()).toEqual(['missing', 'missing']);
    await until('QEMU is gone', 5_000, async () => (await qemus(data)).length === 0);
  });

  it('leaves no QEMU when it is killed, and the next command closes it', async () => {
    const data = await folderForTest('killed');
    const { run } = await startedRun(data);
    run.kill('SIGKILL');
    await run;
    await until('QEMU is gone', 5_000, async () => (await qemus(data)).length === 0);
    const { stdout, exitCode } = await multitap(['results', '--data', data]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('incomplete: its runner ended before the run did');
    expect((await onlyRun(data)).results.map(({ outcome }) => outcome)).toEqual(['missing', 'missing']);
  });

  it('disturbs no other run with the same data folder', async () => {
    const data = await folderForTest('two');
    const args = [
      'run',
      'mptcp',
      '--kernel',
      'deb:6.12',
      '--test',
      'diag.sh',
      '--timeout',
      '3',
      '--data',
      data,
    ];
    const results = await Promise.all([multitap(args), multitap(args)]);
    // Three seconds are too short for diag.sh: a time-out, hence 1.
    expect(results.map(({ exitCode }) => exitCode)).toEqual([1, 1]);
    const { stdout } = await multitap(['results', '--json', '--data', data]);
    expect(
      JSON.parse(String(stdout)).map((run: { state: string; tests: { timeout: number } }) => [
        run.state,
        run.tests.timeout,
      ]),
    ).toEqual([
      ['complete', 1],
      ['complete', 1],
    ]);
  });
});
