// SPDX-License-Identifier: GPL-2.0-only
import type { Surroundings } from './surroundings.ts';

type Kind = 'processes' | 'namespaces' | 'mounts' | 'modules';

/** Each occurrence counts: a second mount over /proc reads like the first. */
function added(before: string[], after: string[]): string[] {
  const known = new Map<string, number>();
  for (const item of before) known.set(item, (known.get(item) ?? 0) + 1);
  return after.filter((item) => {
    const left = known.get(item) ?? 0;
    known.set(item, left - 1);
    return left <= 0;
  });
}

/** What came and what went, each with a word before it. */
function changed(word: string, kind: Kind, before: Surroundings, after: Surroundings): string[] {
  return [
    ...added(before[kind], after[kind]).map((item) => `${word} ${item}`),
    ...added(after[kind], before[kind]).map((item) => `${word} ${item} is gone`),
  ];
}

/** `lo up mtu 65536`: a device and how it is. */
function links(before: Surroundings, after: Surroundings): string[] {
  const byName = (list: string[]) => new Map(list.map((link) => link.split(/ (.*)/s, 2) as [string, string]));
  const [was, is] = [byName(before.links), byName(after.links)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((name) => {
    const [old, state] = [was.get(name), is.get(name)];
    if (old === state) return [];
    if (old === undefined) return [`link ${name}`];
    return [state === undefined ? `link ${name} is gone` : `link ${name} ${old} → ${state}`];
  });
}

/** Settings that come and go do so with modules and devices. */
function sysctls(before: Surroundings, after: Surroundings): string[] {
  return Object.entries(after.sysctls).flatMap(([name, value]) => {
    const old = Object.hasOwn(before.sysctls, name) ? before.sysctls[name]! : value;
    return old === value ? [] : [`sysctl ${name} ${old} → ${value}`];
  });
}

/** Mounted by the kernel itself for whoever looks there (fs/debugfs, kernel/trace). */
const AUTOMATIC = /^mount tracefs \/sys\/kernel\/debug\/tracing/;

/** Reasons in /proc/sys/kernel/tainted (Documentation/admin-guide/tainted-kernels.rst) for which a kernel is not as it was. */
const BAD_TAINTS: [number, string][] = [
  [4, 'machine check'],
  [5, 'bad page'],
  [7, 'oops or BUG'],
  [9, 'warning'],
  [14, 'soft lockup'],
];

function badTaints(before: Surroundings, after: Surroundings): string[] {
  const fresh = BigInt(after.taint) & ~BigInt(before.taint);
  return BAD_TAINTS.filter(([bit]) => (fresh >> BigInt(bit)) & 1n).map(([, reason]) => `taint ${reason}`);
}

/**
 * What a test left behind for which the next one would find another guest than it did, a short line for each:
 * `process 123 sleep`, `mount tmpfs /mnt`, `sysctl net/ipv4/ip_forward 0 → 1`.
 */
export function compareSurroundings(before: Surroundings, after: Surroundings): string[] {
  return [
    ...added(before.processes, after.processes).map((process) => `process ${process}`),
    ...changed('network namespace', 'namespaces', before, after),
    ...changed('mount', 'mounts', before, after).filter((line) => !AUTOMATIC.test(line)),
    ...links(before, after),
    ...sysctls(before, after),
    ...badTaints(before, after),
  ];
}

/**
 * What spoils nothing: a module stays loaded after any test that needs it, and taints the kernel where it is none of
 * the kernel's own or a test's.
 */
export function harmlessLeftovers(before: Surroundings, after: Surroundings): string[] {
  const taint = before.taint === after.taint ? [] : [`taint ${before.taint} → ${after.taint}`];
  return [...changed('module', 'modules', before, after), ...taint];
}
