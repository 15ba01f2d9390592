// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { findFormat } from './registry.ts';
import { tap } from './tap/index.ts';
import { testProgs } from './test_progs/index.ts';
import { outline, parse, parseAs } from './testing.ts';

/** What real logs of 2019 to 2026 hold, by the points of the survey that this parser was made from. */
describe('one wire for user output and printk', () => {
  const rawConsole = findFormat('console')!;

  test('a diagnostic line goes on after a console line', () => {
    const document = parseAs(
      rawConsole,
      '# selftests: net: x.sh',
      '# 1..1',
      '# # expected 3 pack[   61.000001] eth0: renamed from veth1',
      'ets, got 2',
      '# not ok 1 count',
      'not ok 1 selftests: net: x.sh # exit=1',
    );
    const [count] = document.tests[0]!.subtests;
    expect(count?.diagnostics.map(({ text }) => text)).toContain('expected 3 packets, got 2');
  });

  test('a result line lands between two lines of an oops', () => {
    const document = parseAs(
      rawConsole,
      '1..2',
      '[   12.000000] BUG: kernel NULL pointer dereference, address: 0000000000000008',
      'ok 1 a',
      '[   12.000001] RIP: 0010:mptcp_close+0x1/0x2',
      'ok 2 b',
    );
    expect(outline(document)).toBe('pass a, pass b');
  });
});

describe('result lines that are not unique', () => {
  test('a fork with unwritten stdout repeats headers and results', () => {
    const document = parse('TAP version 13', '1..2', 'ok 1 a', 'TAP version 13', '1..2', 'ok 1 a', 'ok 2 b');
    expect(outline(document)).toBe('pass a, pass a, pass b');
    expect(document.complete).toBe(false);
  });

  test('test_progs prints its failures again', () => {
    const again = ['log', '#1       a:FAIL'];
    const document = parseAs(
      testProgs,
      ...again,
      'All error logs:',
      ...again,
      'Summary: 0/0 PASSED, 0 SKIPPED, 1 FAILED',
    );
    expect(outline(document)).toBe('fail a');
  });

  test('glued to the end of another tool’s output', () => {
    expect(outline(parse('# selftests: a: b', '# [SUM] 0.00 Bytesok 1 selftests: a: b'))).toBe('pass b');
  });
});

describe('word and directive', () => {
  test.each([
    ['not ok 1 a # SKIP', 'skip a'],
    ['ok 16 # SKIP name', 'skip name'],
    ['not ok 2 selftests: cgroup: test_cpu TIMEOUT 45 seconds', 'timeout test_cpu'],
  ])('%s', (line, expected) => expect(outline(parse(line))).toBe(expected));

  test('no results at all', () => {
    const document = parse('1..1', '# name: [FAIL] why', '# SKIP: some text', 'ok 1 a');
    expect(outline(document)).toBe('pass a');
  });

  test('`OK (SKIP: 2/10)`', () => {
    expect(outline(parseAs(testProgs, '#3  name:OK (SKIP: 2/10)'))).toBe('pass name');
  });
});

describe('indentation that does not give the nesting', () => {
  test('none at all (raw UML)', () => {
    const document = parse(
      'TAP version 14',
      '1..1',
      '# Subtest: a',
      '1..2',
      'ok 1 - x',
      'ok 2 - y',
      'ok 1 - a',
    );
    expect(outline(document)).toBe('pass a (pass x, pass y)');
  });

  test('a tab behind the stamp', () => {
    const document = parse(
      '[    0.060000] 1..1',
      '[    0.060000] \t# Subtest: a',
      '[    0.060000] \tok 1 - x',
      '[    0.060000] ok 1 - a',
    );
    expect(outline(document)).toBe('pass a (pass x)');
  });

  test('a log that starts in the middle', () => {
    const document = parse('    ok 2 y', '    ok 3 z', 'ok 1 a', 'ok 2 b');
    expect(outline(document)).toBe('pass a (pass y, pass z), pass b');
    expect(document.complete).toBe(false);
  });
});

describe('stamps', () => {
  test.each(['[  +0.005254] ', '<3>[  107.408167] ', '[\u00a0\u00a0107.408167] ', '[  107.408167][   T12] '])(
    '%j',
    (stamp) => expect(outline(parse(`${stamp}ok 1 - a`))).toBe('pass a'),
  );

  test('a file that is not valid UTF-8', () => {
    const bytes = Buffer.from('[\xa0\xa0107.408167] x\nok 1 caf\xe9\n', 'latin1');
    const parser = tap.parser((event) => {
      if (event.type === 'result') expect(event.result.name).toBe('caf\ufffd');
    });
    parser.push(bytes);
    parser.end();
    expect.assertions(1);
  });
});

test('packetdrill: ktap_helpers.sh', () => {
  const document = parse(
    '# selftests: net/packetdrill: tcp_zerocopy_basic.pkt',
    '# TAP version 13',
    '# 1..2',
    '# ok 1 ipv4',
    '# tcp_zerocopy_basic.pkt:25: error handling packet: live packet field tcp_fin',
    '# not ok 2 ipv6',
    '# # Totals: pass:1 fail:1 xfail:0 xpass:0 skip:0 error:0',
    'not ok 1 selftests: net/packetdrill: tcp_zerocopy_basic.pkt # exit=1',
  );
  expect(outline(document)).toBe('fail tcp_zerocopy_basic.pkt (pass ipv4, fail ipv6)');
  expect(document.tests[0]?.subtests[1]?.diagnostics).toHaveLength(1);
});
