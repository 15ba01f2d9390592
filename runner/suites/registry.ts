// SPDX-License-Identifier: GPL-2.0-only
import { nearest } from '../../vm/nearest.ts';
import { UsageTrouble } from '../../vm/trouble.ts';
import { apps } from './apps/index.ts';
import { bpf, bpfMptcp } from './bpf/index.ts';
import { custom } from './custom/index.ts';
import { fits } from './glob.ts';
import { kselftestSuite } from './kselftest.ts';
import { kunit } from './kunit/index.ts';
import { mptcp } from './mptcp.ts';
import { packetdrill } from './packetdrill/index.ts';
import { repro } from './repro/index.ts';
import type { Suite } from './suite.ts';

export const suites: readonly Suite[] = [mptcp, bpf, bpfMptcp, kunit, packetdrill, apps, repro, custom];

/** @throws UsageTrouble with the closest names */
export function findSuite(name: string): Suite {
  const found = suites.find((suite) => suite.name === name);
  if (found) return found;
  const names = suites.map((suite) => suite.name);
  throw new UsageTrouble({
    happened: `There is no suite ${JSON.stringify(name)}.`,
    expected: `one of: ${nearest(name, names).join(', ')}`,
    next: `for any other kselftest collection: multitap run --collection ${name.includes('/') ? name : 'net/forwarding'}`,
  });
}

/** The suite that a collection's tests belong to; one of its own for a kselftest collection that has no file here. */
export function suiteOfCollection(collection: string): Suite {
  return (
    suites.find((suite) => suite.collections.some((glob) => fits(glob, collection))) ??
    kselftestSuite({
      name: collection,
      summary: `tools/testing/selftests/${collection}`,
      ...{ collection, quick: [], seconds: {}, needs: {} },
    })
  );
}
