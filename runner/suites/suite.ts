// SPDX-License-Identifier: GPL-2.0-only

/** A set of tests that is run together. A new one is one file here and one line in `registry.ts`. */
export interface Suite {
  name: string;
  /** One line for `--help` and the reference. */
  summary: string;
  /** The kselftest collection that its tests are in. */
  collection: string;
  /** The tests of a quick look (`--quick`): minutes under TCG, and still worth having run. */
  quick: string[];
  /**
   * Seconds that tests take under TCG (measured, see docs/explanation/speed.md): long ones are started first,
   * and progress knows what to expect. Missing ones count as 60.
   */
  seconds: Record<string, number>;
}
