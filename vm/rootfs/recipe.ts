// SPDX-License-Identifier: GPL-2.0-only
import { hashOf } from '../cache.ts';

/** Raised when the way of building changes so that the same packages give another result. */
const RECIPE_VERSION = 1;

export interface Recipe {
  /** Debian's codename. */
  suite: string;
  packages: readonly string[];
}

/** What the selftests of MPTCP, networking and BPF call, the programs that speak MPTCP, and what builds them and the kernel. */
const packages = {
  // Run in the guest by the selftests.
  tests: [
    'busybox-static',
    'conntrack',
    'curl',
    'e2fsprogs',
    'ethtool',
    'iperf3',
    'iproute2',
    'iptables',
    'iputils-arping',
    'iputils-ping',
    'jq',
    'kmod',
    'lighttpd',
    'mptcpize',
    'netsniff-ng',
    'nftables',
    'openssl',
    'procps',
    'psmisc',
    'python3-minimal',
    'python3-yaml',
    'socat',
    'tcpdump',
  ],
  // Build the selftests, kernels and BPF programs.
  build: [
    'bc',
    'bison',
    'build-essential',
    'ccache',
    'clang',
    'cpio',
    'flex',
    'git',
    'libcap-dev',
    'libelf-dev',
    'libmnl-dev',
    'libnuma-dev',
    'libpcap-dev',
    'libssl-dev',
    'lld',
    'llvm',
    'pahole',
    'python3-docutils',
    'rsync',
    'xxd',
  ],
  // Used by multitap itself: archives, images, the two VM drivers.
  own: [
    'bubblewrap',
    'debian-archive-keyring',
    'erofs-utils',
    'lz4',
    'qemu-system-x86',
    'sudo',
    'udev',
    'virtiofsd',
    'virtme-ng',
    'xz-utils',
    'zstd',
  ],
};

export const defaultRecipe: Recipe = {
  suite: 'trixie',
  packages: [...packages.tests, ...packages.build, ...packages.own].sort(),
};

/** The name of the cache entry: the recipe decides, so a changed recipe is a new root beside the old one. */
export function recipeHash(recipe: Recipe): string {
  return hashOf(String(RECIPE_VERSION), recipe.suite, [...recipe.packages].sort().join(' '));
}
