// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageTrouble } from '../vm/trouble.ts';
import { type Selection, selectTests, suiteOf } from './plan.ts';
import { mptcp } from './suites/mptcp.ts';
import { collectionSuite, suites } from './suites/registry.ts';

function selection(change: Partial<Selection> = {}): Selection {
  return { tests: [], quick: false, ...change };
}

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageTrouble);
    return (error as Error).message;
  }
  throw new Error('it was taken');
}

/** As `kselftest-list.txt` of Linux 6.12 with two collections has it. */
const available = [
  ...['diag.sh', 'mptcp_connect.sh', 'mptcp_connect_mmap.sh', 'mptcp_join.sh', 'mptcp_sockopt.sh'],
  ...['pm_netlink.sh', 'simult_flows.sh', 'userspace_pm.sh'],
]
  .map((name) => `net/mptcp:${name}`)
  .concat('net:cmsg_so_mark.sh', 'net/forwarding:bridge_mdb.sh', '');

const names = (suite = mptcp, change: Partial<Selection> = {}) =>
  selectTests(suite, selection(change), available).map(({ name }) => name);

describe('suiteOf', () => {
  test.each<[string, Partial<Selection>, string]>([
    ['a suite', { suite: 'mptcp' }, 'net/mptcp'],
    ['a collection', { collection: 'net/forwarding' }, 'net/forwarding'],
    ['the notation of run_kselftest', { tests: ['net/mptcp:diag.sh', 'net/mptcp:pm_*'] }, 'net/mptcp'],
    [
      'all three, of one mind',
      { suite: 'mptcp', collection: 'net/mptcp', tests: ['net/mptcp:x'] },
      'net/mptcp',
    ],
    ['a suite and names alone', { suite: 'mptcp', tests: ['diag.sh'] }, 'net/mptcp'],
  ])('%s', (_, change, collection) => {
    expect(suiteOf(selection(change)).collection).toBe(collection);
  });

  test('a collection that has a suite is that suite, with what is known of it', () => {
    for (const suite of suites) expect(suiteOf(selection({ collection: suite.collection }))).toBe(suite);
    expect(collectionSuite('net/forwarding')).toMatchObject({ name: 'net/forwarding', quick: [] });
  });

  test('an unknown suite is told, with the closest names', () => {
    expect(refusal(() => suiteOf(selection({ suite: 'mtpcp' })))).toMatch(
      /There is no suite "mtpcp"\.\nExpected: one of: mptcp\b.*\nDo: .*--collection net\/forwarding/,
    );
    expect(refusal(() => suiteOf(selection({ suite: 'net/bond' })))).toContain('--collection net/bond');
  });

  test.each<[string, Partial<Selection>]>([
    ['nothing', {}],
    ['a name without a collection', { tests: ['diag.sh'] }],
    ['an empty collection', { tests: [':diag.sh'] }],
  ])('%s names nothing to run', (_, change) => {
    expect(refusal(() => suiteOf(selection(change)))).toContain('Nothing was named that could be run.');
  });

  test('two collections are one too many', () => {
    const message = refusal(() => suiteOf(selection({ suite: 'mptcp', tests: ['net/forwarding:a.sh'] })));
    expect(message).toMatch(/not for net\/forwarding and net\/mptcp/);
  });
});

describe('selectTests', () => {
  test('takes all of the suite’s collection, and none of those whose name begins like it', () => {
    expect(names().sort()).toEqual(available.slice(0, 8).map((line) => line.split(':')[1]));
    expect(names(collectionSuite('net'))).toEqual(['cmsg_so_mark.sh']);
  });

  test('longest first', () => {
    expect(names().slice(0, 3)).toEqual(['mptcp_join.sh', 'mptcp_connect.sh', 'mptcp_connect_mmap.sh']);
    const seconds = selectTests(mptcp, selection(), available).map(({ expectedSeconds }) => expectedSeconds);
    expect(seconds).toEqual([...seconds].sort((a, b) => b - a));
  });

  test.each<[string[], string[]]>([
    [['diag.sh'], ['diag.sh']],
    [['net/mptcp:diag.sh'], ['diag.sh']],
    [
      ['pm_*', 'diag.sh'],
      ['diag.sh', 'pm_netlink.sh'],
    ],
    [['mptcp_connect*'], ['mptcp_connect.sh', 'mptcp_connect_mmap.sh']],
    [['*p_????.sh'], ['mptcp_join.sh']],
    [['d?ag.*'], ['diag.sh']],
    [['diag.sh', 'diag.sh', 'd*'], ['diag.sh']],
  ])('%j', (tests, chosen) => {
    expect(names(mptcp, { tests }).sort()).toEqual(chosen);
  });

  test('--quick is the suite’s choice, to which more may be added', () => {
    expect(names(mptcp, { quick: true }).sort()).toEqual([...mptcp.quick].sort());
    expect(names(mptcp, { quick: true, tests: ['diag.sh'] })).toHaveLength(mptcp.quick.length + 1);
  });

  test('a pattern that fits nothing is told, with the closest names', () => {
    const message = refusal(() => names(mptcp, { tests: ['diag.sh', 'mptcp_jion.sh'] }));
    expect(message).toMatch(/No test of net\/mptcp fits "mptcp_jion\.sh"\.\nExpected: one of mptcp_join\.sh/);
  });

  test.each([
    '.*',
    'diag.s.',
    '[a-z]*',
    '(diag.sh)',
    'diag.sh|x',
    '^diag.sh$',
    'DIAG.SH',
    '\\*',
    '',
    'diag.sh\n',
    '$(',
  ])('%j is no regular expression, nor anything a shell would read', (pattern) => {
    expect(refusal(() => names(mptcp, { tests: [pattern] }))).toContain('No test of net/mptcp fits');
  });

  test('names with characters that mean something elsewhere are found', () => {
    const odd = ['a+b.sh', 'a.b', 'x(1)', '[y]', 'back\\slash', '$HOME', 'ü💥'];
    const lines = odd.map((name) => `odd:${name}`);
    for (const name of odd)
      expect(
        selectTests(collectionSuite('odd'), selection({ tests: [name] }), lines).map((t) => t.name),
      ).toEqual([name]);
  });

  test('a glob that would make a regular expression back-track for ever is answered at once', () => {
    const lines = [`odd:${'a'.repeat(200)}`];
    const tests = [`${'*a'.repeat(60)}b`, `${'a*'.repeat(60)}?b`];
    const began = performance.now();
    for (const pattern of tests)
      refusal(() => selectTests(collectionSuite('odd'), selection({ tests: [pattern] }), lines));
    expect(performance.now() - began).toBeLessThan(1000);
  });

  test('globs fit as a slow and simple matcher says', () => {
    const simple = (glob: string, name: string): boolean => {
      if (glob === '') return name === '';
      if (glob[0] === '*')
        return Array.from({ length: name.length + 1 }, (_, i) => i).some((i) =>
          simple(glob.slice(1), name.slice(i)),
        );
      return name !== '' && (glob[0] === '?' || glob[0] === name[0]) && simple(glob.slice(1), name.slice(1));
    };
    const text = (chars: string) => fc.string({ unit: fc.constantFrom(...chars), maxLength: 7 });
    fc.assert(
      fc.property(text('ab*?'), text('ab*.'), (glob, name) => {
        const select = () => selectTests(collectionSuite('c'), selection({ tests: [glob] }), [`c:${name}`]);
        if (simple(glob, name)) expect(select()).toHaveLength(1);
        else refusal(select);
      }),
    );
  });

  test('a collection of which nothing was built is told: a run of no tests must not be fine', () => {
    expect(refusal(() => names(collectionSuite('net/bond')))).toContain('No test of net/bond was built');
    expect(refusal(() => selectTests(mptcp, selection({ quick: true }), []))).toContain(
      'No test of net/mptcp',
    );
  });
});
