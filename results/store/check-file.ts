// SPDX-License-Identifier: GPL-2.0-only
import { open } from 'node:fs/promises';
import type Database from 'better-sqlite3';
import { applicationId } from './application-id.ts';
import { StoreError } from './error.ts';
import { damaged } from './sqlite-error.ts';

const magic = Buffer.from('SQLite format 3\0', 'latin1');

/**
 * Looks at the file's first bytes, before SQLite may touch it.
 * @returns whether there is a database; false for no file and for an empty one
 * @throws StoreError for anything else than an SQLite database
 */
export async function hasDatabase(file: string): Promise<boolean> {
  const head = await firstBytes(file, magic.length);
  if (head.length === 0) return false;
  if (!head.equals(magic)) throw new StoreError(damaged(file));
  return true;
}

/** @throws StoreError where another program's tables are in the database */
export function checkOwner(database: Database.Database): void {
  const id = database.pragma('application_id', { simple: true });
  if (id === applicationId) return;
  const tables = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  // An empty database without an owner is one that another multitap is creating right now.
  if (id !== 0 || tables !== 0) throw new StoreError(damaged(database.name));
}

async function firstBytes(file: string, count: number): Promise<Buffer> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
