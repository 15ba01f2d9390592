// SPDX-License-Identifier: GPL-2.0-only
export { StoreError } from './error.ts';
export { backupStore } from './maintain/backup.ts';
export { checkStore } from './maintain/check.ts';
export { pruneStore } from './maintain/prune.ts';
export { restoreStore } from './maintain/restore.ts';
export { storeStats } from './maintain/stats.ts';
export { upgradeStore } from './maintain/upgrade.ts';
export { openStore } from './open.ts';
export type * from './types.ts';
