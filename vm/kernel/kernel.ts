// SPDX-License-Identifier: GPL-2.0-only

/** Where the source of a kernel is: what selftests are built from. */
export interface KernelSource {
  /** The upstream version, `6.12.107`. */
  upstream: string;
  /** The package that holds it; null where Debian has none of that version. */
  source: SourcePackage | null;
}

/** One that Debian has. */
export interface PackagedSource extends KernelSource {
  source: SourcePackage;
}

interface SourcePackage {
  name: string;
  version: string;
  suite: string;
}

/** A kernel whose source Debian has. */
export type PackagedKernel = Kernel & PackagedSource;

/** A kernel that can be booted, wherever it came from. */
export interface Kernel extends KernelSource {
  /** As it was asked for. */
  reference: string;
  /** What `uname -r` says in the guest. */
  release: string;
  /** What tells it from others of its series: the package's version, `6.12.107-1`; upstream's where it was compiled here. */
  version: string;
  /** The kernel configuration's name: `debian-cloud`, `kunit`; `own` where it is somebody's. */
  flavour: string;
  arch: 'x86_64';
  /** SHA-256 of the configuration, first 16 digits. */
  configHash: string;
  /** The cache entry. */
  dir: string;
  /** What QEMU is given: the uncompressed ELF image, or the bzImage where that cannot be booted (`bootImage`). */
  vmlinux: string;
  bzImage: string;
  /** The modules and the configuration as an erofs layer for the guest. */
  layer: string;
  /** The tree below which `usr/lib/modules/RELEASE` is. */
  tree: string;
  /** The folder in which its objects were compiled, and where that is now, with what gcov reads; absent where it is gone. */
  build?: { at: string; now: string };
}
