// SPDX-License-Identifier: GPL-2.0-only
import { createHash, randomBytes } from 'node:crypto';
import { globSync } from 'node:fs';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { alterOwn } from '../support/own-cache.ts';
import { type Expectation, type HostFault, oneRun } from './host-fault.ts';
import { allWell } from './host-room.ts';
import { runnerFaults } from './host-runners.ts';

/** Has a file of the cache spoilt, and runs with it. */
function spoilt(
  pattern: string,
  spoil: (path: string) => Promise<void>,
  expected: Expectation,
): HostFault['meet'] {
  return async (room) => {
    const cache = await room.cache();
    const found = globSync(join(cache, pattern));
    if (found.length !== 1) throw new Error(`${found.length} files ${pattern} in the cache`);
    await alterOwn(found[0]!, spoil);
    return oneRun({ cache, data: await room.folder('data') }, expected);
  };
}

/** Changes what the cache's entry says of its files. */
async function alterEntry(path: string, alter: (files: Record<string, object>) => void): Promise<void> {
  await alterOwn(join(dirname(path), 'entry.json'), async (entry) => {
    const manifest = JSON.parse(await readFile(entry, 'utf8'));
    alter(manifest.files);
    await writeFile(entry, JSON.stringify(manifest));
  });
}

/** Has the cache's entry believe that it has always been so. */
async function writeGarbage(path: string): Promise<void> {
  await writeFile(path, randomBytes(2 ** 20));
  await alterEntry(path, (files) => delete files[basename(path)]);
}

/** In its middle, where nobody looks before it is used. */
async function rot(path: string): Promise<void> {
  const bytes = await readFile(path);
  const whole = createHash('sha256').update(bytes).digest('hex');
  // An entry that an earlier version of the program has made does not know it.
  await alterEntry(path, (files) => Object.assign(files[basename(path)]!, { whole }));
  randomBytes(bytes.length >> 1).copy(bytes, bytes.length >> 2);
  await writeFile(path, bytes);
}

/** A /dev of one's own, with nothing in it but what every program needs and what is added. */
function withDevices(...added: string[]): string[] {
  const capabilities = process.getuid?.() === 0 ? ['--cap-add', 'ALL'] : [];
  return ['bwrap', '--dev-bind', '/', '/', '--dev', '/dev', ...added, ...capabilities, '--'];
}

/** Ours: no verdict on the kernel. */
const ours = { exitCode: 3 };
/** The kernel's: it has failed its first test. */
const theKernels = { exitCode: 1, state: 'incomplete', outcomes: ['missing'] };

export const hostFaults: HostFault[] = [
  {
    name: 'panic-at-boot',
    meet: async (room) =>
      oneRun(
        {
          cache: await room.cache(),
          data: await room.folder('data'),
          args: ['--append', 'rdinit=/not/there root=/dev/not-there'],
        },
        {
          ...theKernels,
          reason: /^The kernel panicked while booting: VFS: Unable to mount root fs/,
          said: /multitap: The kernel panicked while booting: [\s\S]*Kernel panic - not syncing/,
        },
      ),
  },
  {
    // Found before anything is booted; without a mirror there is no other.
    name: 'kernel-image-truncated',
    meet: spoilt('kernel/*/vmlinux', (path) => truncate(path, 5_000_000), {
      ...ours,
      state: 'none',
      said: /multitap: Fetching the index of trixie failed/,
    }),
  },
  {
    // Such as was written to the cache: only QEMU can tell.
    name: 'kernel-image-corrupt',
    meet: spoilt('kernel/*/vmlinux', writeGarbage, {
      ...ours,
      state: 'error',
      outcomes: ['missing'],
      said: /multitap: QEMU did not start: .*/,
    }),
  },
  {
    // The kernel does not come up, which is not its fault.
    name: 'initramfs-corrupt',
    meet: spoilt('initramfs/*/initramfs', rot, {
      ...ours,
      state: 'error',
      outcomes: ['missing'],
      said: /The guest did not come up, and .*\/initramfs is not what was written there/,
    }),
  },
  {
    // Found before anything is booted; without a mirror it cannot be mended.
    name: 'root-image-truncated',
    meet: spoilt('rootfs/*/root.erofs', (path) => truncate(path, 300_000_000), {
      ...ours,
      state: 'none',
      said: /is broken \(root\.erofs has 300000000 bytes instead of \d+\)[\s\S]*mirror could not be reached/,
    }),
  },
  {
    name: 'snapshot-truncated',
    meet: spoilt('snapshot/*/memory', (path) => truncate(path, 2 ** 20), {
      ...allWell,
      said: /is broken \(memory has 1048576 bytes instead of \d+\): building it again/,
    }),
  },
  {
    name: 'kvm-broken',
    quick: true,
    meet: async (room) =>
      oneRun(
        {
          cache: await room.cache(),
          data: await room.folder('data'),
          args: ['--accel', 'auto'],
          wrapper: withDevices('--dev-bind', '/dev/null', '/dev/kvm'),
        },
        {
          ...allWell,
          accelerator: /^tcg: \/dev\/kvm is there but does not work \(.+\): TCG, which is slow$/,
          said: /KVM probe: .*/,
        },
      ),
  },
  {
    name: 'kvm-missing',
    meet: async (room) =>
      oneRun(
        {
          cache: await room.cache(),
          data: await room.folder('data'),
          args: ['--accel', 'auto'],
          wrapper: withDevices(),
        },
        {
          ...allWell,
          accelerator: /^tcg: \/dev\/kvm does not exist: TCG, which is slow$/,
          said: /\(tcg, .*/,
        },
      ),
  },
  ...runnerFaults,
];
