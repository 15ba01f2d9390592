// SPDX-License-Identifier: GPL-2.0-only

/** Sorting weight of one character between digits: `~` before the end, letters before the rest. */
function weight(char: string | undefined): number {
  if (char === '~') return -1;
  if (char === undefined) return 0;
  return /[A-Za-z]/.test(char) ? char.charCodeAt(0) : char.charCodeAt(0) + 256;
}

function compareText(a: string, b: string): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = weight(a[i]) - weight(b[i]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Text and numbers in turn. */
function comparePart(a: string, b: string): number {
  const left = a.split(/(\d+)/);
  const right = b.split(/(\d+)/);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference =
      i % 2 === 0
        ? compareText(left[i] ?? '', right[i] ?? '')
        : // Dates and build numbers may be longer than a double is exact.
          Number(BigInt(left[i] ?? 0) - BigInt(right[i] ?? 0));
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Compares two Debian versions without epochs (deb-version(7)): the upstream version, then what stands behind
 * the last hyphen. Negative where `a` is older.
 */
export function compareVersions(a: string, b: string): number {
  const split = (version: string) => /^(.*?)(?:-([^-]*))?$/s.exec(version)!;
  const [, upstreamA = '', revisionA = ''] = split(a);
  const [, upstreamB = '', revisionB = ''] = split(b);
  return comparePart(upstreamA, upstreamB) || comparePart(revisionA, revisionB);
}

/** `6.12.107` of `6.12.107-1~bpo12+1`. */
export function upstreamOf(version: string): string {
  return /^\d+(\.\d+)+/.exec(version)?.[0] ?? version;
}

/** A position on a branch that grows with the kernel's version: `6.12.107` gives 6 012 107. */
export function positionOf(upstream: string): number {
  const [major = 0, minor = 0, patch = 0] = upstream.split('.').map(Number);
  return (major * 1000 + minor) * 1000 + patch;
}
