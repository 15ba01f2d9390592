// SPDX-License-Identifier: GPL-2.0-only
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'multitap-vm-';

/** Removes our own folders of machines whose runner was killed: their names carry its process id. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (!pid || isAlive(Number(pid))) continue;
    const path = join(tmpdir(), name);
    const owner = await lstat(path).then(
      ({ uid }) => uid,
      () => null,
    );
    // What another user left is none of our business.
    if (owner === process.getuid?.()) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A new folder for one machine's sockets and its console's spool. */
export async function machineFolder(): Promise<string> {
  await sweep();
  return mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
}
