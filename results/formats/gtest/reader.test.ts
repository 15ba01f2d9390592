// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { countOutcomes } from '../../words.ts';
import { auto } from '../auto.ts';
import { parseWhole } from '../registry.ts';
import { outline, parseAs } from '../testing.ts';
import { gtest } from './index.ts';

// The fixtures are what fixtures/all.cc printed with googletest 1.12.1.
const printed = (name: string) => readFileSync(new URL(`./fixtures/${name}.txt`, import.meta.url));
const recorded = (name: string) => parseWhole(gtest, printed(name));
const parse = (...lines: string[]) => parseAs(gtest, ...lines);

test('all that a program with googletest prints', () => {
  const document = recorded('all');
  expect(outline(document).split(', ')).toEqual([
    'pass DeathTest.Dies',
    'pass Queue.StartsEmpty',
    'fail Queue.Fails',
    'pass Queue.NoNewline',
    'fail Queue.NoNewlineFails',
    'skip Queue.Skips',
    'fail Queue.Throws',
    'skip Queue.DISABLED_Later',
    'pass Queue.Records',
    'pass Typed/0.IsWide',
    'fail Typed/1.IsWide',
    'skip Broken.Runs',
    'pass Zz.Crashes',
    'pass Zz.After',
    'pass Few/Number.IsOdd/0',
    'fail Few/Number.IsOdd/1',
    'pass Few/Number.IsOdd/2',
    'fail Named/Name.IsShort/First',
    'pass Named/Name.IsShort/Second',
    'fail Broken: SetUpTestSuite or TearDownTestSuite',
  ]);
});

test('outcomes, times and what explains them', () => {
  const { tests, ...document } = recorded('all');
  const named = (name: string) => tests.find((one) => one.name === name)!;
  expect(document).toMatchObject({ plan: 18, complete: true, problems: [], unnamed: {} });
  expect(named('Queue.StartsEmpty')).toMatchObject({ durationMs: 12, line: 11, diagnostics: [] });
  expect(named('Queue.Fails').diagnostics[0]).toEqual({ line: 13, text: 'all.cc:10: Failure' });
  expect(named('Queue.Skips').reason).toBe('no device');
  expect(named('Queue.DISABLED_Later').reason).toBe('disabled');
  expect(named('Queue.NoNewlineFails').diagnostics[0]!.text).toBe('text without an endall.cc:12: Failure');
  // What the Summary says, and beside it the disabled one and the set-up.
  expect(countOutcomes(tests.map(({ outcome }) => outcome))).toMatchObject({ pass: 10, skip: 3, fail: 7 });
});

test('--gtest_brief=1: failures by name, the rest counted', () => {
  const document = recorded('brief');
  expect(outline(document)).toBe(
    'fail Queue.Fails, fail Queue.NoNewlineFails, fail Queue.Throws, pass Other.Test, ' +
      'fail Typed/1.IsWide, fail Few/Number.IsOdd/1, fail Named/Name.IsShort/First',
  );
  // Other.Test is what a test printed: with what begins one, it would be told apart.
  expect(document).toMatchObject({ complete: true, problems: [], unnamed: { pass: 9, skip: 2 } });
});

test('a program that ends in a test', () => {
  const document = recorded('crash');
  expect(outline(document)).toBe('missing Zz.Crashes');
  // The second of two never began.
  expect(document).toMatchObject({ plan: 2, complete: false, unnamed: { missing: 1 } });
});

test('repeated, in colour, without times', () => {
  const document = recorded('repeated-colour');
  const once = ['pass Few/Number.IsOdd/0', 'fail Few/Number.IsOdd/1', 'pass Few/Number.IsOdd/2'];
  expect(outline(document).split(', ')).toEqual([...once, ...once]);
  expect(document).toMatchObject({ plan: 6, complete: true, problems: [] });
});

test('a filter that fits nothing', () => {
  expect(recorded('none')).toMatchObject({
    plan: 0,
    skipAll: 'no test was selected',
    complete: true,
    tests: [],
  });
});

test('kselftest_harness.h before Linux 5.8', () => {
  const document = parse(
    '[==========] Running 2 tests from 1 test cases.',
    '[ RUN      ] global.mode_strict_support',
    '[       OK ] global.mode_strict_support',
    '[ RUN      ] TRACE_poke.read_has_side_effects',
    'seccomp_bpf.c:1530:TRACE_poke.read_has_side_effects:Expected 0x1001 (4097) == self->poked (0)',
    'TRACE_poke.read_has_side_effects: Test failed at step #7',
    '[     FAIL ] TRACE_poke.read_has_side_effects',
    '[==========] 1 / 2 tests passed.',
    '[  FAILED  ]',
  );
  expect(outline(document)).toBe('pass global.mode_strict_support, fail TRACE_poke.read_has_side_effects');
  expect(document).toMatchObject({ complete: true, problems: [] });
});

test('lost lines are counted, and what goes on behind the end is read', () => {
  const document = parse(
    '[==========] Running 3 tests from 1 test suite.',
    '[ RUN      ] A.one',
    '[       OK ] A.one (0 ms)',
    '[==========] 3 tests from 1 test suite ran. (1 ms total)',
    '[  PASSED  ] 2 tests.',
    '[  FAILED  ] 1 test, listed below:',
    '[  FAILED  ] A.two',
    'the next program, whose first line was lost',
    '[ RUN      ] B.one',
    '[  FAILED  ] B.one (0 ms)',
  );
  expect(outline(document)).toBe('pass A.one, fail B.one');
  expect(document).toMatchObject({ complete: false });
  expect(document.problems.map(({ line }) => line)).toContain(4);
});

test('what a test prints is not a result of another one', () => {
  const document = parse('[ RUN      ] A.one', '[  FAILED  ] B.inner (0 ms)', '[       OK ] A.one (0 ms)');
  expect(outline(document)).toBe('pass A.one');
});

test('found in a console', () => {
  const bytes = Buffer.from(
    `[    1.000000] Linux version 6.12\n[ RUN      ] A.one\n[       OK ] A.one (0 ms)\n`,
  );
  expect(outline(parseWhole(auto, bytes))).toBe('pass A.one');
});
