// SPDX-License-Identifier: GPL-2.0-only
import type { Store, VariantInput } from '../../results/store/types.ts';
import type { PlannedTest } from '../suites/planned-test.ts';

/** The tests with the seconds that history expects of each; one without history keeps its suite's estimate. */
export async function withHistory(
  store: Store,
  suite: string,
  variant: VariantInput,
  tests: readonly PlannedTest[],
): Promise<PlannedTest[]> {
  const known = await store.durations(suite, variant);
  const seconds = new Map(known.map((one) => [`${one.collection}:${one.name}`, one.durationMs / 1000]));
  return tests.map((test) => ({
    ...test,
    expectedSeconds: seconds.get(`${test.collection}:${test.name}`) ?? test.expectedSeconds,
  }));
}
