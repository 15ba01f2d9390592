// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { constants, createReadStream, existsSync } from 'node:fs';
import { mkdtemp, open, readdir, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { execa } from 'execa';
import { takeLock } from './lock.ts';
import type { Progress } from './progress.ts';
import { Trouble } from './trouble.ts';

/** Everything that can be made again: `$MULTITAP_CACHE`, else `$XDG_CACHE_HOME/multitap`, else `~/.cache/multitap`. */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  if (env.MULTITAP_CACHE) return env.MULTITAP_CACHE;
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'multitap');
}

/** The first 16 hexadecimal digits of the SHA-256 over the parts: enough to name cache entries. */
export function hashOf(...parts: (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex').slice(0, 16);
}

interface Fingerprint {
  bytes: number;
  /** SHA-256 of the first and last 64 KiB: finds truncation, zeroed tails and mix-ups in a millisecond. */
  ends: string;
  /** SHA-256 of all of it, of what a guest is booted from. */
  whole?: string;
}

async function fingerprint(path: string): Promise<Fingerprint> {
  // What untrusted code has built may be a named pipe: opening one would wait for a writer for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new Error(`${path} is no file`);
    const { size } = found;
    const hash = createHash('sha256');
    const piece = Buffer.alloc(Math.min(size, 65_536));
    for (const position of [0, Math.max(0, size - piece.length)]) {
      await file.read(piece, 0, piece.length, position);
      hash.update(piece);
    }
    return { bytes: size, ends: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

async function hashWhole(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

const MANIFEST = 'entry.json';

interface Manifest<Facts> {
  facts: Facts;
  files: Record<string, Fingerprint>;
  tookMs: number;
}

/** What is wrong with an entry; null where all is well. */
async function faultOf(dir: string): Promise<string | null> {
  try {
    const manifest = JSON.parse(await readFile(join(dir, MANIFEST), 'utf8')) as Manifest<unknown>;
    for (const [name, recorded] of Object.entries(manifest.files)) {
      const found = await fingerprint(join(dir, name));
      if (found.bytes !== recorded.bytes)
        return `${name} has ${found.bytes} bytes instead of ${recorded.bytes}`;
      if (found.ends !== recorded.ends) return `${name} is not the file that was written`;
    }
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Disk needed for an entry; asked before work is begun, because a full disk is best told at once. */
async function needDisk(dir: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dir);
  const free = bavail * bsize;
  if (free >= bytes) return;
  const mib = (n: number) => `${Math.ceil(n / 2 ** 20)} MiB`;
  throw new Trouble({
    happened: `${dir} has ${mib(free)} free.`,
    expected: `${mib(bytes)} for what is to be built there.`,
    next: 'free some space (multitap rootfs prune), or set MULTITAP_CACHE to a folder on a larger disk',
  });
}

export interface EntryPlan<Facts> {
  /** The entry's folder, e.g. `…/rootfs/<hash>`. */
  dir: string;
  title: string;
  /** Where no earlier time is known. */
  expectedMs: number;
  /** Entries of the folder that take as long as each other; all of them, where there is nothing to tell apart. */
  alike?: string;
  needBytes: number;
  progress: Progress;
  /** Its files can be checked in full, by `dropDamaged`. */
  hashed?: true;
  /**
   * Makes the entry in `dir`, a new folder that becomes the entry only when this succeeds.
   * Names the files to be checked on every later use.
   */
  build(
    dir: string,
    step: ReturnType<Progress['step']>,
  ): Promise<{ facts: Facts; files: string[]; said: string }>;
}

async function readFacts<Facts>(dir: string): Promise<Facts> {
  return (JSON.parse(await readFile(join(dir, MANIFEST), 'utf8')) as Manifest<Facts>).facts;
}

/** Where it stands how long the last one took. */
function tookFile({ dir, alike }: Pick<EntryPlan<unknown>, 'dir' | 'alike'>): string {
  return join(dirname(dir), `.took${alike ? `-${alike}` : ''}.json`);
}

async function lastTook(file: string): Promise<number | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')).tookMs;
  } catch {
    return undefined;
  }
}

async function removeAbandoned(dir: string): Promise<void> {
  const prefix = `.building-${basename(dir)}-`;
  // What mkdtemp appends is six long: anything longer is of an entry whose name only begins like ours.
  for (const name of await readdir(dirname(dir)))
    if (name.startsWith(prefix) && name.length === prefix.length + 6)
      await rm(join(dirname(dir), name), { recursive: true, force: true });
}

/**
 * Returns the entry, building it where it is missing or broken. One builder at a time over all processes;
 * a build that is killed leaves a folder that the next build of the entry removes, never half an entry.
 */
export async function cached<Facts>(
  plan: EntryPlan<Facts>,
): Promise<{ dir: string; facts: Facts; built: boolean }> {
  const { dir } = plan;
  if (existsSync(dir) && (await faultOf(dir)) === null)
    return { dir, facts: await readFacts<Facts>(dir), built: false };

  const step = plan.progress.step(plan.title, (await lastTook(tookFile(plan))) ?? plan.expectedMs);
  const lock = await takeLock(`${dir}.lock`, () =>
    step.update({ text: 'another multitap is building it: waiting' }),
  );
  try {
    if (existsSync(dir)) {
      const fault = await faultOf(dir);
      if (fault === null) {
        step.done('built by another multitap meanwhile');
        return { dir, facts: await readFacts<Facts>(dir), built: false };
      }
      step.note(`The cache entry ${dir} is broken (${fault}): building it again.`);
      await rm(dir, { recursive: true, force: true });
    }
    await removeAbandoned(dir);
    await needDisk(dirname(dir), plan.needBytes);
    const building = await mkdtemp(join(dirname(dir), `.building-${basename(dir)}-`));
    const began = performance.now();
    try {
      const { facts, files, said } = await plan.build(building, step);
      const tookMs = Math.round(performance.now() - began);
      const manifest: Manifest<Facts> = { facts, files: {}, tookMs };
      for (const file of files) {
        const path = join(building, file);
        manifest.files[file] = await fingerprint(path);
        if (plan.hashed) manifest.files[file].whole = await hashWhole(path);
      }
      await writeFile(join(building, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`);
      await rename(building, dir);
      await writeFile(tookFile(plan), JSON.stringify({ tookMs }));
      step.done(said);
      return { dir, facts, built: true };
    } catch (error) {
      await rm(building, { recursive: true, force: true });
      throw error;
    }
  } finally {
    await lock.release();
  }
}

/**
 * Reads files of the cache in full, which costs too much to be done at every use, and has the entry of the first that
 * is not what was written built again at its next use.
 *
 * @returns that file; null where all are well, or are not the cache's
 */
export async function dropDamaged(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    const manifest = join(dirname(path), MANIFEST);
    const entry: Manifest<unknown> | null = await readFile(manifest, 'utf8')
      .then(JSON.parse)
      .catch(() => null);
    const written = entry?.files[basename(path)]?.whole;
    if (!written || (await hashWhole(path).catch(() => null)) === written) continue;
    await rm(manifest, { force: true });
    return path;
  }
  return null;
}

/** The entries of one kind, with their facts and size on disk in bytes; broken ones without facts. */
export async function listEntries<Facts>(
  kind: string,
): Promise<{ dir: string; name: string; facts: Facts | null; usedAt: Date }[]> {
  const folder = join(cacheRoot(), kind);
  const names = existsSync(folder) ? await readdir(folder) : [];
  const entries = [];
  for (const name of names.sort()) {
    const dir = join(folder, name);
    if (name.startsWith('.') || !(await stat(dir)).isDirectory()) continue;
    const facts = (await faultOf(dir)) === null ? await readFacts<Facts>(dir) : null;
    entries.push({ dir, name, facts, usedAt: (await stat(dir)).mtime });
  }
  return entries;
}

/** Makes a folder below the cache's root and returns its path. @throws Trouble where it cannot be made */
export async function cacheFolder(...parts: string[]): Promise<string> {
  const dir = join(cacheRoot(), ...parts);
  if (existsSync(dir)) return dir;
  // Not Node's recursive mkdir, which never ends below /proc.
  const { stderr, failed } = await execa('mkdir', ['-p', '--', dir], { reject: false });
  if (!failed) return dir;
  throw new Trouble({
    happened: `The cache cannot be used: ${stderr}`,
    expected: `that ${dir} can be made, and written to`,
    next: 'correct its permissions, or name another folder with MULTITAP_CACHE',
  });
}
