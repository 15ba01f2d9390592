// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path';
import { GUEST_KSELFTEST } from '../../../vm/kernel/selftests.ts';
import { kselftest } from '../kselftest.ts';
import { ownLayer } from '../layer.ts';
import type { Suite } from '../suite.ts';

const SCRIPTS = join(import.meta.dirname, 'scripts');

/** The tests, with seconds that they take under TCG, measured; the other files are what these have in common. */
const seconds = {
  'failover.sh': 30,
  'fallback.sh': 20,
  'mptcpize.sh': 25,
  'native.sh': 15,
  'subflows.sh': 20,
};

export const apps: Suite = {
  name: 'apps',
  summary: 'curl and lighttpd over two paths: MPTCP in use, a lost path, fallback to TCP, mptcpize',
  collections: ['apps'],
  quick: ['*'],
  needs: {
    options: [
      'CONFIG_MPTCP',
      'CONFIG_NET_NS',
      'CONFIG_VETH',
      'CONFIG_INET_MPTCP_DIAG',
      'CONFIG_NET_SCH_NETEM',
    ],
    tools: ['curl', 'ip', 'lighttpd', 'mptcpize', 'nft', 'python3', 'ss', 'tc'],
  },
  build: async ({ rootfs, progress }) => {
    const to = `${GUEST_KSELFTEST}/apps`;
    const { layer, hash } = await ownLayer(rootfs, { name: 'apps', folder: SCRIPTS, to }, progress);
    return {
      version: `apps ${hash}`,
      layers: [layer],
      tests: Object.entries(seconds).map(([name, took]) =>
        kselftest('apps', name, { timeoutS: 120, seconds: took }),
      ),
      folder: () => to,
    };
  },
};
