// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync, rmdirSync } from 'node:fs';

/** The words of a control group's file; none where it cannot be read. */
export function words(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split(/\s+/).filter(Boolean);
  } catch {
    return [];
  }
}

/** A number of a file with a line `key number`; 0 where it is not there. */
export function counter(file: string, key: string): number {
  const found = words(file);
  return Number(found[found.indexOf(key) + 1] ?? 0) || 0;
}

/** Removes a control group; whether it is gone. It is not, as long as somebody is in it. */
export function removeFolder(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
