// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { open, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Prepared } from '../runner/setup.ts';
import type { Machine } from '../vm/machine.ts';
import { qemuDriver } from '../vm/qemu/driver.ts';
import { BootTrouble } from '../vm/trouble.ts';
import { capture, preparedGuest } from './support/guest.ts';
import { folderForTest, temporaryFolder } from './support/program.ts';
import { all, whyNot } from './support/slow.ts';

let prepared: Prepared;
let cache: string;
let notes: string[] = [];
const machines: Machine[] = [];

async function restore(append: string[] = []): Promise<Machine> {
  const machine = await qemuDriver.restore!({
    rootfs: prepared.rootfs,
    plan: { ...prepared.plan, append },
    timeoutMs: 300_000,
    onNote: (text) => notes.push(text),
  });
  machines.push(machine);
  return machine;
}

async function output(machine: Machine, command: string): Promise<string> {
  return (await capture(machine, ['/bin/sh', '-c', command])).stdout.toString().trim();
}

/** The only snapshot in the cache. */
async function entry(): Promise<string> {
  const names = (await readdir(join(cache, 'snapshot'))).filter((name) => !/^\.|\.lock$/.test(name));
  expect(names).toHaveLength(1);
  return join(cache, 'snapshot', names[0]!);
}

async function idOf(dir: string): Promise<string> {
  return JSON.parse(await readFile(join(dir, 'entry.json'), 'utf8')).facts.id;
}

/** Overwrites a stretch, as a disk does that forgets: what can be seen from outside stays as it was. */
async function overwrite(path: string, position: number, bytes: Buffer): Promise<void> {
  const { atime, mtime } = await stat(path);
  const file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, position);
  await file.close();
  await utimes(path, atime, mtime);
}

beforeAll(async () => {
  prepared = await preparedGuest();
  cache = await temporaryFolder('snapshot');
  // What was prepared stays where it is; snapshots are made in a cache of our own.
  vi.stubEnv('MULTITAP_CACHE', cache);
});

afterEach(async () => {
  for (const machine of machines.splice(0)) await machine.dispose();
  notes = [];
});

afterAll(async () => {
  vi.unstubAllEnvs();
  if (cache) await rm(cache, { recursive: true, force: true });
});

describe('guests of one snapshot', () => {
  it('are made by two at once, out of one boot, and do not know of each other', async () => {
    const [one, other] = await Promise.all([restore(), restore()]);
    await entry();
    expect(notes).toEqual([]);
    expect(one.hello).toMatchObject({ release: prepared.kernel.release, cpus: 2 });
    await output(one, 'echo mine > /etc/mark; sysctl -qw kernel.hostname=one');
    expect(await output(other, 'cat /etc/mark 2>&1; hostname')).toBe(
      'cat: /etc/mark: No such file or directory\nmultitap',
    );
    expect(await output(one, 'cat /etc/mark; hostname')).toBe('mine\none');
  });

  it('leave it as it was: later ones begin where the first began', async () => {
    const before = await idOf(await entry());
    const machine = await restore();
    expect(await output(machine, 'cat /etc/mark 2>&1; hostname')).toContain('No such file');
    expect(await idOf(await entry())).toBe(before);
    expect(notes).toEqual([]);
  });

  it('know what time it is, and differ in what is random', async () => {
    // So long ago that a clock that went on where it was stopped is told from one that was set.
    const { mtimeMs } = await stat(join(await entry(), 'state'));
    await new Promise((resolve) => setTimeout(resolve, mtimeMs + 12_000 - Date.now()));
    const seen = [];
    for (let i = 0; i < 2; i++) {
      const machine = await restore();
      const asked = Date.now();
      const [seconds, random] = (
        await output(machine, 'date +%s; head -c 16 /dev/urandom | od -An -tx1')
      ).split('\n');
      expect(Math.abs(Number(seconds) * 1000 - asked)).toBeLessThan(5_000);
      seen.push(random);
      await machine.dispose();
    }
    expect(seen[0]).not.toBe(seen[1]);
  });

  it('end as booted ones do', async () => {
    const machine = await restore();
    expect(await machine.stop()).toEqual({ how: 'stopped', why: 'powered off' });
    const other = await restore();
    const crash = other.exec({ argv: ['/bin/sh', '-c', 'echo c > /proc/sysrq-trigger; sleep 60'] });
    await expect(crash.exit).rejects.toThrow();
    expect(await other.ended).toMatchObject({ how: 'panic' });
  });

  it('take little of the disk', async () => {
    const { blocks, size } = await stat(join(await entry(), 'memory'));
    expect(size).toBe(1024 * 2 ** 20);
    expect(blocks * 512).toBeLessThan(300 * 2 ** 20);
  });
});

describe('a snapshot that is damaged is made again, and that is told', () => {
  type Damage = [title: string, damage: (dir: string) => Promise<void>, note: RegExp];
  const damages: Damage[] = [
    ['memory truncated', (dir) => truncate(join(dir, 'memory'), 2 ** 20), /memory has 1048576 bytes/],
    [
      'state overwritten',
      (dir) => overwrite(join(dir, 'state'), 200_000, Buffer.alloc(5_000, 'x')),
      /is damaged \(the devices’ state was changed\)/,
    ],
    [
      'memory lost, unnoticed',
      // The kernel's text: at 16 MiB.
      (dir) => overwrite(join(dir, 'memory'), 2 ** 24, Buffer.alloc(2 ** 24)),
      /did not come up \(.+\): making it again/,
    ],
  ];
  const more: Damage[] = [
    ['state truncated', (dir) => truncate(join(dir, 'state'), 1000), /state has 1000 bytes/],
    [
      'memory written to',
      async (dir) => {
        await overwrite(join(dir, 'memory'), 2 ** 28, Buffer.alloc(5_000, 'x'));
        await utimes(join(dir, 'memory'), new Date(), new Date(Date.now() + 5_000));
      },
      /is damaged \(the memory was written to\)/,
    ],
    [
      'a stream that QEMU refuses',
      async (dir) => {
        await overwrite(join(dir, 'state'), 200_000, Buffer.alloc(5_000, 'x'));
        const entry = JSON.parse(await readFile(join(dir, 'entry.json'), 'utf8'));
        entry.facts.state = createHash('sha256')
          .update(await readFile(join(dir, 'state')))
          .digest('hex');
        await writeFile(join(dir, 'entry.json'), JSON.stringify(entry));
      },
      /did not come up \(.+\): making it again/,
    ],
  ];

  const isMadeAgain = async (_: string, damage: Damage[1], note: RegExp) => {
    await (await restore()).dispose();
    const dir = await entry();
    const before = await idOf(dir);
    notes = [];
    await damage(dir);
    const machine = await restore();
    expect(await output(machine, 'uname -r')).toBe(prepared.kernel.release);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(note);
    expect(await idOf(await entry())).not.toBe(before);
  };

  it.each(damages)('%s', isMadeAgain);
  it.skipIf(!all).each(more)(`%s${whyNot()}`, isMadeAgain);
});

describe('where there can be no snapshot', () => {
  it('the guest is booted, and that is told', async () => {
    vi.stubEnv('MULTITAP_CACHE', await folderForTest('no-snapshot'));
    await writeFile(join(process.env.MULTITAP_CACHE!, 'snapshot'), 'in the way');
    const machine = await restore();
    vi.stubEnv('MULTITAP_CACHE', cache);
    expect(notes).toEqual([expect.stringMatching(/^No snapshot could be made \(.*\): booting instead\.$/)]);
    expect(await output(machine, 'uname -r')).toBe(prepared.kernel.release);
  });

  it('because the kernel does not boot, it is the kernel’s fault, and nothing is kept', async () => {
    const failure = await restore(['rdinit=/not/there', 'root=/dev/not-there']).catch((error) => error);
    expect(failure).toBeInstanceOf(BootTrouble);
    await entry();
    expect((await readdir(join(cache, 'snapshot'))).filter((name) => name.startsWith('.'))).toEqual([
      '.took.json',
    ]);
  });
});
