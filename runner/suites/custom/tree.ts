// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readdir, readlink, realpath } from 'node:fs/promises';
import { join, normalize, sep } from 'node:path';
import { UsageTrouble } from '../../../vm/trouble.ts';

/** What is taken of a tree. */
export interface Taken {
  /** Relative to the folder, folders before what is in them. */
  paths: string[];
  bytes: number;
  /** Of names, modes and contents. */
  hash: string;
}

/** Of files that are taken, and of their bytes: a kernel's source with its objects is beyond both. */
const BOUNDS = { paths: 100_000, bytes: 2 ** 30 };

const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;

/** Of the file that is there, whatever its name leads to a moment later. */
async function hashFile(path: string, size: number): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    if (!(await file.stat()).isFile()) throw new Error(`${path} is no file any more`);
    const hash = createHash('sha256');
    // One that grows meanwhile is not read for ever.
    for await (const chunk of file.createReadStream({ autoClose: false, end: Math.max(0, size - 1) }))
      hash.update(chunk);
    return hash.digest('hex');
  } finally {
    await file.close();
  }
}

/**
 * Looks at files and folders below `folder`, all that is in them included, without following symbolic links. `.git`
 * is left out: it is large, and may hold what is nobody's business.
 *
 * @throws UsageTrouble for a path that is not there, leads out, or is neither file, folder nor link; for too much
 */
export async function takeFiles(folder: string, wanted: readonly string[], bounds = BOUNDS): Promise<Taken> {
  const root = await realpath(folder);
  const seen = new Set<string>();
  const paths: string[] = [];
  const hash = createHash('sha256');
  let bytes = 0;

  const refuse = (happened: string, expected: string) => new UsageTrouble({ happened, expected });
  const take = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    seen.add(path);
    const full = join(root, path);
    const found = await lstat(full);
    paths.push(path);
    bytes += found.isFile() ? found.size : 0;
    if (paths.length > bounds.paths || bytes > bounds.bytes)
      throw refuse(
        `The files of ${folder} are more than ${bounds.paths}, or larger than ${mib(bounds.bytes)}.`,
        'fewer in `files`: what the tests or their build need',
      );
    const kind = found.isDirectory() ? 'd' : found.isSymbolicLink() ? 'l' : 'f';
    if (kind === 'f' && !found.isFile())
      throw refuse(`${full} is neither file, folder nor symbolic link.`, 'none of these in `files`');
    const content =
      kind === 'f' ? await hashFile(full, found.size) : kind === 'l' ? await readlink(full) : '';
    hash.update(JSON.stringify([path, kind, found.mode & 0o7777, content]));
    if (kind !== 'd') return;
    for (const name of (await readdir(full)).sort())
      if (name !== '.git') await take(path === '.' ? name : join(path, name));
  };

  for (const one of wanted) {
    const path = normalize(one).replace(/\/$/, '');
    const real = await realpath(join(root, path)).catch(() => null);
    if (real === null) throw refuse(`${join(folder, path)} is not there.`, 'what `files` names');
    if (real !== root && !real.startsWith(root + sep))
      throw refuse(`${join(folder, path)} leads out of ${folder}.`, 'files of that folder');
    await take(path);
  }
  return { paths, bytes, hash: hash.digest('hex').slice(0, 16) };
}
