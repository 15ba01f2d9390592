// SPDX-License-Identifier: GPL-2.0-only
import type { Outcome } from '../../words.ts';

/**
 * What an exit code of test_progs says beyond success and failure: `EXIT_NO_TEST` and `EXIT_ERR_SETUP_INFRA` of
 * tools/testing/selftests/bpf/test_progs.c. For kselftest's runner 2 and 3 would be XFAIL and XPASS.
 */
export function outcomeOfExit(code: number | null): { outcome: Outcome; reason: string } | null {
  if (code === 2) return { outcome: 'skip', reason: 'no test was selected' };
  if (code === 3) return { outcome: 'error', reason: 'the test program’s own set-up failed' };
  return null;
}

/** `test_progs` and its flavours: `test_progs-no_alu32`, `test_progs-cpuv4`. */
export function isTestProgs(collection: string | null, name: string): boolean {
  return collection === 'bpf' && /^test_progs(?:-\w+)?$/.test(name);
}
