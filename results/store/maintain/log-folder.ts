// SPDX-License-Identifier: GPL-2.0-only
import { opendir } from 'node:fs/promises';
import path from 'node:path';

export interface FoundFile {
  file: string;
  /** The hash that the name says; null for what is no log (a temporary file that a killed writer left). */
  hash: string | null;
}

/** Every file below `logs/`, one after the other: there may be millions. */
export async function* logFiles(directory: string): AsyncIterable<FoundFile> {
  const folder = path.join(directory, 'logs');
  try {
    for await (const entry of await opendir(folder, { recursive: true })) {
      if (!entry.isFile()) continue;
      const hash = /^([0-9a-f]{64})\.zst$/.exec(entry.name)?.[1] ?? null;
      yield { file: path.join(entry.parentPath, entry.name), hash };
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
