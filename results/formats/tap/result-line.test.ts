// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { parseResultLine } from './result-line.ts';

describe('name', () => {
  test.each([
    ['ok 1 - a b', 'a b', 1],
    ['not ok 12 a', 'a', 12],
    ['ok - a', 'a', null],
    ['ok 1 -', '', 1],
    ['ok 1', '', 1],
    ['ok', '', null],
    ['ok 1 -1 is less', '-1 is less', 1],
    ['ok 1 - pm_netlink:           (nobackup) # time=117ms', 'pm_netlink:           (nobackup)', 1],
    ['ok 1 - C# works', 'C# works', 1],
    ['ok 1 - issue # 12', 'issue # 12', 1],
    ['ok 1 - a #SKIP', 'a #SKIP', 1],
    ['ok 1 - skipping # skipper', 'skipping # skipper', 1],
    ['ok 1 - a \\# SKIP b', 'a # SKIP b', 1],
    ['ok 1 - a \\# b # SKIP c', 'a # b', 1],
    ['ok 2 - a[   12.345678] BUG: KASAN', 'a', 2],
  ])('%j', (line, name, number) => expect(parseResultLine(line)).toMatchObject({ name, number }));

  test.each(['okay 1', 'ok1', 'OK 1', 'nok 1', 'not okay', 'xok 1', '', 'ok: 1', 'not  ok 1'])(
    'none: %j',
    (line) => expect(parseResultLine(line)).toBeNull(),
  );

  test.each([
    ['ok 1 x', true],
    ['ok - x', true],
    ['ok x', false],
    ['ok 2.5 GHz', false],
    ['ok', false],
  ])('certain: %j', (line, certain) => expect(parseResultLine(line)?.certain).toBe(certain));
});

describe('directive', () => {
  test.each([
    ['ok 1 a # SKIP no nft', 'skip', 'no nft'],
    ['ok 1 a # skip', 'skip', ''],
    ['ok 1 a # Skipped: no nft', 'skip', 'no nft'],
    ['not ok 1 a # SKIP', 'skip', ''],
    ['not ok 1 a # XFAIL known', 'xfail', 'known'],
    ['ok 1 a # XFAIL known', 'xfail', 'known'],
    ['ok 1 a # XPASS', 'xpass', ''],
    ['not ok 1 a # TODO later', 'xfail', 'later'],
    ['ok 1 a # TODO later', 'xpass', 'later'],
    ['not ok 1 a # TIMEOUT 45 seconds', 'timeout', '45 seconds'],
    ['not ok 1 a # timeout time=79454ms', 'timeout', ''],
    ['ok 1 a # TIMEOUT 45 seconds', 'pass', '45 seconds'],
    ['not ok 1 a # error cannot open', 'fail', 'cannot open'],
    ['not ok 1 a # ERROR', 'fail', ''],
    ['ok 1 a # IGNORE Flaky time=14551ms', 'xfail', 'Flaky'],
    ['ok 1 a # rcode=0', 'pass', 'rcode=0'],
    ['not ok 1 a #  two spaces', 'fail', 'two spaces'],
  ])('%j', (line, outcome, reason) =>
    expect(parseResultLine(line)).toMatchObject({ name: 'a', outcome, reason }),
  );

  test('a directive in the place of the description (kselftest.h)', () => {
    expect(parseResultLine('ok 3 # SKIP mremap - why')).toMatchObject({
      name: 'mremap - why',
      outcome: 'skip',
    });
    expect(parseResultLine('ok 3 # XFAIL mremap')).toMatchObject({ name: 'mremap', outcome: 'xfail' });
    expect(parseResultLine('ok 3 # XPASS mremap')).toMatchObject({ name: 'mremap', outcome: 'xpass' });
    expect(parseResultLine('not ok 3 # error mremap')).toMatchObject({ name: 'mremap', outcome: 'fail' });
  });

  test.each([
    ['ok 1 a # time=46ms', 46],
    ['ok 1 a # time=1.5s', 1500],
    ['ok 1 a # time=12', 12],
    ['ok 1 a # SKIP x # time=3ms', 3],
    ['ok 1 a # time=soon', null],
    ['ok 1 a', null],
  ])('duration: %j', (line, durationMs) =>
    expect(parseResultLine(line)).toMatchObject({ name: 'a', durationMs }),
  );

  test('only the mark of mptcp_lib.sh makes it flaky', () => {
    expect(parseResultLine('ok 1 a # IGNORE Flaky')?.markedFlaky).toBe(true);
    expect(parseResultLine('ok 1 a flaky # XFAIL Flaky')?.markedFlaky).toBe(false);
  });

  test('word and directive that contradict each other are told', () => {
    const doubt = (line: string) => parseResultLine(line)?.doubt;
    expect(doubt('ok 1 a # TIMEOUT 45 seconds')).toBe("'ok' with the directive timeout");
    expect(doubt('ok 1 a # ERROR')).toBe("'ok' with the directive error");
    expect(doubt('not ok 1 a # XPASS')).toBe("'not ok' with the directive xpass");
    expect(doubt('not ok 1 a # IGNORE')).toBe("'not ok' with the directive ignore");
  });

  test.each([
    'not ok 1 a # SKIP',
    'not ok 1 a # XFAIL',
    'not ok 1 a # TIMEOUT',
    'ok 1 a # XPASS',
    'ok 1 a # TODO',
  ])('no doubt: %j', (line) => expect(parseResultLine(line)?.doubt).toBe(''));

  test('a kernel message behind a contradiction: both are told', () => {
    const line = 'ok 1 a # TIMEOUT [   12.345678] BUG: KASAN';
    expect(parseResultLine(line)?.doubt).toBe(
      "a kernel message is glued to the result; 'ok' with the directive timeout",
    );
  });
});

describe('the runner', () => {
  test.each([
    ['ok 1 selftests: net/mptcp: diag.sh', 'pass', '', null],
    ['ok 1 selftests: net/mptcp: diag.sh # SKIP', 'skip', '', null],
    ['ok 1 selftests: net/mptcp: diag.sh # XFAIL', 'xfail', '', null],
    ['not ok 1 selftests: net/mptcp: diag.sh # exit=1', 'fail', '', 1],
    ['not ok 1 selftests: net/mptcp: diag.sh # TIMEOUT 480 seconds', 'timeout', '480 seconds', null],
    ['not ok 1 selftests: net/mptcp: diag.sh TIMEOUT 45 seconds', 'timeout', '45 seconds', null],
    ['not ok 1 selftests: net/mptcp: diag.sh # exit=3', 'fail', '', 3],
    ['not ok 1 selftests: net/mptcp: diag.sh # Create NS failed', 'fail', 'Create NS failed', null],
  ])('%j', (line, outcome, reason, exitCode) => {
    const expected = { collection: 'net/mptcp', name: 'diag.sh', outcome, reason, exitCode };
    expect(parseResultLine(line)).toMatchObject(expected);
  });

  test('exit codes 2 and 3 of test_progs are its own words', () => {
    expect(parseResultLine('not ok 1 selftests: bpf: test_progs # exit=2')).toMatchObject({
      outcome: 'skip',
      reason: 'no test was selected',
    });
    expect(parseResultLine('not ok 1 selftests: bpf: test_progs-cpuv4 # exit=3')?.outcome).toBe('error');
    expect(parseResultLine('not ok 1 selftests: bpf: test_progs # exit=1')?.outcome).toBe('fail');
    expect(parseResultLine('not ok 1 selftests: bpf: test_maps # exit=3')?.outcome).toBe('fail');
  });
});
