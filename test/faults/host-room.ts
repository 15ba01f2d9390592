// SPDX-License-Identifier: GPL-2.0-only
import { globSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { execa } from 'execa';
import { openStore } from '../../results/store/index.ts';
import type { Prepared } from '../../runner/setup.ts';
import { borrowEntries, linkTree } from '../support/own-cache.ts';
import { launcher } from '../support/program.ts';

/** Nothing listens there: what is not in the cache cannot be had. */
const NO_MIRROR = 'http://127.0.0.1:9/debian';
/** Too short for any of them: each ends as `timeout`, whatever the machine. */
const TEST_S = 3;

/** A fault that this machine does not let us bring about. */
export class CannotBeMet extends Error {}

export interface Wanted {
  /** A folder of `Room.cache`. */
  cache: string;
  /** Where the results are; the machines' own files too, unless `temporary` says where. */
  data: string;
  temporary?: string;
  /** Of net/mptcp. */
  tests?: string[];
  args?: string[];
  /** Runs the program with its own view of the host. */
  wrapper?: string[];
}

/** What came of a run of the program, as its user sees it. */
export interface Seen {
  exitCode: number | undefined;
  /** All that it printed. */
  said: string;
  /** Of the run that was stored last; `none` where none was. */
  state: string;
  reason: string;
  /** Of its tests, sorted. */
  outcomes: string[];
  accelerator: string;
}

/** Where faults of the host are met: folders, disks and caches that are nobody else's. */
export interface Room {
  folder(name: string): Promise<string>;
  /** A cache with all that a run needs, but for the kinds of entries that are named; one at a time. See `alterOwn`. */
  cache(...without: string[]): Promise<string>;
  /** A folder that is a disk of its own: a new one unless it is named. @throws CannotBeMet */
  smallDisk(bytes: number, at?: string): Promise<string>;
  /** Removes what was given out. */
  clear(): Promise<void>;
}

/** Begins `multitap run`. */
export function startRun({ cache, data, temporary, tests, args, wrapper }: Wanted) {
  const named = (tests ?? ['diag.sh']).flatMap((test) => ['--test', test]);
  const words = ['run', 'mptcp', '--kernel', 'deb:6.12', ...named, '--timeout', String(TEST_S)];
  const accel = args?.includes('--accel') ? [] : ['--accel', 'tcg'];
  const [file, ...rest] = [...(wrapper ?? []), launcher, ...words, ...accel, '--data', data, ...(args ?? [])];
  return execa(file!, rest, {
    reject: false,
    stdin: 'ignore',
    all: true,
    env: { MULTITAP_CACHE: cache, MULTITAP_MIRROR: NO_MIRROR, TMPDIR: temporary ?? data },
  });
}

/** Runs it to its end. */
export async function seeRun(wanted: Wanted): Promise<Seen> {
  return seen(await startRun(wanted), wanted.data);
}

/** What a run that has ended left behind. */
export async function seen(
  { exitCode, all }: { exitCode?: number | undefined; all?: unknown },
  data: string,
): Promise<Seen> {
  const store = await openStore(data);
  const [last] = await store.runs({ limit: 1 });
  const run = last && (await store.run(last.id));
  await store.close();
  const { name, reason } = (run?.environment.accelerator ?? {}) as Record<string, string>;
  return {
    exitCode,
    said: String(all),
    state: run?.state ?? 'none',
    reason: run?.reason ?? '',
    outcomes: (run?.results ?? []).map(({ outcome }) => outcome).sort(),
    accelerator: `${name}: ${reason}`,
  };
}

/** What is not as expected, a line for each. */
export function differences(
  found: Seen,
  expected: { [Key in keyof Seen]?: Seen[Key] | RegExp },
  when = '',
): string[] {
  return Object.entries(expected).flatMap(([key, wanted]) => {
    const value = found[key as keyof Seen];
    const same = wanted instanceof RegExp ? wanted.test(String(value)) : isDeepStrictEqual(value, wanted);
    const shown = (what: unknown) => (what instanceof RegExp ? String(what) : JSON.stringify(what));
    return same ? [] : [`${when}${key} ${shown(value)?.slice(-400)} instead of ${shown(wanted)}`];
  });
}

/** A run that nothing came in the way of. */
export const allWell = { exitCode: 1, state: 'complete', reason: '', outcomes: ['timeout'] };

/**
 * @param dir a folder on the disk of the cache, so that nothing has to be copied
 * @throws Error where not even a run without any fault is right
 */
export async function openRoom(prepared: Prepared, dir: string): Promise<Room> {
  const { rootfs, kernel, built, plan } = prepared;
  const base = join(dir, 'base');
  // Always the same folder: a snapshot is of one QEMU command line, which names it.
  const cache = join(dir, 'cache');
  await borrowEntries(cache, [rootfs.tree, kernel.dir, built!.layers[0]!, plan.initramfs]);
  const mounted: string[] = [];
  const folder = (name: string) => mkdtemp(join(dir, `${name}-`));
  // Makes the snapshot, which the others then find.
  const first = await seeRun({ cache, data: await folder('first') });
  const wrong = differences(first, allWell);
  if (globSync(join(cache, 'snapshot/*/entry.json')).length === 0) wrong.push(`no snapshot: ${first.said}`);
  if (wrong.length > 0) throw new Error(`a run without a fault: ${wrong.join('; ')}`);
  await rename(cache, base);
  return {
    folder,
    cache: async (...without) => {
      await rm(cache, { recursive: true, force: true });
      await mkdir(cache);
      for (const kind of await readdir(base)) {
        if (without.includes(kind)) await mkdir(join(cache, kind));
        else await linkTree(join(base, kind), cache);
      }
      return cache;
    },
    smallDisk: async (bytes, named) => {
      const at = named ?? (await folder('disk'));
      const mount = await execa('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', at], {
        reject: false,
      });
      if (mount.failed)
        throw new CannotBeMet(`a small disk cannot be mounted: ${mount.stderr || mount.shortMessage}`);
      mounted.push(at);
      return at;
    },
    clear: async () => {
      for (const at of mounted.splice(0)) await execa('umount', ['-l', at]);
      for (const name of await readdir(dir))
        if (name !== 'base') await rm(join(dir, name), { recursive: true, force: true });
    },
  };
}
