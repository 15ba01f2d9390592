// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import {
  isTotals,
  parseBailOut,
  parseMetadata,
  parsePlan,
  parseRunnerHeader,
  parseSubtestHeader,
  parseVersion,
} from './other-lines.ts';

describe('version', () => {
  test.each([
    ['TAP version 13', 'tap'],
    ['TAP version 14', 'tap'],
    ['KTAP version 1', 'ktap'],
    ['ktap version 2', 'ktap'],
  ])('%j', (content, version) => expect(parseVersion(content)).toBe(version));

  test.each(['TAP version', 'TAP version x', 'TAP version 13.1', 'TAP version 1300', 'my TAP version 13'])(
    'none: %j',
    (content) => expect(parseVersion(content)).toBeNull(),
  );
});

describe('plan', () => {
  test.each([
    ['1..0', 0, ''],
    ['1..5', 5, null],
    ['1..1024', 1024, null],
    ['1..5 # in two groups', 5, null],
    ['1..0 # SKIP not root', 0, 'not root'],
    ['1..0\t#\tSKIP\tnot root', 0, 'not root'],
    ['1..0  #  Skipped:  not root', 0, 'not root'],
    ['1..0 #skip', 0, ''],
    ['1..0 # not root', 0, 'not root'],
    ['1..0 # skipper not found', 0, 'skipper not found'],
    ['1..0 # why: skip it', 0, 'why: skip it'],
  ])('%j', (content, count, skip) => expect(parsePlan(content)).toEqual({ count, skip }));

  test.each([
    '1..',
    '1..n',
    '1.5',
    '0..5',
    '11..5',
    '1..5 tests',
    '1..5# x',
    '1..-1',
    '1..1e3',
    '1..1234567890123456',
  ])('none: %j', (content) => expect(parsePlan(content)).toBeNull());
});

test.each([
  ['Bail out!', ''],
  ['Bail out! no memory', 'no memory'],
  ['Bail out!\tno memory', 'no memory'],
  ['bail out!no memory', 'no memory'],
  ['Bail out', null],
  ['Shall we? Bail out!', null],
])('bail-out: %j', (content, reason) => expect(parseBailOut(content)).toBe(reason));

describe('header of the runner', () => {
  test('names collection and test', () => {
    const header = { collection: 'net/mptcp', name: 'diag.sh' };
    expect(parseRunnerHeader('selftests: net/mptcp: diag.sh')).toEqual(header);
  });

  test.each([
    'selftests: net/mptcp',
    'selftests: net/mptcp: ',
    'selftests: net/mptcp: diag.sh is slow',
    'selftests: two words: diag.sh',
    'kselftests: net/mptcp: diag.sh',
  ])('none: %j', (content) => expect(parseRunnerHeader(content)).toBeNull());
});

test.each([
  ['# Subtest: list', 'list'],
  ['Subtest: list', 'list'],
  ['# Subtest:   two words', 'two words'],
  ['# Subtest: x', 'x'],
  ['# Subtest: ', null],
  ['# Subtest:list', null],
  ['## Subtest: list', null],
  ['the Subtest: list', null],
])('header of a subtest: %j', (content, name) => expect(parseSubtestHeader(content)).toBe(name));

describe('metadata', () => {
  test.each([
    ['#:ktap_speed: slow', 'ktap_speed', 'slow'],
    ['#: ktap_speed:slow', 'ktap_speed', 'slow'],
    ['#:\tktap_speed: \t very slow', 'ktap_speed', 'very slow'],
    ['#:net-x2_url: https://example.org/', 'net-x2_url', 'https://example.org/'],
    ['#:k:', 'k', ''],
  ])('%j', (content, key, value) => expect(parseMetadata(content)).toEqual({ key, value }));

  test.each([
    '#:',
    '#:ktap_speed',
    '#:: slow',
    '#:  ktap_speed: slow',
    '#:2nd: slow',
    '#:two words: slow',
    '# ktap_speed: slow',
    'see #:ktap_speed: slow',
    `#:${'k'.repeat(65)}: slow`,
  ])('none: %j', (content) => expect(parseMetadata(content)).toBeNull());

  test('keys of 64 characters, values of 400', () => {
    const { key, value } = parseMetadata(`#:${'k'.repeat(64)}: ${'v'.repeat(500)}`)!;
    expect([key.length, value.length]).toEqual([64, 400]);
  });
});

describe('totals', () => {
  test.each([
    '# Totals: pass:1 fail:0 xfail:0 xpass:0 skip:0 error:0',
    'Totals: pass:12 fail:0 skip:0 total:12',
    '# suite: pass:2 fail:0 skip:0 total:2',
    '# Planned tests != run tests (2 != 1)',
    'Planned tests != run tests (2 != 1)',
    '# 1 skipped test(s) detected. Consider enabling relevant config options to improve coverage.',
    '# 12 skipped test(s) detected.',
  ])('%j', (content) => expect(isTotals(content)).toBe(true));

  test.each([
    '# Totals: pass: 1',
    '# Totals: pass:none',
    'Expected Totals: pass:1',
    ': pass:1',
    'no skipped test(s) detected',
    'there were 2 skipped test(s) detected',
    '## Totals: pass:1',
  ])('none: %j', (content) => expect(isTotals(content)).toBe(false));
});
