// SPDX-License-Identifier: GPL-2.0-only
import type { Suite } from './suite.ts';

export const mptcp: Suite = {
  name: 'mptcp',
  summary: 'tools/testing/selftests/net/mptcp: Multipath TCP, path managers, diagnostics, socket options',
  collection: 'net/mptcp',
  quick: ['pm_netlink.sh', 'mptcp_sockopt.sh'],
  seconds: {
    'diag.sh': 60,
    'mptcp_connect.sh': 450,
    'mptcp_connect_checksum.sh': 450,
    'mptcp_connect_mmap.sh': 450,
    'mptcp_connect_sendfile.sh': 450,
    'mptcp_join.sh': 1800,
    'mptcp_sockopt.sh': 45,
    'pm_netlink.sh': 40,
    'simult_flows.sh': 140,
    'userspace_pm.sh': 65,
  },
};
