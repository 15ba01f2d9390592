// SPDX-License-Identifier: GPL-2.0-only

import { kselftest } from './kselftest.ts';
import { unmetNeeds } from './needs.ts';
import type { Built, Suite, SuiteContext } from './suite.ts';

/** Of a suite that cannot tell anything: its only test is one that was skipped, and says what is missing. */
export function unmetSuite(suite: Pick<Suite, 'collections'>, version: string, missing: string): Built {
  const test = kselftest(suite.collections[0]!, 'needs', { timeoutS: 0, seconds: 0 });
  return {
    ...{ version, layers: [], folder: () => '/', unmet: true },
    tests: [{ ...test, instead: { outcome: 'skip', message: missing } }],
  };
}

/**
 * Builds a suite, where the kernel and the root file system have what it needs.
 *
 * @throws UsageTrouble, Trouble as the suite does
 */
export async function buildSuite(suite: Suite, context: SuiteContext): Promise<Built> {
  const missing = await unmetNeeds(suite.needs, context);
  return missing === null ? suite.build(context) : unmetSuite(suite, context.source.upstream, missing);
}
