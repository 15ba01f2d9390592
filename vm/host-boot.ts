// SPDX-License-Identifier: GPL-2.0-only
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './cache.ts';

/** What was found out about the host and holds until it is booted again, in the cache as `NAME/BOOT_ID.json`. */
async function factFile(name: string): Promise<string> {
  const bootId = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  return join(await cacheFolder(name), `${bootId}.json`);
}

/** What was kept under that name since the host was booted; null where nothing was, or it cannot be read. */
export async function knownSinceBoot<T>(name: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(await factFile(name), 'utf8')) as T;
  } catch {
    return null;
  }
}

export async function keepUntilBoot(name: string, fact: unknown): Promise<void> {
  const file = await factFile(name);
  await writeFile(`${file}.${process.pid}`, JSON.stringify(fact));
  await rename(`${file}.${process.pid}`, file);
}
