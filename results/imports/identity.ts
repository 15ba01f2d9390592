// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import type { ImportOptions } from './import.ts';

/** Ours alone, as the RFC wants one for each sort of names: 5d8c3d1e-9b7a-4f0c-8a2e-6b1f4c7d9e03. */
const namespace = Buffer.from('5d8c3d1e9b7a4f0c8a2e6b1f4c7d9e03', 'hex');

/**
 * A UUID made of what it names, as RFC 9562 (section 5.5, version 5) makes them with SHA-1: the same run has the same
 * UUID wherever and however often it is imported.
 * @param parts what identifies the run in its format; told apart whatever is in them
 */
export function nameUuid(format: string, parts: readonly string[]): string {
  const name = JSON.stringify([format, ...parts.map((part) => part.toWellFormed())]);
  const bytes = createHash('sha1').update(namespace).update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** SHA-256, in hexadecimal: the identity of a file that names none. */
export function contentHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The caller's words as part of an identity: the same file imported for another branch is another run. */
export function identityOf({ branch, suite, revision, variant }: ImportOptions): string {
  const { arch, accel, cpus, flavour, options } = variant ?? {};
  return JSON.stringify(
    [branch, suite, revision, arch, accel, cpus, flavour, options].map((it) => it ?? null),
  );
}
