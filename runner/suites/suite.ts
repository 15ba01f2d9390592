// SPDX-License-Identifier: GPL-2.0-only
import type { Json } from '../../results/store/types.ts';
import type { Kernel, KernelSource } from '../../vm/kernel/kernel.ts';
import type { Progress } from '../../vm/progress.ts';
import type { Rootfs } from '../../vm/rootfs/build.ts';
import type { Denial } from './denials.ts';
import type { Needs } from './needs.ts';
import type { PlannedTest } from './planned-test.ts';

/** What a suite builds its tests with. */
export interface SuiteContext {
  rootfs: Rootfs;
  kernel: Kernel;
  /** What its tests are built from: the kernel's own source, unless `--selftests` names another's. */
  source: KernelSource;
  /** Those of the suite's collections of which anything is asked: the others need not be built. */
  collections: readonly string[];
  /** The values of the suite's own options, by their names; none where it was not given. */
  options: Readonly<Record<string, readonly string[]>>;
  progress: Progress;
}

/** What was built, and what is in it. */
export interface Built {
  /** Of what it was built from, for the run's environment. */
  version: string;
  /** erofs images for the guest, beside the root file system's and the kernel's. */
  layers: string[];
  tests: PlannedTest[];
  /** The folder in the guest where the tests of one collection are: where a shell begins. */
  folder(collection: string): string;
  /** The suite cannot tell anything on this kernel: its only test says why, and none can be chosen. */
  unmet?: boolean;
  /** The tree's own lists of what is not to be run; a test that is named in full is run even so. */
  denials?: readonly Denial[];
  /** What else decides how the tests behave, for the run's environment. */
  facts?: { [key: string]: Json };
}

/** An option of the command line that one suite alone understands. */
export interface SuiteOption {
  /** `packetdrill` for `--packetdrill`. */
  name: string;
  /** What its value is, in one word: `folder`. */
  value: string;
  description: string;
  /** May be given several times. */
  many?: boolean;
}

/** A set of tests that is run together. A new one is one file here and one line in `registry.ts`. */
export interface Suite {
  name: string;
  /** One line for `--help` and the reference. */
  summary: string;
  /** The collections that its tests are in, or globs of them; COLLECTION:TEST means this suite for each of them. */
  collections: readonly string[];
  /** Patterns of a quick look (`--quick`): minutes under TCG, and still worth having run. */
  quick: readonly string[];
  /** Without this none of its tests can tell anything: looked for before anything is built or booted. */
  needs: Needs;
  options?: readonly SuiteOption[];
  /**
   * Looks at the values of its options before anything is downloaded.
   *
   * @throws UsageTrouble
   */
  check?(options: SuiteContext['options']): Promise<void>;
  /**
   * Builds what is not in the cache yet, in the sandbox.
   *
   * @throws UsageTrouble for what was asked for and is not there; Trouble for what cannot be built
   */
  build(context: SuiteContext): Promise<Built>;
}
