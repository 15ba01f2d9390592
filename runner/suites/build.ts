// SPDX-License-Identifier: GPL-2.0-only

import { unmetNeeds } from './needs.ts';
import type { Built, Suite, SuiteContext } from './suite.ts';
import { unmetSuite } from './unmet.ts';

/**
 * Builds a suite, where the kernel and the root file system have what it needs.
 *
 * @throws UsageTrouble, Trouble as the suite does
 */
export async function buildSuite(suite: Suite, context: SuiteContext): Promise<Built> {
  const missing = await unmetNeeds(suite.needs, context);
  if (missing === null) return suite.build(context);
  return unmetSuite(suite.collections[0]!, context.source.upstream, missing);
}
