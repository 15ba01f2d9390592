// SPDX-License-Identifier: GPL-2.0-only
import type { KernelSource } from '../../vm/kernel/kernel.ts';
import { kselftest } from './kselftest.ts';
import { unmetNeeds } from './needs.ts';
import type { Built, Suite, SuiteContext } from './suite.ts';

/**
 * Builds a suite, where the kernel and the root file system have what it needs; otherwise its only test is one that
 * was skipped, and says what is missing.
 *
 * @throws UsageTrouble, Trouble as the suite does
 */
export async function buildSuite(suite: Suite, context: SuiteContext): Promise<Built> {
  const missing = await unmetNeeds(suite.needs, context);
  return missing === null ? suite.build(context) : unmet(suite, context.source, missing);
}

/** Instead of what a suite would have built: one test that was skipped, and tells what is missing. */
export function unmet(suite: Suite, { upstream }: KernelSource, missing: string): Built {
  const test = kselftest(suite.collections[0]!, 'needs', { timeoutS: 0, seconds: 0 });
  return {
    ...{ version: upstream, layers: [], folder: () => '/', unmet: true },
    tests: [{ ...test, instead: { outcome: 'skip', message: missing } }],
  };
}
