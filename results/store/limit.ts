// SPDX-License-Identifier: GPL-2.0-only

/** What a limit asks for: a negative one means all in SQLite and is an error in PostgreSQL, and none is what it says. */
export function atLeastNone(limit: number): number {
  return Number.isFinite(limit) ? Math.max(0, Math.floor(limit)) : 0;
}
