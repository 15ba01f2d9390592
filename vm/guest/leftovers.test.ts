// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareSurroundings, harmlessLeftovers } from './leftovers.ts';
import type { Surroundings } from './surroundings.ts';

const clean: Surroundings = {
  processes: [],
  namespaces: [],
  mounts: ['overlay /', 'proc /proc'],
  modules: ['overlay'],
  links: ['lo up mtu 65536'],
  sysctls: { 'net/ipv4/ip_forward': '0', 'kernel/panic': '0' },
  taint: 0,
};

describe('what a test left behind', () => {
  test.each<[string, Partial<Surroundings>, string[]]>([
    ['a process', { processes: ['123 sleep'] }, ['process 123 sleep']],
    ['a network namespace', { namespaces: ['ns1'] }, ['network namespace ns1']],
    ['a mount', { mounts: ['overlay /', 'proc /proc', 'tmpfs /mnt'] }, ['mount tmpfs /mnt']],
    [
      'a second mount of the same kind',
      { mounts: ['overlay /', 'proc /proc', 'proc /proc'] },
      ['mount proc /proc'],
    ],
    ['a mount that is gone', { mounts: ['overlay /'] }, ['mount proc /proc is gone']],
    ['a device', { links: ['lo up mtu 65536', 'veth0 down mtu 1500'] }, ['link veth0']],
    ['a device that is gone', { links: [] }, ['link lo is gone']],
    ['a device’s state', { links: ['lo down mtu 65536'] }, ['link lo up mtu 65536 → down mtu 65536']],
    [
      'a setting',
      { sysctls: { 'net/ipv4/ip_forward': '1', 'kernel/panic': '0' } },
      ['sysctl net/ipv4/ip_forward 0 → 1'],
    ],
    ['a warning', { taint: 512 | 4096 }, ['taint warning']],
  ])('%s', (_, change, lines) => {
    expect(compareSurroundings(clean, { ...clean, ...change })).toEqual(lines);
  });

  test('that spoils nothing is told apart', () => {
    const after: Surroundings = {
      ...clean,
      modules: ['overlay', 'sch_netem'],
      taint: 4096,
      sysctls: { ...clean.sysctls, 'net/netfilter/nf_conntrack_max': '65536' },
      mounts: [...clean.mounts, 'tracefs /sys/kernel/debug/tracing'],
    };
    expect(compareSurroundings(clean, after)).toEqual([]);
    expect(harmlessLeftovers(clean, after)).toEqual(['module sch_netem', 'taint 0 → 4096']);
  });

  test('a process that ended meanwhile is not the test’s', () => {
    expect(compareSurroundings({ ...clean, processes: ['9 sh'] }, clean)).toEqual([]);
  });

  const texts = fc.array(fc.string(), { maxLength: 5 });
  const surroundings: fc.Arbitrary<Surroundings> = fc.record({
    processes: texts,
    namespaces: texts,
    mounts: texts,
    modules: texts,
    links: texts,
    sysctls: fc.dictionary(fc.string(), fc.string(), { maxKeys: 5 }),
    taint: fc.nat(),
  });

  test('of any two guests can be told, and of a guest and itself is nothing', () => {
    fc.assert(
      fc.property(surroundings, surroundings, (before, after) => {
        for (const line of compareSurroundings(before, after)) expect(line).toMatch(/^\w/);
        expect([...compareSurroundings(before, before), ...harmlessLeftovers(before, before)]).toEqual([]);
      }),
    );
  });
});
