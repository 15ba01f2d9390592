// SPDX-License-Identifier: GPL-2.0-only
import { uniqueNamer } from '../unique-name.ts';

/**
 * Names that tell the results of one list apart, in its order: the second `x` of a collection is `x [2]`, a
 * result without a name is `(no name)`. The number that was printed is no identity: it changes whenever a test is added.
 */
export function uniqueNames(tests: readonly { name: string; collection?: string | null }[]): string[] {
  const collections = new Map<string, (name: string) => string>();
  return tests.map(({ name, collection }) => {
    const unique = collections.get(collection ?? '') ?? uniqueNamer();
    collections.set(collection ?? '', unique);
    return unique(name);
  });
}
