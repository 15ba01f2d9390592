// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { allTests, outline, parseAs, recordings } from '../testing.ts';
import { testProgs } from './index.ts';

const parse = (...lines: string[]) => parseAs(testProgs, ...lines);
const summary = (passed: number, subtests: number, skipped: number, failed: number) =>
  `Summary: ${passed}/${subtests} PASSED, ${skipped} SKIPPED, ${failed} FAILED`;

describe('results', () => {
  test('subtests come before their test', () => {
    const document = parse(
      '#3/1     arena_atomics/add:OK',
      '#3/2     arena_atomics/sub: of: two:SKIP',
      '#3       arena_atomics:OK (SKIP: 1/2)',
      '#288     ringbuf_multi:SKIP',
      summary(2, 1, 2, 0),
    );
    expect(outline(document)).toBe('pass arena_atomics (pass add, skip sub: of: two), skip ringbuf_multi');
    expect(document).toMatchObject({ complete: true, problems: [], plan: null });
    expect(document.tests[0]?.subtests.map(({ number }) => number)).toEqual([1, 2]);
  });

  test('the log before a failure explains it', () => {
    const document = parse(
      'ok:PASS:fine 0 nsec',
      '#29/1    bpf_tcp_ca/dctcp:OK',
      'libbpf: failed to open system Kconfig',
      'test_cubic:FAIL:bpf_cubic__open_and_load unexpected error: -22',
      '#29/2    bpf_tcp_ca/cubic:FAIL',
      '#29      bpf_tcp_ca:FAIL',
      summary(0, 1, 0, 1),
    );
    expect(outline(document)).toBe('fail bpf_tcp_ca (pass dctcp, fail cubic)');
    expect(document.tests[0]?.subtests[1]?.diagnostics.map(({ line }) => line)).toEqual([3, 4]);
    expect(document.tests[0]?.diagnostics).toEqual([]);
  });

  test('or the log behind it (Linux 5.19 and before), whose subtests have no prefix', () => {
    const document = parse(
      '#1/1 add:OK',
      '#1 atomics:OK',
      '#123 name:FAIL',
      'test_name:FAIL:42 something',
      'errno 22',
      '#124 other:OK',
      summary(2, 1, 0, 1),
    );
    expect(outline(document)).toBe('pass atomics (pass add), fail name, pass other');
    expect(document.tests[1]).toMatchObject({ line: 3, lastLine: 5 });
    expect(document.tests[1]?.diagnostics.map(({ line }) => line)).toEqual([4, 5]);
  });

  test('stamps of the kernel, of a logger, of a recorder', () => {
    const document = parse(
      '237.76 #386/4   tc_redirect/peer:OK',
      '[   12.345678] #386     tc_redirect:OK',
      '2026-11-22T10:11:12,345678+00:00 #387     x:OK',
      `0.51 ${summary(2, 1, 0, 0)}`,
    );
    expect(outline(document)).toBe('pass tc_redirect (pass peer), pass x');
    expect(document.problems).toEqual([]);
  });

  test('behind output without its newline, where the padding vouches for it', () => {
    const document = parse(
      'some words#3/1     a/b:OK',
      'see #3 of it:OK',
      '#3       a:OK',
      summary(1, 1, 0, 0),
    );
    expect(outline(document)).toBe('pass a (pass b)');
    expect(document.problems).toMatchObject([{ line: 1 }]);
  });

  test('a test that says OK although its subtest failed', () => {
    const document = parse('x:FAIL:y', '#1/1     a/b:FAIL', '#1       a:OK', summary(1, 0, 0, 0));
    expect(outline(document)).toBe('fail a (fail b)');
    expect(document.problems[0]).toEqual({ line: 3, text: 'passed although its subtest did not: b' });
  });
});

describe('All error logs', () => {
  const failure = ['why:FAIL:this', '#2/1     b/x:FAIL', '#2       b:FAIL'];

  test('are no new results', () => {
    const document = parse(
      '#1       a:OK',
      ...failure,
      '',
      'All error logs:',
      ...failure,
      summary(1, 0, 0, 1),
    );
    expect(outline(document)).toBe('pass a, fail b (fail x)');
    expect(document).toMatchObject({ complete: true, problems: [] });
  });

  test('but a failure that only they tell is not lost', () => {
    const document = parse('#1       a:OK', '', 'All error logs:', ...failure, summary(1, 0, 0, 1));
    expect(outline(document)).toBe('pass a, fail b (fail x)');
    expect(document.complete).toBe(true);
  });

  test('end with the Summary: the next run has results again', () => {
    const document = parse('All error logs:', summary(0, 0, 0, 0), '#1       a:OK', summary(1, 0, 0, 0));
    expect(outline(document)).toBe('pass a');
  });
});

describe('parallel workers', () => {
  test('tests out of order, interleaved', () => {
    const document = parse(
      '#7/1     g/x:OK',
      '#3/1     c/x:OK',
      '#7/2     g/y:OK',
      '#3       c:OK',
      '#5       e:OK',
      '#7       g:OK',
      summary(3, 3, 0, 0),
    );
    expect(outline(document)).toBe('pass g (pass x, pass y), pass c (pass x), pass e');
    expect(document).toMatchObject({ complete: true, problems: [] });
  });

  test('one that never ends holds the others back, but not for ever', () => {
    const document = parse('#7/1     g/x:OK', '#3/1     c/x:OK', '#3       c:OK', summary(1, 1, 0, 0));
    expect(outline(document)).toBe('missing g (pass x), pass c (pass x)');
    expect(document.complete).toBe(false);
    const many = Array.from({ length: 30_000 }, (_, i) => `#${i + 10}       t${i}:OK`);
    const told: string[] = [];
    const parser = testProgs.reader((event) => {
      if (event.type === 'result') told.push(event.result.name);
    });
    ['#7/1     g/x:OK', ...many].forEach((line, i) => {
      parser.read(line, i + 1, false);
    });
    expect(told.length).toBeGreaterThan(25_000);
    expect(told.slice(0, 3)).toEqual(['x', 'g', 't0']);
  });
});

describe('an end that is none', () => {
  test('no Summary', () => {
    expect(parse('#1       a:OK').complete).toBe(false);
  });

  test('the watchdog killed a test', () => {
    const document = parse(
      'WATCHDOG: test case slow/sub executes for 10 seconds...',
      'WATCHDOG: test case slow/sub executes for 120 seconds, terminating with SIGSEGV',
      'Caught signal #11!',
      'Stack trace:',
    );
    expect(document.tests).toMatchObject([{ name: 'slow/sub', outcome: 'timeout', reason: '120 seconds' }]);
    expect(document.complete).toBe(false);
  });

  test('the watchdog killed a worker', () => {
    const document = parse(
      'WATCHDOG: test case slow executes for 120 seconds, terminating with SIGSEGV',
      '#4       slow:FAIL',
      summary(0, 0, 0, 1),
    );
    expect(outline(document)).toBe('timeout slow');
  });

  test('the Summary knows of more', () => {
    const document = parse('#1       a:OK', summary(3, 0, 0, 0));
    expect(document).toMatchObject({ complete: false, unnamed: { missing: 2 } });
  });

  test('the Summary knows of more subtests', () => {
    expect(parse('#1/1     a/b:OK', '#1       a:OK', summary(1, 3, 0, 0)).problems).toEqual([
      { line: 3, text: 'the Summary counts 3 passed subtests, 1 were found' },
    ]);
  });

  test('nothing was selected: exit code 2', () => {
    expect(parse(summary(0, 0, 0, 0))).toMatchObject({ skipAll: 'no test was selected', complete: true });
  });
});

test.each(recordings('test_progs').filter(({ name }) => /^(?!test_verifier).*\.txt$/.test(name)))(
  '$name: as many results as an independent count finds',
  ({ bytes }) => {
    const text = bytes.toString().replace(/All error logs:.*?Summary:/gs, 'Summary:');
    const all = allTests(parseAs(testProgs, ...bytes.toString().split('\n')).tests);
    expect(all.length).toBe(text.match(/^(?:[\d.]+ )?#\d+(?:\/\d+)? .*:(?:OK|FAIL|SKIP)\b/gm)?.length);
    expect(all.filter(({ outcome }) => outcome === 'fail').length).toBe(
      text.match(/^(?:[\d.]+ )?#\d+(?:\/\d+)? .*:FAIL$/gm)?.length ?? 0,
    );
  },
);
