// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auto } from './auto.ts';
import { collect } from './collect.ts';
import type { ParsedDocument, ParsedTest, ParseEvent, ResultFormat } from './format.ts';
import { formats, parseWhole } from './registry.ts';
import { allTests, fixture, parse } from './testing.ts';

/** Lines of all dialects, whole and broken, in any order. */
const line = fc.constantFrom(
  ...[
    '#1/1     a/b:OK',
    '#1/2     a/c:FAIL',
    '#1       a:OK',
    '#2       d:FAIL',
    '#3       e:OK (SKIP: 1/2)',
  ],
  ...['All error logs:', 'Summary: 1/1 PASSED, 0 SKIPPED, 1 FAILED', 'why:FAIL:this', 'x#4       f:OK'],
  ...['WATCHDOG: test case d executes for 120 seconds, terminating with SIGSEGV', 'Caught signal #11!'],
  ...[
    '#0/u add SKIP',
    '#0/p add OK',
    '#1/p sub FAIL',
    '#2/p mul , verifier log:',
    'OK',
    'FAIL retval 1 != 0 ',
  ],
  ...[
    'Summary: 2 PASSED, 1 SKIPPED, 1 FAILED',
    'test_lpm:PASS',
    'test_x(12):FAIL:y',
    'test_maps: OK, 0 SKIPPED',
  ],
  ...[
    'KTAP version 1',
    'TAP version 13',
    '1..2',
    'ok 1 a',
    'not ok 2 b',
    '  ok 1 c',
    '  1..3',
    '# Subtest: s',
  ],
  ...[
    '# selftests: n: t',
    '# ok 1 u',
    'ok 1 selftests: n: t',
    'Bail out! no',
    '#:ktap_speed: slow',
    '',
    'text',
  ],
  ...[
    '[==========] Running 2 tests from 1 test suite.',
    '[ RUN      ] A.b',
    '[ RUN      ] A.c/0',
    '[       OK ] A.b (3 ms)',
    'x[  FAILED  ] A.c/0, where GetParam() = 1 (0 ms)',
    '[  SKIPPED ] A.b',
    '[ DISABLED ] A.DISABLED_d',
    '[==========] 2 tests from 1 test suite ran. (4 ms total)',
    '[  PASSED  ] 1 test.',
    '[  FAILED  ] A: SetUpTestSuite or TearDownTestSuite',
  ],
  ...[
    '[    1.000000] BUG: KASAN: use-after-free in f',
    'ok 3 na[    1.000001] x',
    'me',
    'not [    1.000002] y',
  ],
  ...[
    '{"success":1,"failed":0,"results":[]}',
    '\x1b[31mok 1 red\x1b[0m\r',
    '12.34 #1       a:OK',
    '\ufeff',
    'é\0',
  ],
);
const logs = fc.array(line, { maxLength: 40 }).map((lines) => Buffer.from(lines.join('\n')));
const all: ResultFormat[] = [...formats, auto];

function eventsOf(format: ResultFormat, chunks: Uint8Array[], end: boolean): ParseEvent[] {
  const events: ParseEvent[] = [];
  const parser = format.parser((event) => events.push(structuredClone(event)));
  for (const chunk of chunks) parser.push(chunk);
  if (end) parser.end();
  return events;
}

function cutAt(input: Uint8Array, sizes: number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    chunks.push(input.subarray(at, at + size));
    at += size;
  }
  return [...chunks, input.subarray(at)];
}

describe.each(all)('$name', (format) => {
  const numRuns = process.env.MULTITAP_TEST_ALL ? 20_000 : 200;

  test('any split gives the same events', () => {
    const sizes = fc.array(fc.nat({ max: 30 }), { maxLength: 40 });
    fc.assert(
      fc.property(logs, sizes, (input, at) => {
        expect(eventsOf(format, cutAt(input, at), true)).toEqual(eventsOf(format, [input], true));
      }),
      { numRuns },
    );
  });

  test('a prefix of the log gives a prefix of the events', () => {
    fc.assert(
      fc.property(logs, fc.nat({ max: 1000 }), (input, length) => {
        const early = eventsOf(format, [input.subarray(0, length)], false);
        expect(eventsOf(format, [input], false).slice(0, early.length)).toEqual(early);
      }),
      { numRuns },
    );
  });

  test('what one parser tells may feed another one meanwhile', () => {
    fc.assert(
      fc.property(logs, logs, (input, other) => {
        const told: ParseEvent[] = [];
        const others: ParseEvent[][] = [];
        const parser = format.parser((event) => {
          told.push(structuredClone(event));
          others.push(eventsOf(format, [other], true));
        });
        parser.push(input);
        parser.end();
        expect(told).toEqual(eventsOf(format, [input], true));
        for (const events of others) expect(events).toEqual(eventsOf(format, [other], true));
      }),
      { numRuns: numRuns / 4 },
    );
  });

  test('the document holds every result that was told, and lines that are there', () => {
    fc.assert(
      fc.property(logs, (input) => {
        const told = eventsOf(format, [input], true).filter(({ type }) => type === 'result');
        const document = parseWhole(format, input);
        const tests = allTests(document.tests);
        expect(tests.length).toBe(told.length);
        for (const { line, lastLine } of tests)
          expect(line >= 1 && line <= lastLine && lastLine <= document.lines).toBe(true);
      }),
      { numRuns },
    );
  });
});

describe('render(parse(x))', () => {
  const words: Partial<Record<string, [string, string]>> = {
    ...{ pass: ['ok', ''], fail: ['not ok', ''], skip: ['ok', ' # SKIP'], xfail: ['not ok', ' # XFAIL'] },
    ...{ xpass: ['ok', ' # XPASS'], timeout: ['not ok', ' # TIMEOUT'] },
  };

  /** KTAP with everything in it that a name and an outcome are; no reasons, no numbers of the original. */
  function render(tests: readonly ParsedTest[], indent = ''): string {
    const lines = tests.map((one, i) => {
      const [word, directive] = words[one.outcome] ?? ['not ok', ''];
      const name = one.name.replaceAll('#', '\\#').replaceAll('\\\\#', '\\#');
      const nested = one.subtests.length === 0 ? '' : render(one.subtests, `${indent}  `);
      return `${nested}${indent}${word} ${i + 1} - ${name}${directive}\n`;
    });
    return `${indent}KTAP version 1\n${indent}1..${tests.length}\n${lines.join('')}`;
  }
  const again = ({ tests }: ParsedDocument): ParsedDocument => parse(...render(tests).trimEnd().split('\n'));

  test.each(all)('is stable: $name', (format) => {
    fc.assert(
      fc.property(logs, (input) => {
        const first = again(parseWhole(format, input));
        expect(render(again(first).tests)).toBe(render(first.tests));
      }),
      { numRuns: 200 },
    );
  });

  test('a real log is understood alike when it is rendered', () => {
    const document = parseWhole(auto, fixture('runner-simult_flows-failed.tap'));
    const shape = (tests: readonly ParsedTest[]): unknown =>
      tests.map(({ name, outcome, subtests }) => [name, outcome, shape(subtests)]);
    expect(shape(again(document).tests)).toEqual(shape(document.tests));
  });
});

test('collect sees the events as they come', () => {
  const seen: string[] = [];
  const parser = collect(auto, ({ type }) => seen.push(type));
  parser.push(Buffer.from('1..2\nok 1 a\n'));
  expect(seen).toEqual(['result']);
  parser.end();
  expect(seen).toEqual(['result', 'problem', 'end']);
});
