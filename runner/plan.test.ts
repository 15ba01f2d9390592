// SPDX-License-Identifier: GPL-2.0-only
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageTrouble } from '../vm/trouble.ts';
import { chooseSuites, readPattern, type Selection, selectTests, wantedCollections } from './plan.ts';
import { bpf } from './suites/bpf/index.ts';
import { parseDenials } from './suites/denials.ts';
import { kselftest } from './suites/kselftest.ts';
import { mptcp } from './suites/mptcp.ts';
import type { PlannedTest } from './suites/planned-test.ts';
import { suiteOfCollection, suites } from './suites/registry.ts';
import type { Built } from './suites/suite.ts';

function selection(change: Partial<Selection> = {}): Selection {
  return { suites: [], collections: [], tests: [], ...change };
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

const mptcpFiles = [
  ...['diag.sh', 'mptcp_connect.sh', 'mptcp_connect_mmap.sh', 'mptcp_join.sh', 'mptcp_sockopt.sh'],
  ...['pm_netlink.sh', 'simult_flows.sh', 'userspace_pm.sh'],
];
const seconds: Record<string, number> = { 'mptcp_join.sh': 1800, 'mptcp_connect.sh': 450 };

const builtOf = (tests: PlannedTest[]): Built => ({ version: '6.12', layers: [], folder: () => '/', tests });
const built = (collection: string, files: string[]): Built =>
  builtOf(files.map((name) => kselftest(collection, name, { timeoutS: 45, seconds: seconds[name] })));

interface Wanted {
  patterns?: string[];
  quick?: boolean;
  deny?: string;
}

function select(tests: Built, { patterns = [], quick = false, deny = '' }: Wanted, suite = mptcp) {
  const choice = { suite, patterns: patterns.map(readPattern) };
  return selectTests(choice, tests, { quick, denials: parseDenials(deny, 'DENYLIST') });
}

const names = (wanted: Wanted = {}) => select(built('net/mptcp', mptcpFiles), wanted).map(({ name }) => name);

describe('chooseSuites', () => {
  const chosen = (change: Partial<Selection>) =>
    chooseSuites(selection(change)).map(({ suite, patterns }) => [
      suite.name,
      ...patterns.map(({ glob }) => glob),
    ]);

  test.each<[string, Partial<Selection>, string[][]]>([
    ['a suite', { suites: ['mptcp'] }, [['mptcp']]],
    ['a collection', { collections: ['net/forwarding'] }, [['net/forwarding']]],
    [
      'the notation of run_kselftest',
      { tests: ['net/mptcp:diag.sh', 'net/mptcp:pm_*'] },
      [['mptcp', 'diag.sh', 'pm_*']],
    ],
    [
      'all three, of one mind',
      { suites: ['mptcp'], collections: ['net/mptcp'], tests: ['net/mptcp:x'] },
      [['mptcp', 'x']],
    ],
    ['a suite and names alone', { suites: ['mptcp'], tests: ['diag.sh'] }, [['mptcp', 'diag.sh']]],
    [
      'several, one as a whole and one with a test',
      { collections: ['net'], tests: ['net/forwarding:bridge_*'] },
      [['net'], ['net/forwarding', 'bridge_*']],
    ],
    ['a collection that two suites have', { tests: ['bpf/test_progs:mptcp'] }, [['bpf', 'mptcp']]],
    [
      'the same, where one of them was named',
      { suites: ['bpf-mptcp'], tests: ['bpf/test_progs:mptcp'] },
      [['bpf-mptcp', 'mptcp']],
    ],
  ])('%s', (_, change, expected) => {
    expect(chosen(change)).toEqual(expected);
  });

  test('a collection that has a suite is that suite, with what is known of it', () => {
    for (const suite of suites)
      for (const collection of suite.collections)
        expect(suiteOfCollection(collection).collections).toContain(collection);
    expect(suiteOfCollection('bpf/test_progs')).toBe(bpf);
    expect(suiteOfCollection('net/forwarding')).toMatchObject({ name: 'net/forwarding', quick: [] });
  });

  test('an unknown suite is told, with the closest names', () => {
    expect(refusal(() => chosen({ suites: ['mtpcp'] }))).toMatch(
      /There is no suite "mtpcp"\.\nExpected: one of: mptcp\b.*\nDo: .*--collection net\/forwarding/,
    );
    expect(refusal(() => chosen({ suites: ['net/bond'] }))).toContain('--collection net/bond');
  });

  test.each<[string, Partial<Selection>]>([
    ['nothing', {}],
    ['a name without a collection', { tests: ['diag.sh'] }],
    ['an empty collection', { tests: [':diag.sh'] }],
  ])('%s names nothing to run', (_, change) => {
    expect(refusal(() => chosen(change))).toContain('Nothing was named that could be run.');
  });

  test('with several suites a pattern has to tell whose it is', () => {
    const message = refusal(() => chosen({ suites: ['mptcp'], collections: ['net'], tests: ['diag.sh'] }));
    expect(message).toMatch(/does not tell whose test it is: mptcp, net were named/);
    expect(message).toContain('net/mptcp:diag.sh');
  });
});

describe('wantedCollections', () => {
  const wanted = (patterns: string[], quick = false) =>
    wantedCollections({ suite: bpf, patterns: patterns.map(readPattern) }, quick);

  test.each<[string, readonly string[], readonly string[]]>([
    ['all, without a pattern', wanted([]), bpf.collections],
    ['those that are named', wanted(['bpf:test_maps', 'bpf/test_progs:a']), ['bpf/test_progs', 'bpf']],
    ['all, where one pattern names none', wanted(['bpf:test_maps', 'a']), bpf.collections],
    ['those of the quick selection', wanted([], true), ['bpf/test_progs']],
    ['and more', wanted(['bpf:test_maps'], true), ['bpf/test_progs', 'bpf']],
  ])('%s', (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});

describe('selectTests', () => {
  test('takes all without a pattern, longest first', () => {
    expect(names().slice(0, 2)).toEqual(['mptcp_join.sh', 'mptcp_connect.sh']);
    expect(names().sort()).toEqual(mptcpFiles);
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
    expect(names({ patterns: tests }).sort()).toEqual(chosen);
  });

  test('--quick is the suite’s choice, to which more may be added', () => {
    expect(names({ quick: true }).sort()).toEqual([...mptcp.quick].sort());
    expect(names({ quick: true, patterns: ['diag.sh'] })).toHaveLength(mptcp.quick.length + 1);
  });

  test('what a tree does not have of the quick ones is left out, unless that is all', () => {
    const { quick } = mptcp;
    expect(select(built('net/mptcp', ['diag.sh', quick[0]!]), { quick: true })).toHaveLength(1);
    expect(refusal(() => select(built('net/mptcp', ['diag.sh']), { quick: true }))).toContain(
      `No test of net/mptcp fits "${quick[0]}"`,
    );
  });

  test('a pattern that fits nothing is told, with the closest names', () => {
    const message = refusal(() => names({ patterns: ['diag.sh', 'mptcp_jion.sh'] }));
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
    expect(refusal(() => names({ patterns: [pattern] }))).toContain('No test of net/mptcp fits');
  });

  test('names with characters that mean something elsewhere are found', () => {
    const odd = ['a+b.sh', 'a.b', 'x(1)', '[y]', 'back\\slash', '$HOME', 'ü💥'];
    for (const name of odd)
      expect(select(built('odd', odd), { patterns: [name] }).map((test) => test.name)).toEqual([name]);
  });

  test('a glob that would make a regular expression back-track for ever is answered at once', () => {
    const long = built('odd', ['a'.repeat(200)]);
    const tests = [`${'*a'.repeat(60)}b`, `${'a*'.repeat(60)}?b`];
    const began = performance.now();
    for (const pattern of tests) refusal(() => select(long, { patterns: [pattern] }));
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
        const found = () => select(built('c', [name]), { patterns: [glob] });
        if (simple(glob, name)) expect(found()).toHaveLength(1);
        else refusal(found);
      }),
    );
  });

  test('a collection of which nothing was built is told: a run of no tests must not be fine', () => {
    expect(refusal(() => select(built('net/mptcp', []), {}))).toContain('No test of net/mptcp was built');
    expect(refusal(() => select(built('net/mptcp', []), { quick: true }))).toContain('No test of net/mptcp');
  });

  describe('of a test that can choose among its subtests', () => {
    const narrowed = (name: string): PlannedTest => ({
      ...kselftest('bpf/test_progs', name, { timeoutS: 45 }),
      narrow: ({ only, without }) =>
        kselftest('bpf/test_progs', `${name} ${only}-${without}`, { timeoutS: 45 }),
    });
    const progs = builtOf([
      narrowed('mptcp'),
      narrowed('sockmap_basic'),
      kselftest('bpf', 'test_maps', { timeoutS: 0 }),
    ]);
    const chosen = (wanted: Wanted) => select(progs, wanted).map(({ name }) => name);

    test('takes some of them, or all where one pattern means all', () => {
      expect(chosen({ patterns: ['mptcp/base', 'mptcp/m*'] })).toEqual(['mptcp base,m*-']);
      expect(chosen({ patterns: ['mptcp/base', 'mptcp'] })).toEqual(['mptcp']);
      expect(chosen({ patterns: ['bpf/test_progs:mptcp/base'] })).toEqual(['mptcp base-']);
    });

    test('a collection keeps a pattern to its own tests', () => {
      expect(chosen({ patterns: ['bpf:*'] })).toEqual(['test_maps']);
      expect(refusal(() => chosen({ patterns: ['bpf:mptcp'] }))).toContain('No test of bpf fits "mptcp"');
    });

    test('a test without subtests is not found by one', () => {
      expect(refusal(() => chosen({ patterns: ['test_maps/x'] }))).toContain('fits "test_maps/x"');
    });

    test('one that cannot be run stays so, however little of it is wanted', () => {
      const instead = { outcome: 'error', message: 'it does not compile' } as const;
      const broken = builtOf([{ ...narrowed('mptcp'), instead }]);
      expect(select(broken, { patterns: ['mptcp/base'] })).toMatchObject([{ name: 'mptcp', instead }]);
    });

    test('what the tree denies is run where it is named in full', () => {
      const denials = parseDenials('mptcp # until 7.0\nsockmap_basic/x', 'DENYLIST');
      const outcomes = (wanted: Wanted) =>
        select({ ...progs, denials }, wanted).map(({ name, instead }) => [name, instead?.message ?? null]);
      expect(outcomes({ patterns: ['*mptcp*', 'sock*'] })).toEqual([
        ['mptcp', 'denied by DENYLIST: until 7.0'],
        ['sockmap_basic -x', null],
      ]);
      expect(outcomes({ patterns: ['mptcp'] })).toEqual([['mptcp', null]]);
      expect(outcomes({ patterns: ['mptcp'], deny: 'mptcp' })).toEqual([
        ['mptcp', expect.stringContaining('denied by')],
      ]);
    });

    test('a denied test is skipped with the reason, denied subtests are left out', () => {
      const deny = '# hangs in slow guests\ntest_maps\nmptcp/base # flaky since v6.11\n';
      expect(chosen({ deny })).toEqual(['mptcp -base', 'sockmap_basic', 'test_maps']);
      expect(select(progs, { deny }).at(-1)!.instead).toEqual({
        outcome: 'skip',
        message: 'denied by DENYLIST: hangs in slow guests',
      });
    });
  });
});
