// SPDX-License-Identifier: GPL-2.0-only
export { StoreError } from './error.ts';
export { openStore } from './open.ts';
export type * from './types.ts';
