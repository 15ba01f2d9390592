// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it that are missing. Node's own `recursive` never ends below /proc, where a folder
 * that is there says that it is not.
 *
 * @throws what mkdir(2) says
 */
export async function makeFolder(path: string): Promise<void> {
  const above = dirname(path);
  if ((await what(above)) === 'nothing') await makeFolder(above);
  await mkdir(path).catch(async (error) => {
    if ((await what(path)) !== 'folder') throw error;
  });
}

async function what(path: string): Promise<'nothing' | 'folder' | 'other'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'other';
  } catch {
    return 'nothing';
  }
}
