// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { findFormat } from '../registry.ts';
import { outline, parseAs } from '../testing.ts';

const format = findFormat('console')!;
const parse = (...lines: string[]) => parseAs(format, ...lines);
const boot = ['[    0.000000] Linux version 6.12.107', '[    0.000000] Command line: root=/dev/vda'];

describe('what a program printed around the kernel’s lines', () => {
  test('a result that is cut in its name', () => {
    const document = parse(
      ...boot,
      '# selftests: net/mptcp: diag.sh',
      '# ok 3 some na[   12.345678] BUG: KASAN: slab-use-after-free in foo',
      '[   12.345679] Read of size 8',
      'me of a test # time=3ms',
      'ok 1 selftests: net/mptcp: diag.sh',
    );
    expect(outline(document)).toBe('pass diag.sh (pass some name of a test)');
    expect(document.tests[0]?.subtests[0]).toMatchObject({ line: 6, durationMs: 3 });
    expect(document.problems).toMatchObject([{ text: expect.stringContaining('numbered up to 3') }]);
  });

  test('`not ` and `ok` on two lines are a failure', () => {
    const document = parse('1..2', 'ok 1 a', 'not [   12.345678][   T12] WARNING: x', 'ok 2 b');
    expect(outline(document)).toBe('pass a, fail b');
  });

  test('a layer of `# ` that is cut off', () => {
    const document = parse('# selftests: a: b', '# [   12.345678] x: y', 'ok 1 - c', 'ok 1 selftests: a: b');
    expect(outline(document)).toBe('pass b (pass c)');
  });

  test('a whole line before a message is not joined with the next', () => {
    expect(outline(parse('1..2', 'ok 1 a[   12.345678] x: y', 'ok 2 b'))).toBe('pass a, pass b');
    expect(outline(parse('1..1', 'working ...[   12.345678] x: y', 'ok 1 b'))).toBe('pass b');
  });

  test('the rest of a cut line may be empty: it was whole', () => {
    expect(outline(parse('1..2', 'ok 1 a[   12.345678] x: y', '', 'text', 'ok 2 b'))).toBe('pass a, pass b');
  });

  test('several messages in one line of a program', () => {
    const document = parse(
      '1..1',
      'ok 1 one[    1.000001] x',
      ' two[    1.000002] y',
      '[    1.000003] z',
      ' three',
    );
    expect(outline(document)).toBe('pass one two three');
  });

  test('the log ends in it', () => {
    expect(outline(parse('1..1', 'ok 1 a[   12.345678] Kernel panic - not syncing: x'))).toBe('pass a');
  });
});

describe('the dialect that is spoken', () => {
  test('is seen however late it comes, with what was said before it', () => {
    const noise = Array.from({ length: 50_000 }, (_, i) => `[  100.${String(i).padStart(6, '0')}] usb ${i}`);
    const document = parse(...noise, 'mounting', 'TAP version 13', '1..1', 'not ok 1 a');
    expect(outline(document)).toBe('fail a');
    expect(document.lines).toBe(50_004);
  });

  test('KUnit in the kernel’s own lines', () => {
    const document = parse(
      ...boot,
      '[    0.060000] KTAP version 1',
      '[    0.060000] 1..1',
      '[    0.060000]     # Subtest: bitmap',
      '[    0.060000]     1..1',
      '[    0.060000]     ok 1 zero',
      '[    0.060000] ok 1 bitmap',
      '[    0.070000] Run /sbin/init as init process',
    );
    expect(outline(document)).toBe('pass bitmap (pass zero)');
    expect(document).toMatchObject({ format: 'console', complete: true, plan: 1 });
  });

  test('test_progs', () => {
    const document = parse(
      ...boot,
      '#1/1     a/b:OK',
      '[    9.000000] x',
      '#1       a:OK',
      'Summary: 1/1 PASSED, 0 SKIPPED, 0 FAILED',
    );
    expect(outline(document)).toBe('pass a (pass b)');
    expect(document.complete).toBe(true);
  });

  test('may change', () => {
    const document = parse(
      '[    0.060000] KTAP version 1',
      '[    0.060000] 1..2',
      '[    0.060000] ok 1 bitmap',
      '#0/p add OK',
      'Summary: 2 PASSED, 0 SKIPPED, 0 FAILED',
    );
    expect(outline(document)).toBe('pass bitmap, pass add');
    expect(document).toMatchObject({ complete: false, unnamed: { missing: 2 }, plan: 2 });
  });

  test('does not in the body of a runner', () => {
    const document = parse(
      '# selftests: bpf: test_progs',
      '# #1       a:OK',
      'ok 1 selftests: bpf: test_progs',
    );
    expect(outline(document)).toBe('pass test_progs');
  });
});

test('a log that starts in the middle of an oops, and has no result', () => {
  const document = parse('[   12.000001] RIP: 0010:mptcp_close+0x1/0x2', '[   12.000002] Call Trace:');
  expect(document).toMatchObject({ tests: [], complete: false });
});
