// SPDX-License-Identifier: GPL-2.0-only
import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { sep } from 'node:path';

/**
 * Reads a file that untrusted code has written, following symbolic links only as far as they stay below `folder`.
 *
 * @throws Error where the path leads elsewhere, does not exist, or is no ordinary file
 */
export async function readInside(folder: string, path: string): Promise<Buffer> {
  const real = await realpath(path);
  if (!real.startsWith((await realpath(folder)) + sep))
    throw new Error(`${path} leads out of ${folder}: refused`);
  // Opening a named pipe would wait for a writer for ever.
  const file = await open(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    if (!(await file.stat()).isFile()) throw new Error(`${path} is no file: refused`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}
