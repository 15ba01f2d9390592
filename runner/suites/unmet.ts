// SPDX-License-Identifier: GPL-2.0-only
import { kselftest } from './kselftest.ts';
import type { Built } from './suite.ts';

/** A suite that cannot tell anything on this kernel: one test that was skipped, and says what is missing. */
export function unmetSuite(collection: string, version: string, missing: string): Built {
  const test = kselftest(collection, 'needs', { timeoutS: 0, seconds: 0 });
  return {
    ...{ version, layers: [], folder: () => '/', unmet: true },
    tests: [{ ...test, instead: { outcome: 'skip', message: missing } }],
  };
}
