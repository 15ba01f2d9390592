// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { familyName } from './function-name.ts';
import type { CrashKind } from './kinds.ts';

/**
 * Names the same fault alike in every run and build: the first 16 hexadecimal digits of
 * SHA-256(kind LF what LF function LF function …), where
 * - `what` is the title without its functions (`KASAN: slab-use-after-free Read`), numbers and addresses taken out;
 * - the functions are those of the title: mostly one, the first of the stack that says something.
 *
 * Not more frames, on purpose: which of the functions above or below it were folded into their callers changes
 * with the compiler, and every frame more would be one more way to tell one fault apart from itself.
 * What a build may change in the one that is left is taken out:
 * - compiler suffixes (`.isra.0`, `.constprop.0`, `.part.0`, `.cold`, `.llvm.1`): `sourceName`;
 * - wrappers folded into what they wrap (`__foo`/`foo`, `foo_noprof`, `__x64_sys_read`/`ksys_read`): `familyName`;
 * - frames that only a decoder knows (`[inline]`, `(inlined by)`): dropped, so that a decoded log and a plain one
 *   of the same build agree;
 * - addresses, offsets, `Code:`, registers, CPUs, tasks, line numbers: never used.
 *
 * A build that folds the guilty function itself into its caller, and is not decoded, cannot be told from a fault
 * of the caller: the signatures differ.
 */
export function signatureOf(kind: CrashKind, what: string, functions: readonly string[]): string {
  const parts = [kind, what, ...functions.map(familyName)];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}
