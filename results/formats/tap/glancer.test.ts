// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OnEvent } from '../format.ts';
import { findLineEnds } from '../line-ends.ts';
import { Report } from '../report.ts';
import { fixture } from '../testing.ts';
import { TapGlancer } from './glancer.ts';
import { tap } from './index.ts';
import { Nesting } from './nesting.ts';
import { NumberedBlocks } from './numbered.ts';
import { Structure } from './structure.ts';

/** What is told of lines of printable ASCII, with and without a look at their bytes. */
function told(lines: readonly string[], how: 'bytes' | 'strings'): string[] {
  const events: string[] = [];
  const onEvent: OnEvent = (event) => events.push(JSON.stringify(event));
  if (how === 'bytes') {
    const parser = tap.parser(onEvent);
    parser.push(Buffer.from(lines.map((line) => `${line}\n`).join('')));
    parser.end();
  } else {
    const reader = tap.reader(onEvent);
    lines.forEach((line, index) => {
      reader.read(line, index + 1, false);
    });
    reader.end(lines.length);
  }
  return events;
}

function expectSame(lines: readonly string[]): void {
  expect(told(lines, 'bytes')).toEqual(told(lines, 'strings'));
}

const befores = ['', '# ', '# # ', '  ', '\t', '#', '[    1.000000] ', '# [1.5] '];
const pieces = [
  ...[
    'ok',
    'not ok',
    ' 1',
    ' 2',
    ' 1234567890',
    ' - ',
    'name',
    ' ',
    '  ',
    '\t',
    '#',
    ' # ',
    '\\#',
    '\\',
    ']',
  ],
  ...[
    '# time=3ms',
    ' # time=12ms ',
    'time=1s',
    '# SKIP why',
    '# exit=1',
    'selftests: n: t',
    'selftests: n: ',
  ],
  ...['TAP version 13', 'ktap version 1', '1..2', '1..0', 'Bail out!', 'Subtest: s', '# Subtest: s'],
  ...['# selftests: n: t', 'ok 1 selftests: n: t', '#:ktap_speed: slow', 'Totals: pass:1', 'a: pass:2'],
  ...['3 skipped test(s) detected', 'Planned tests != run tests', 'Totally', 'second', 'took 3 s', 'FAIL'],
  ...[
    '01 one',
    '02 two',
    '10 packets',
    '[ OK ]',
    '[FAIL]',
    '[skip]',
    '[[[[',
    '[    T1] ',
    '<3>',
    '[2.000000] ',
  ],
  ...['[Sun Nov 22 10:11:12 2026] ', '4.22 [+0.02] ', '2026-11-22T10:11:12,345678+00:00 '],
];

describe('any input', () => {
  const line = fc
    .tuple(fc.constantFrom(...befores), fc.array(fc.constantFrom(...pieces), { maxLength: 5 }))
    .map(([start, rest]) => start + rest.join(''));

  test('is understood alike by its bytes and by its strings', () => {
    const numRuns = process.env.MULTITAP_TEST_ALL ? 50_000 : 1000;
    fc.assert(fc.property(fc.array(line, { maxLength: 40 }), expectSame), { numRuns });
  });
});

test('so is each line of few pieces, alone and in bodies of tests', () => {
  for (const start of befores)
    for (const [i, piece] of pieces.entries()) {
      const lines = ['', 'ok 1', 'not ok 2 - ', pieces[(7 * i + 3) % pieces.length]!].flatMap((more) => [
        start + more + piece,
        start + piece + more,
      ]);
      expectSame(lines);
      expectSame(lines.flatMap((line) => ['# selftests: n: t', line, 'not ok 1 selftests: n: t']));
    }
});

test('so are the lines of a real log, and each of them alone', () => {
  const lines = fixture('runner-simult_flows-failed.tap').toString().split('\n');
  expectSame(lines);
  for (const one of lines) expectSame([one]);
});

test('more lines about a result than are looked at in one go', () => {
  const noise = Array.from({ length: 5000 }, (_, i) => `noise ${i}`);
  expectSame(['01 a', ...noise, '[FAIL] why', ...noise, 'not ok 1 - a', ...noise, 'not ok 2 - b']);
});

describe('which lines are taken in by their bytes', () => {
  /** A glance at lines, which have gone with it: those that were given out; of results names and what is told beside. */
  function glancer() {
    const results: string[] = [];
    const numbered = new NumberedBlocks();
    const report = new Report('tap', () => {});
    const nesting = new Nesting(report);
    const tapGlancer = new TapGlancer(nesting, numbered, new Structure(report, nesting, numbered), {
      result({ name }, _, line, content) {
        results.push(`${line} ${name}${content}`);
      },
    });
    const glance = (...lines: string[]): string[] => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const given: string[] = [];
      tapGlancer.glance(bytes, 0, findLineEnds(bytes, 0), 1, (_, start, end, line, plain) => {
        given.push(`${line} ${bytes.toString('utf8', start, end)}${plain ? '' : ', odd'}`);
      });
      bytes.fill('x');
      return given;
    };
    return { glance, results, numbered, tapGlancer };
  }

  test('text, blank lines, plain results and plain lines of structure', () => {
    const { glance, results } = glancer();
    const lines = [
      ...['text', '# ok 3 - a', '', 'TAP version 13', '1..3', '# selftests: a: b', 'selftests: a: b'],
      ...['ok 4 # SKIP', 'not ok 5 - b', '\x1b[1mc'],
    ];
    expect(glance(...lines)).toEqual(['7 selftests: a: b', '8 ok 4 # SKIP', '10 \x1b[1mc, odd']);
    expect(results).toEqual(['2 a', '9 b']);
  });

  test('what is kept of bytes outlives them', () => {
    const { glance, numbered } = glancer();
    glance('01 title  ', '', '[FAIL] why');
    glance('more');
    expect(numbered.take(1, 'FAIL')).toEqual([
      { line: 1, text: '01 title' },
      { line: 3, text: '[FAIL] why' },
      { line: 1, text: 'more' },
    ]);
  });

  test('what is kept as a text stands between the others, and before them where it came before', () => {
    const { glance, numbered, tapGlancer } = glancer();
    tapGlancer.keep('01 title', 7);
    const bytes = Buffer.from('[FAIL] why\n# odd\nmore\n');
    tapGlancer.glance(bytes, 0, findLineEnds(bytes, 0), 8, (...[, , , line]) => tapGlancer.keep('odd', line));
    tapGlancer.keep('last', 11);
    expect(numbered.take(1, 'FAIL').map(({ line, text }) => `${line} ${text}`)).toEqual([
      ...['7 01 title', '8 [FAIL] why', '9 odd', '10 more', '11 last'],
    ]);
    expect(glance('x')).toEqual([]);
  });
});
