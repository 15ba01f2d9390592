// SPDX-License-Identifier: GPL-2.0-only
import { StoreError } from '../error.ts';

/**
 * Unpacks what the database holds.
 *
 * @param what begins the sentence that tells of the damage
 * @throws StoreError for what was not packed by us
 */
export function intact<T>(what: string, unpack: () => T): T {
  try {
    return unpack();
  } catch (cause) {
    throw new StoreError({
      happened: `${what} is damaged: ${(cause as Error).message}.`,
      expected: 'What multitap had packed was expected.',
      todo: '`multitap db check` tells all that is damaged; `multitap db restore` brings back a copy.',
      cause,
    });
  }
}
