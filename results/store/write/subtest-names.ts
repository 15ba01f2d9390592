// SPDX-License-Identifier: GPL-2.0-only
import { uniqueNamer } from '../../unique-name.ts';
import { boundName } from '../text.ts';

/**
 * The names under which a test's subtests are kept, in the order given. A name is the identity, so none may stand
 * for two subtests of one test (the second `x` is `x [2]`), and none may be empty: that is the test itself.
 */
export function subtestNames(printed: readonly string[]): string[] {
  const unique = uniqueNamer(boundName);
  return printed.map((text) => unique(boundName(text)));
}
