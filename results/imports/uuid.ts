// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';

/**
 * A UUID made of what it names, as RFC 9562 (section 5.5, version 5) makes them with SHA-1: the same run has the same
 * UUID wherever and however often it is imported.
 * @param parts what identifies the run in its format; told apart whatever is in them
 */
export function nameUuid(format: string, parts: readonly string[]): string {
  const name = JSON.stringify(['multitap import', format, ...parts.map((part) => part.toWellFormed())]);
  const bytes = createHash('sha1').update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** SHA-256, in hexadecimal: the identity of a file that names none. */
export function contentHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
