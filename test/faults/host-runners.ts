// SPDX-License-Identifier: GPL-2.0-only
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { multitap, qemus, until } from '../support/program.ts';
import { type HostFault, oneRun, type Told, told } from './host-fault.ts';
import { allWell, differences, seen, seeRun, startRun } from './host-room.ts';

type Run = ReturnType<typeof startRun>;

/** Lets a run get as far as to say something. @throws Error where it ends before */
async function reach(run: Run, words: RegExp): Promise<void> {
  let said = '';
  let ended = false;
  run.all.on('data', (chunk) => {
    said += chunk;
  });
  run.then(() => {
    ended = true;
  });
  await until(`a run that says ${words}`, 300_000, async () => ended || words.test(said));
  if (!words.test(said)) throw new Error(`a run ended without ${words}: ${said}`);
}

/** Kills a run that has a QEMU. @returns what of it goes on all the same */
async function killNow(run: Run, data: string): Promise<string[]> {
  const before = await qemus(data);
  run.kill('SIGKILL');
  await run;
  const gone = until('QEMU is gone', 10_000, async () => (await qemus(data)).length === 0);
  const left = await gone.then(
    () => [],
    () => ['QEMU goes on without its runner'],
  );
  return before.length === 0 ? ['there was no QEMU to be left behind', ...left] : left;
}

/**
 * What was said of a run that was killed: the next command has to close it, and the next run must wait for nobody.
 *
 * @param left what is wrong already
 */
async function afterKill(cache: string, data: string, outcomes: string[], left: string[]): Promise<Told> {
  const { exitCode } = await multitap(['results', '--data', data]);
  const closed = await seen({}, data);
  const expected = { state: 'incomplete', reason: 'its runner ended before the run did', outcomes };
  const wrong = [...left, ...differences(closed, expected, 'closed: ')];
  if (exitCode !== 0) wrong.push(`the next command: exit ${exitCode}`);
  const next = await seeRun({ cache, data });
  if (/waiting/.test(next.said)) wrong.push('the next run waited for somebody');
  wrong.push(...differences(next, allWell, 'the next run: '));
  return { seen: closed, said: `${closed.reason}; of its tests: ${closed.outcomes.join(', ')}`, wrong };
}

/** What builds in the cache were left half done. */
async function halfBuilt(cache: string): Promise<string[]> {
  const names = await readdir(join(cache, 'snapshot'));
  return names.filter((name) => name.startsWith('.building'));
}

/** Leaves no byte of a disk free. */
async function fill(folder: string): Promise<string> {
  const path = join(folder, 'fill');
  const file = await open(path, 'w');
  const block = Buffer.alloc(4096, 'x');
  for (let full = false; !full; )
    full = await file.write(block).then(
      () => false,
      () => true,
    );
  await file.close();
  return path;
}

/** Runners that end, that meet, and that find the disk full. */
export const runnerFaults: HostFault[] = [
  {
    name: 'runner-killed',
    meet: async (room) => {
      const [cache, data] = [await room.cache(), await room.folder('data')];
      const run = startRun({ cache, data, tests: ['diag.sh', 'pm_netlink.sh'] });
      await reach(run, /timeout net\/mptcp: /);
      // Into the second test.
      await until('the next QEMU', 60_000, async () => (await qemus(data)).length > 0);
      await sleep(1_000);
      // One had ended.
      return afterKill(cache, data, ['missing', 'timeout'], await killNow(run, data));
    },
  },
  {
    name: 'runner-killed-saving',
    meet: async (room) => {
      const [cache, data] = [await room.cache('snapshot'), await room.folder('data')];
      const run = startRun({ cache, data });
      await until('a snapshot is being made', 120_000, async () => (await halfBuilt(cache)).length > 0);
      await until('its QEMU', 60_000, async () => (await qemus(data)).length > 0);
      const found = await afterKill(cache, data, ['missing'], await killNow(run, data));
      const rest = (await halfBuilt(cache)).map((name) => `${name} was left`);
      return { ...found, wrong: [...found.wrong, ...rest] };
    },
  },
  {
    name: 'two-runners',
    meet: async (room) => {
      const cache = await room.cache('snapshot', 'initramfs', 'symbols');
      const data = await room.folder('data');
      const both = await Promise.all([seeRun({ cache, data }), seeRun({ cache, data })]);
      const wrong = both.flatMap(({ exitCode }) => (exitCode === 1 ? [] : [`exit ${exitCode} instead of 1`]));
      const { stdout } = await multitap(['results', '--json', '--data', data]);
      const runs = JSON.parse(String(stdout)) as { state: string; tests: { timeout: number } }[];
      if (runs.length !== 2) wrong.push(`${runs.length} runs are stored`);
      for (const { state, tests } of runs)
        if (state !== 'complete' || tests.timeout !== 1)
          wrong.push(`a run is ${state} ${JSON.stringify(tests)}`);
      const names = await readdir(join(cache, 'snapshot'));
      const made = names.filter((name) => !/^\.|\.lock$/.test(name));
      if (made.length !== 1) wrong.push(`${made.length} snapshots were made`);
      return told(both[0]!, { ...allWell, said: /VM 0: .* answered .*/ }, wrong);
    },
  },
  {
    name: 'disk-full-data',
    quick: true,
    meet: async (room) => {
      const [cache, data] = [await room.cache(), await room.smallDisk(2 ** 24)];
      const run = startRun({ cache, data, temporary: await room.folder('tmp') });
      await reach(run, /answered after/);
      const filled = await fill(data);
      const { exitCode, all } = await run;
      await rm(filled);
      // The next command closes it.
      const listed = await multitap(['results', '--data', data]);
      const wrong = listed.exitCode === 0 ? [] : [`results: exit ${listed.exitCode}: ${listed.stderr}`];
      const found = await seen({ exitCode, all }, data);
      const said = /multitap: There was no space left for .*what was recorded before is safe/;
      return told(found, { exitCode: 3, state: 'incomplete', outcomes: ['missing'], said }, wrong);
    },
  },
  {
    name: 'disk-full-temporary',
    meet: async (room) => {
      const temporary = await room.smallDisk(2 ** 16);
      await fill(temporary);
      const wanted = { cache: await room.cache(), data: await room.folder('data'), temporary };
      return oneRun(wanted, { ...allWell, said: /VM 0: .* answered .*/ });
    },
  },
  {
    name: 'disk-full-cache',
    meet: async (room) => {
      const cache = await room.cache('snapshot');
      await room.smallDisk(2 ** 24, join(cache, 'snapshot'));
      return oneRun(
        { cache, data: await room.folder('data') },
        { ...allWell, said: /No snapshot could be made \(.* MiB free\.\): booting instead/ },
      );
    },
  },
];
