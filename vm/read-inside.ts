// SPDX-License-Identifier: GPL-2.0-only
import { readFile, realpath } from 'node:fs/promises';
import { sep } from 'node:path';

/**
 * Reads a file that untrusted code has written, following symbolic links only as far as they stay below `folder`.
 *
 * @throws Error where the path leads elsewhere, or does not exist
 */
export async function readInside(folder: string, path: string): Promise<Buffer> {
  const real = await realpath(path);
  if (!real.startsWith((await realpath(folder)) + sep))
    throw new Error(`${path} leads out of ${folder}: refused`);
  return readFile(real);
}
