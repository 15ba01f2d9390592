// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { oops, stamped, warn } from '../crash/testing.ts';
import { auto } from '../formats/auto.ts';
import { maxCrashes, maxOccurrences } from './crashes.ts';
import { understand } from './index.ts';

function read(...lines: string[]) {
  const parser = understand('a.log', auto);
  parser.push(Buffer.from(`${lines.join('\n')}\n`));
  return parser.end();
}

const splat = stamped(warn('net/mptcp/pm.c:12 mptcp_a', 'mptcp_b'));

test('a crash belongs to the innermost test that was running', () => {
  const log = read(
    '# selftests: net/mptcp: diag.sh',
    '# ok 1 a',
    ...splat,
    '# ok 2 b',
    'ok 1 selftests: net/mptcp: diag.sh',
    'ok 2 selftests: net/mptcp: next.sh',
  );
  expect(log.crashes).toMatchObject([
    {
      kind: 'warn',
      title: 'WARNING in mptcp_a',
      function: 'mptcp_a',
      count: 1,
      fatal: false,
      occurrences: [{ line: 3, test: ['diag.sh', 'b'] }],
    },
  ]);
  const { signature } = log.crashes[0]!;
  expect(log.tests.map(({ crashes }) => crashes)).toEqual([[], []]);
  expect(log.tests[0]?.subtests.map(({ crashes }) => crashes)).toEqual([[], [signature]]);
  expect(log.tests[0]?.outcome).toBe('pass');
});

test('a test that ended in it crashed, and so did those around it', () => {
  const log = read(
    '1..2',
    'ok 1 selftests: lib: before.sh',
    '# selftests: lib: bitmap.sh',
    '# KTAP version 1',
    '#   # Subtest: bitmap',
    '#   1..2',
    '#   ok 1 zero',
    ...stamped([...oops('mptcp_c'), 'Kernel panic - not syncing: Fatal exception']),
  );
  expect(log.tests.map(({ outcome }) => outcome)).toEqual(['pass', 'crash']);
  expect(log.tests[1]?.subtests.map(({ name, outcome }) => `${outcome} ${name}`)).toEqual(['crash bitmap']);
  expect(log.crashes[0]).toMatchObject({ fatal: true, occurrences: [{ test: ['bitmap.sh', 'bitmap'] }] });
  expect(log.counts.tests).toMatchObject({ pass: 1, crash: 1, missing: 0 });
});

test('a note does not make a crash of a missing test', () => {
  const log = read(
    '# selftests: a: b',
    '[   12.000000] x: loading out-of-tree module taints kernel.',
    '[   13.000000] y',
  );
  expect(log.tests.map(({ outcome }) => outcome)).toEqual(['missing']);
  expect(log.crashes).toHaveLength(1);
});

test('the same fault is one crash with several places', () => {
  const again = stamped(warn('net/mptcp/pm.c:12 mptcp_a', 'mptcp_b'), 99);
  const log = read('1..2', ...splat, 'ok 1 a', ...again, 'ok 2 a');
  expect(log.crashes).toMatchObject([
    { count: 2, occurrences: [{ test: ['a'], kernelTimeMs: 12000 }, { test: ['a [2]'] }] },
  ]);
});

test('behind the last test there is none to blame', () => {
  expect(read('1..1', 'ok 1 a', ...splat).crashes[0]?.occurrences[0]?.test).toBeNull();
});

test('a log full of crashes stays within bounds', () => {
  const many = Array.from({ length: maxCrashes + 50 }, (_, i) =>
    stamped(warn(`net/x.c:1 function_${String.fromCharCode(97 + (i % 26))}${'x'.repeat(i / 26)}`), i),
  ).flat();
  const { crashes, problems } = read(...many);
  expect(crashes).toHaveLength(maxCrashes);
  expect(problems.at(-1)?.text).toContain('50 more reports of the kernel, of other faults');
  const often = Array.from({ length: maxOccurrences + 9 }, (_, i) => stamped(warn('net/x.c:1 f'), i)).flat();
  const [crash] = read(...often).crashes;
  expect([crash?.count, crash?.occurrences.length]).toEqual([maxOccurrences + 9, maxOccurrences]);
});

test('while the kernel boots there is no test to blame either', () => {
  for (const begin of [['1..1'], ['# selftests: net: a.sh'], ['TAP version 13', '1..1'], []]) {
    const { crashes, tests } = read(...splat, ...begin, 'ok 1 selftests: net: a.sh');
    expect(crashes[0]?.occurrences[0]?.test).toBeNull();
    expect(tests[0]?.crashes).toEqual([]);
  }
});
