// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { countOutcomes, noCounts, type Outcome, outcomes } from '../results/words.ts';
import { BootTrouble, Trouble, UsageTrouble } from '../vm/trouble.ts';
import { exitCodeOf, exitCodeOfTests, explain, Interrupted } from './exit.ts';

describe('the exit code', () => {
  test.each<[string, unknown, number]>([
    ['a mistake in what was asked for', new UsageTrouble({ happened: 'x' }), 2],
    ['trouble with the machine', new Trouble({ happened: 'x' }), 3],
    ['a guest that does not boot', new BootTrouble({ happened: 'x', console: '' }), 1],
    ['a fault of ours', new TypeError('x'), 3],
    ['something that is no error', 'x', 3],
    ['Ctrl-C', new Interrupted('x'), 130],
  ])('of %s', (_, error, code) => {
    expect(exitCodeOf(error)).toBe(code);
  });

  test.each<[Outcome[], Outcome[], number]>([
    [[], [], 0],
    [['pass', 'skip', 'xfail'], ['pass', 'xfail'], 0],
    [['pass', 'error'], ['pass'], 3],
    [['error', 'fail'], [], 1],
    [['error'], ['fail'], 1],
    [['pass'], ['pass', 'fail'], 1],
  ])('of a run with tests %j and subtests %j', (tests, subtests, code) => {
    expect(exitCodeOfTests(countOutcomes(tests), countOutcomes(subtests))).toBe(code);
  });

  test('of a run tells every bad outcome', () => {
    const codes = outcomes.map((outcome) => [outcome, exitCodeOfTests(countOutcomes([outcome]), noCounts())]);
    expect(Object.fromEntries(codes)).toEqual({
      ...{ pass: 0, skip: 0, xfail: 0, fail: 1, xpass: 1, timeout: 1, crash: 1, missing: 1 },
      error: 3,
    });
  });
});

describe('explain', () => {
  test('repeats trouble as it is', () => {
    expect(explain(new Trouble({ happened: 'No disk.', next: 'buy one' }))).toBe(
      'multitap: No disk.\nDo: buy one',
    );
    expect(explain(new Interrupted('interrupted'))).toBe('multitap: interrupted');
    const store = Object.assign(new Error('The database is newer.'), { name: 'StoreError' });
    expect(explain(store)).toBe('multitap: The database is newer.');
  });

  test('shows the stack of what nobody foresaw', () => {
    expect(explain(new TypeError('x is undefined'))).toMatch(
      /does not know how to explain\nTypeError: x.*\n +at /,
    );
    expect(explain('text')).toBe('multitap: text');
  });

  test('lets no guest steer the terminal through the console that is quoted', () => {
    const trouble = new BootTrouble({ happened: 'It panicked:\n\x1b]0;owned\x07\x1b[2J\x9bx', console: '' });
    expect(explain(trouble)).toMatch(/^[\n\x20-\x7e�]+$/);
  });
});
