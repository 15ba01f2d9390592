// SPDX-License-Identifier: GPL-2.0-only

import type { Suite } from '../suite.ts';
import { unmetSuite } from '../unmet.ts';
import { findKunitSuites } from './discover.ts';
import { allBuiltIn, COLLECTION, kunitTest } from './test.ts';

const FRAGMENT = ['CONFIG_MPTCP_KUNIT_TEST=m'];

export const kunit: Suite = {
  name: 'kunit',
  summary: 'KUnit: every suite that is a module of the kernel’s, or built into it',
  collections: [COLLECTION],
  quick: ['mptcp*'],
  needs: {
    options: ['CONFIG_KUNIT', 'CONFIG_KUNIT_DEBUGFS', 'CONFIG_DEBUG_FS'],
    fragment: FRAGMENT,
    flavour: 'kunit',
  },
  build: async ({ rootfs, kernel }) => {
    const { suites, builtInUnknown } = await findKunitSuites(rootfs, kernel);
    const tests = [...suites.map(kunitTest), ...(builtInUnknown ? [allBuiltIn] : [])];
    if (tests.length === 0) {
      const missing = [
        `${kernel.release} has KUnit, but none of its modules holds a suite, and none is built in`,
        'this fragment of a configuration would add one:',
        ...FRAGMENT,
      ];
      return unmetSuite('kunit', kernel.upstream, missing.join('\n'));
    }
    return { version: kernel.upstream, layers: [], folder: () => '/sys/kernel/debug/kunit', tests };
  },
};
