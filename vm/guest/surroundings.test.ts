// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeSurroundings } from './surroundings.ts';

const records = (...texts: string[]) => Buffer.from(texts.map((text) => `${text}\0`).join(''));

describe('the surroundings', () => {
  test('are read from the agent’s records, sorted', () => {
    const payload = records(
      'p712 sleep',
      'p41 a (b) c',
      'nns2',
      'nns1',
      'mtmpfs /mnt',
      'kveth',
      'llo up mtu 65536',
      'svm/swappiness=60',
      'skernel/core_pattern=|/bin/x %p=%e',
      'skernel/domainname=',
      't4097',
      'e',
    );
    expect(decodeSurroundings(payload)).toEqual({
      processes: ['41 a (b) c', '712 sleep'],
      namespaces: ['ns1', 'ns2'],
      mounts: ['tmpfs /mnt'],
      modules: ['veth'],
      links: ['lo up mtu 65536'],
      sysctls: {
        'kernel/core_pattern': '|/bin/x %p=%e',
        'kernel/domainname': '',
        'vm/swappiness': '60',
      },
      taint: 4097,
    });
  });

  test('leave out what changes by itself', () => {
    const payload = records(
      'skernel/random/uuid=1',
      'sfs/file-nr=1',
      'snet/netfilter/nf_conntrack_count=1',
      'snet/ipv4/tcp_available_congestion_control=reno',
      'sfs/file-max=1',
      'e',
    );
    expect(Object.keys(decodeSurroundings(payload).sysctls)).toEqual(['fs/file-max']);
  });

  test('are refused where their end is missing', () => {
    expect(() => decodeSurroundings(records('p712 sleep'))).toThrow(/broke off/);
  });

  test('of any guest are bounded in number and length, and nothing is taken for a property', () => {
    const many = Array.from({ length: 20_000 }, (_, i) => [`p${i} x`, `sa/${i}=1`]).flat();
    const found = decodeSurroundings(records(...many, 's__proto__=polluted', `n${'x'.repeat(9000)}`, 'e'));
    expect(found.processes.length).toBe(8192);
    expect(Object.keys(found.sysctls).length).toBe(8192);
    expect(found.namespaces[0]!.length).toBeLessThan(500);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('of any bytes are read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, whole) => {
        const payload = Buffer.concat([Buffer.from(bytes), whole ? records('', 'e') : Buffer.alloc(0)]);
        try {
          expect(decodeSurroundings(payload).taint).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect((error as Error).message).toContain('broke off');
        }
      }),
    );
  });
});
