// SPDX-License-Identifier: GPL-2.0-only
import type { Rootfs } from '../rootfs/build.ts';
import { inSandbox } from '../rootfs/sandbox.ts';
import type { DebugInfo } from './debug-info.ts';

/** addr2line reads 340 MB for every line of a trace, a second each; a trace has some dozens. */
const TIMEOUT_MS = 300_000;
const INPUT_MAX = 256 * 2 ** 10;

/**
 * Turns the addresses of a kernel's trace into files and lines, with the `scripts/decode_stacktrace.sh` of the
 * kernel's own source, inside the sandbox: the trace is a guest's text. At most the first 256 KiB are decoded.
 *
 * @returns the text as the script prints it; null where it fails or takes longer than five minutes
 */
export async function decodeTrace(rootfs: Rootfs, debug: DebugInfo, trace: string): Promise<string | null> {
  const result = await inSandbox(
    { root: rootfs.tree, readable: [debug.script, debug.vmlinux, debug.modules] },
    ['bash', debug.script, debug.vmlinux, 'auto', debug.modules],
    {
      input: trace.slice(0, INPUT_MAX),
      stdin: 'pipe',
      timeout: TIMEOUT_MS,
      reject: false,
      maxBuffer: 16 * 2 ** 20,
    },
  );
  return result.failed || !result.stdout.trim() ? null : result.stdout;
}
