// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { parseWhole } from '../registry.ts';
import { fixture, outline, parse } from '../testing.ts';
import { tap } from './index.ts';

/** Cases that kunit_parser (Linux 6.12), tap-parser 18.3.4 or the MPTCP CI's tap2json get wrong or do not survive. */
describe('faults of peers', () => {
  test('plan at the end', () => {
    const document = parse('TAP version 13', 'ok 1 a', 'ok 2 b', '1..2');
    expect(outline(document)).toBe('pass a, pass b');
    expect(document).toMatchObject({ plan: 2, complete: true, problems: [] });
  });

  test('printk prefixes and a panic', () => {
    const document = parse(
      '[    0.060000] printk: console [mc-1] enabled',
      '[    0.060000] TAP version 14',
      '[    0.060000] 1..2',
      '[    0.060000] \t# Subtest: resource',
      '[    0.060000] \t1..2',
      '[    0.060000] \tok 1 - init',
      '[    0.060000] \tok 2 - alloc',
      '[    0.060000] ok 1 - resource',
      '[    0.060000] \t# Subtest: stream',
      '[    0.060000] \t1..3',
      '[    0.060000] \tok 1 - empty',
      '[    0.060000] \tKernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(98,0)',
      '[    0.060000] CPU: 0 PID: 1 Comm: swapper Not tainted 5.4.0-rc1 #2',
    );
    expect(outline(document)).toBe('pass resource (pass init, pass alloc), missing stream (pass empty)');
    expect(document).toMatchObject({ plan: 2, complete: false });
    expect(document.tests[1]?.diagnostics[0]?.text).toContain('Kernel panic');
    expect(document.problems.map(({ text }) => text)).toEqual([
      '3 tests planned, 1 reported',
      'started and never reported: stream',
      '2 tests planned, 1 reported',
    ]);
  });

  test('a KTAP child fails, its parent is ok', () => {
    const document = parse(
      'KTAP version 1',
      '1..1',
      '  KTAP version 1',
      '  1..1',
      '  not ok 1 child',
      'ok 1 parent',
    );
    expect(outline(document)).toBe('fail parent (fail child)');
    expect(document.problems).toEqual([{ line: 6, text: 'passed although its subtest did not: child' }]);
  });

  test('`ok 1 # SKIP x`', () => {
    const document = parse('TAP version 13', '1..1', 'ok 1 # SKIP x');
    expect(document.tests).toMatchObject([{ outcome: 'skip', name: 'x', reason: 'x', number: 1 }]);
  });

  test('`not ok # SKIP`', () => {
    expect(outline(parse('TAP version 13', '1..1', 'not ok 1 a # SKIP'))).toBe('skip a');
    expect(outline(parse('TAP version 13', '1..1', 'not ok # SKIP a'))).toBe('skip a');
  });

  test('`not ok # XFAIL`', () => {
    expect(outline(parse('TAP version 13', '1..1', 'not ok 1 a # XFAIL'))).toBe('xfail a');
    expect(outline(parse('TAP version 13', '1..1', 'not ok # XFAIL a'))).toBe('xfail a');
  });

  test('`#` inside a name', () => {
    expect(outline(parse('KTAP version 1', '1..1', 'ok 1 reads # of pages'))).toBe('pass reads # of pages');
  });

  test('short plan', () => {
    const document = parse('TAP version 13', '1..3', 'ok 1 a', 'ok 2 b');
    expect(outline(document)).toBe('pass a, pass b');
    expect(document).toMatchObject({ plan: 3, complete: false, unnamed: { missing: 1 } });
    expect(document.problems).toEqual([{ line: 2, text: '3 tests planned, 2 reported' }]);
  });

  test('`Bail out!`', () => {
    const document = parse(
      'TAP version 13',
      '1..1',
      'ok 1 a',
      'Bail out! no memory',
      '# Totals: pass:1 fail:0',
    );
    expect(outline(document)).toBe('pass a');
    expect(document).toMatchObject({ bailOut: 'no memory', complete: false });
  });

  test('CRLF and ANSI colours', () => {
    const document = parse(
      'TAP version 13\r',
      '1..2\r',
      '\x1b[32mok 1 - a\x1b[0m\r',
      '\x1b[31mnot ok\x1b[0m 2 - b\r',
    );
    expect(outline(document)).toBe('pass a, fail b');
    expect(document).toMatchObject({ plan: 2, complete: true });
  });

  test('an mptcp body with its embedded document', () => {
    const document = parseWhole(tap, fixture('body-pm_netlink.tap'));
    expect(document).toMatchObject({ plan: 22, complete: true, problems: [] });
    expect(document.tests).toHaveLength(22);
  });

  test('duplicate names', () => {
    expect(outline(parseWhole(tap, Buffer.from('1..3\nok 1 a\nnot ok 2 a\nok 3 a\n')))).toBe(
      'pass a, fail a, pass a',
    );
  });
});
