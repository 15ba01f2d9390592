// SPDX-License-Identifier: GPL-2.0-only
import type { ResultPromise } from 'execa';
import type { Group } from './cgroup.ts';
import { type Limits, LimitTrouble } from './limits.ts';
import { type Excess, watch } from './watch.ts';

interface Enforced {
  /** As a person would type it, for the message. */
  command: string[];
  /** A guest's driver and no build, by its name. */
  guest?: string | undefined;
  limits: Limits;
  /** Its writable folders. */
  folders: string[];
  group: Group | null;
}

/**
 * Makes a running command keep to its limits: whatever exceeds one is killed. Awaiting the command then throws
 * LimitTrouble, also with `reject: false`, since it is not the command that failed.
 */
export function enforce<Run extends object>(
  started: Run,
  { command, guest, limits, folders, group }: Enforced,
): Run {
  const run = started as ResultPromise;
  let excess: Excess | null = null;
  const watching = run.pid
    ? watch({ pid: run.pid, limits, folders, group, guest: guest !== undefined }, (found) => {
        excess = found;
        run.kill('SIGKILL');
      })
    : null;
  const over = async (result: { failed?: boolean; isMaxBuffer?: boolean }) => {
    watching?.stop();
    const reached = group?.excess();
    await group?.remove();
    if (result.failed && result.isMaxBuffer) excess ??= { limit: 'outputBytes' };
    if (result.failed && reached) excess ??= { limit: reached };
    if (excess) throw new LimitTrouble({ command, guest, value: limits[excess.limit], ...excess });
  };
  const guarded = run.then(
    async (result) => {
      await over(result);
      return result;
    },
    async (error) => {
      await over(error);
      throw error;
    },
  );
  // As execa does: a promise with the properties of the process.
  return Object.defineProperties(guarded, Object.getOwnPropertyDescriptors(run)) as unknown as Run;
}
