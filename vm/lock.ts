// SPDX-License-Identifier: GPL-2.0-only
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { execa } from 'execa';
import { Trouble } from './trouble.ts';

export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes an exclusive lock on a file, waiting for its holder. The lock is flock(2)'s, held by a `flock` of
 * util-linux that lives as long as its standard input is open: the kernel lets go of it when we die, however
 * we die, so there are no stale locks to clean up.
 *
 * @param onWait called once if somebody else holds it
 */
export async function takeLock(path: string, onWait?: () => void): Promise<Lock> {
  await mkdir(dirname(path), { recursive: true });
  const holder = execa('flock', ['-x', path, 'sh', '-c', 'echo held; cat >/dev/null'], {
    stdout: 'pipe',
    stdin: 'pipe',
    reject: false,
    // In a group of its own: Ctrl-C in the terminal must not drop the lock before we have cleaned up.
    detached: true,
    cleanup: false,
  });
  const timer = setTimeout(() => onWait?.(), 1000);
  const held = await new Promise<boolean>((resolve) => {
    holder.stdout.once('data', () => resolve(true));
    holder.then(() => resolve(false));
  });
  clearTimeout(timer);
  if (!held) {
    const { code, stderr, shortMessage } = await holder;
    if (code === 'ENOENT')
      throw new Trouble({
        happened: `${path} could not be locked: there is no flock.`,
        expected: 'the flock of util-linux',
        next: 'apt-get install util-linux',
      });
    throw new Trouble({ happened: `${path} could not be locked: ${stderr || shortMessage}` });
  }
  return {
    release: async () => {
      holder.stdin.end();
      await holder;
    },
  };
}
