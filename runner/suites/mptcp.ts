// SPDX-License-Identifier: GPL-2.0-only
import { kselftestSuite } from './kselftest.ts';

/**
 * Within a subtest that passes, mptcp_sockopt.c leaves out what the kernel does not know, and says so in a line:
 * `MPTCP_FULL_INFO test skipped: Operation not supported`.
 */
export function leftOut(output: string): string[] {
  const lines = output.match(/^.* test skipped: .*$/gm) ?? [];
  return [...new Set(lines)].map((line) => `not tested, although its subtest passed: ${line}`);
}

export const mptcp = kselftestSuite({
  name: 'mptcp',
  summary: 'tools/testing/selftests/net/mptcp: Multipath TCP, path managers, diagnostics, socket options',
  collection: 'net/mptcp',
  needs: { options: ['CONFIG_MPTCP'], tools: ['ip', 'ss', 'nft', 'tc'] },
  quick: ['pm_netlink.sh', 'mptcp_sockopt.sh'],
  seconds: {
    'diag.sh': 60,
    'mptcp_connect.sh': 450,
    'mptcp_connect_checksum.sh': 450,
    'mptcp_connect_mmap.sh': 450,
    'mptcp_connect_sendfile.sh': 450,
    'mptcp_connect_splice.sh': 450,
    'mptcp_join.sh': 1800,
    'mptcp_sockopt.sh': 45,
    'pm_netlink.sh': 40,
    'simult_flows.sh': 140,
    'userspace_pm.sh': 65,
  },
  verify: async (_, __, output) => leftOut(output.toString('latin1')),
  // Files of their own since Linux 6.18 and its stable siblings; the MPTCP CI runs older ones so.
  variants: {
    'mptcp_connect_checksum.sh': ['mptcp_connect.sh', '-C'],
    'mptcp_connect_mmap.sh': ['mptcp_connect.sh', '-m', 'mmap'],
    'mptcp_connect_sendfile.sh': ['mptcp_connect.sh', '-m', 'sendfile'],
  },
});
