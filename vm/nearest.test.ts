// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

const mptcp = [
  'diag.sh',
  'mptcp_connect.sh',
  'mptcp_join.sh',
  'pm_netlink.sh',
  'simult_flows.sh',
  'userspace_pm.sh',
];

test.each([
  ['mptcp_jion.sh', 'mptcp_join.sh'],
  ['pm-netlink', 'pm_netlink.sh'],
  ['simultflows', 'simult_flows.sh'],
  ['dia', 'diag.sh'],
])('%s means %s', (wanted, meant) => {
  expect(nearest(wanted, mptcp)[0]).toBe(meant);
});

test('at most five, without touching the list', () => {
  const names = [...mptcp];
  expect(nearest('x', names)).toHaveLength(5);
  expect(names).toEqual(mptcp);
});

test('any text, also of one character or none, gives names of the list', () => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'ab_.\0💥ü', '\ud83d') }),
    fc.constantFrom('', 'a', '💥', '__proto__'),
  );
  fc.assert(
    fc.property(text, fc.array(text), (wanted, names) => {
      const found = nearest(wanted, names);
      expect(found).toHaveLength(Math.min(5, names.length));
      for (const name of found) expect(names).toContain(name);
    }),
  );
});

test('a name that is in the list comes first', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 3, unit: fc.constantFrom(...'abcdefgh_.') })),
      (names) => {
        for (const name of names) {
          const [first] = nearest(name, names);
          const bag = (text: string) => new Set([...text].slice(1).map((char, i) => text[i]! + char));
          // Others may be made of the very same pairs of letters; nothing may fit better.
          expect(bag(first!)).toEqual(bag(name));
        }
      },
    ),
  );
});
