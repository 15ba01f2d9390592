// SPDX-License-Identifier: GPL-2.0-only
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where results are kept: `$MULTITAP_DATA`, else `$XDG_DATA_HOME/multitap`, else `~/.local/share/multitap`.
 * Unlike the cache it cannot be made again.
 */
export function dataFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env.MULTITAP_DATA) return env.MULTITAP_DATA;
  return join(env.XDG_DATA_HOME || join(homedir(), '.local/share'), 'multitap');
}
