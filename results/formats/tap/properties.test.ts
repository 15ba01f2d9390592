// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collect } from '../collect.ts';
import type { ParseEvent } from '../format.ts';
import { parseWhole } from '../registry.ts';
import { allTests, fixture, parse } from '../testing.ts';
import { tap } from './index.ts';

/** Pieces that parsers stumble over, in any order. */
const piece = fc.constantFrom(
  ...[
    'ok',
    'not ok',
    ' 1',
    ' 2',
    ' - ',
    'name',
    ' # ',
    'SKIP',
    'TODO',
    'time=1ms',
    'exit=3',
    '#',
    '# ',
    '  ',
    '\t',
  ],
  ...[
    '\n',
    '\n',
    '\n',
    '\r\n',
    '\r',
    '\0',
    '\x1b[31m',
    '\x1b',
    'TAP version 13',
    'KTAP version 1',
    '1..2',
    '1..0',
  ],
  ...[
    '# Subtest: a',
    'Subtest: b',
    'selftests: a: b',
    'ok 1 selftests: a: b',
    'Bail out!',
    '[   12.345678] ',
    '<3>',
  ],
  ...['01 a [FAIL]', '\\#', '\u00e9', '\ufeff'],
);
const text = fc.array(piece, { maxLength: 200 }).map((pieces) => Buffer.from(pieces.join('')));
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }).map((array) => Buffer.from(array)),
  text,
);

function parseChunks(input: Uint8Array, cuts: number[]) {
  const parser = collect(tap);
  let start = 0;
  for (const cut of [...cuts, input.length]) {
    parser.push(input.subarray(start, start + cut));
    start += cut;
  }
  parser.push(input.subarray(start));
  return parser.end();
}

describe('any input', () => {
  test('never throws, counts its lines, tells of what is incomplete', () => {
    fc.assert(
      fc.property(bytes, (input) => {
        const document = parseWhole(tap, input);
        const newlines = input.filter((byte) => byte === 10).length;
        expect(document.lines).toBe(input.length === 0 || input.at(-1) === 10 ? newlines : newlines + 1);
        expect(document.complete || document.problems.length > 0).toBe(true);
        for (const { line } of allTests(document.tests))
          expect(line > 0 && line <= document.lines).toBe(true);
      }),
    );
  });

  test('chunks make no difference', () => {
    const cuts = fc.array(fc.nat({ max: 40 }), { maxLength: 60 });
    fc.assert(
      fc.property(bytes, cuts, (input, at) => {
        expect(parseChunks(input, at)).toEqual(parseWhole(tap, input));
      }),
    );
  });

  test('what is told of a prefix is a prefix of what is told of the whole', () => {
    fc.assert(
      fc.property(bytes, fc.nat({ max: 2000 }), (input, length) => {
        const told = (part: Uint8Array) => {
          const events: ParseEvent[] = [];
          tap.parser((event) => events.push(structuredClone(event))).push(part);
          return events;
        };
        const early = told(input.subarray(0, length));
        expect(told(input).slice(0, early.length)).toEqual(early);
      }),
    );
  });

  test('a real document byte by byte', () => {
    const input = fixture('runner-simult_flows-failed.tap');
    const single = Array.from({ length: input.length }, () => 1);
    expect(parseChunks(input, single)).toEqual(parseWhole(tap, input));
  });
});

describe('round trip', () => {
  interface Tree {
    name: string;
    outcome: 'pass' | 'fail' | 'skip' | 'xfail';
    subtests: Tree[];
  }

  const word = { pass: 'ok', fail: 'not ok', skip: 'ok', xfail: 'not ok' };
  const directive = { pass: '', fail: '', skip: ' # SKIP', xfail: ' # XFAIL' };

  const name = fc.stringMatching(/^[a-zA-Z(][\w ()=>.,:#[\]é€-]{0,30}$/).map((raw) => raw.trim());

  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.record({
      name,
      outcome: fc.constantFrom<Tree['outcome'][]>('pass', 'fail', 'skip', 'xfail'),
      subtests: fc.oneof({ maxDepth: 4 }, fc.constant<Tree[]>([]), fc.array(tie('tree'), { maxLength: 3 })),
    }),
  }));

  function print(tests: Tree[], indent: string): string[] {
    const lines = [`${indent}KTAP version 1`, `${indent}1..${tests.length}`];
    tests.forEach((test, index) => {
      if (test.subtests.length > 0) lines.push(...print(test.subtests, `${indent}  `));
      const escaped = test.name.replaceAll('#', '\\#');
      lines.push(`${indent}${word[test.outcome]} ${index + 1} - ${escaped}${directive[test.outcome]}`);
    });
    return lines;
  }

  const plain = (tests: readonly Tree[]): Tree[] =>
    tests.map(({ name, outcome, subtests }) => ({ name, outcome, subtests: plain(subtests) }));

  /** Where a parent passed or was skipped although a child failed, the worse one counts. */
  const judged = (tests: readonly Tree[]): Tree[] =>
    tests.map(({ name, outcome, subtests }) => {
      const children = judged(subtests);
      const worse = outcome !== 'xfail' && children.some((child) => child.outcome === 'fail');
      return { name, outcome: worse ? 'fail' : outcome, subtests: children };
    });

  const trees = fc.array(tree, { minLength: 1, maxLength: 4 });

  test('a printed tree is read back', () => {
    fc.assert(
      fc.property(trees, (tests) => {
        const document = parse(...print(tests, ''));
        expect(plain(document.tests as Tree[])).toEqual(judged(tests));
        expect(document).toMatchObject({ complete: true, plan: tests.length });
      }),
    );
  });

  test('in the body of a runner, with stamps, CRs and colours', () => {
    fc.assert(
      fc.property(trees, (tests) => {
        const body = print(tests, '').map((line) => `[   12.345678] # \x1b[32m${line}\x1b[0m\r`);
        const document = parse('# selftests: a: b', ...body, 'not ok 1 selftests: a: b # exit=1');
        expect(plain(document.tests[0]?.subtests as Tree[])).toEqual(judged(tests));
      }),
    );
  });
});

describe('cost', () => {
  const cpuMs = (work: () => unknown): number => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };

  const repeat = (line: string) => (count: number) => Buffer.from(line.repeat(count));

  test.each([
    ['results', repeat('ok 1 - a name # SKIP why time=3ms\n')],
    ['a long line', repeat('ok 1 - a # ')],
    ['a long line of escapes', repeat('\x1b]\x1b[\x1b(')],
    ['spaces', repeat(' ')],
    ['hashes', repeat('# ')],
    ['headers of subtests', repeat('# Subtest: a\n')],
    ['indented headers', repeat('    # Subtest: a\n  ok 1 - x\n')],
    ['headers of tests', repeat('# selftests: a: b\n# ok 1 - x\n')],
    ['numbered lines', repeat('01 a [FAIL]\n02 b [FAIL]\nsome text\n')],
    ['versions', repeat('TAP version 13\n1..1\n')],
    ['glued results', repeat('x ok 1 selftests: a: b\n')],
    [
      'deeper and deeper',
      (count: number) =>
        Buffer.from(Array.from({ length: count }, (_, i) => `${' '.repeat(i % 80)}ok 1\n`).join('')),
    ],
  ])('%s: eight times the input costs far less than the 64 times of quadratic work', (_name, make) => {
    const [small, large] = [make(10_000), make(80_000)];
    for (let i = 0; i < 3; i++) parseWhole(tap, small);
    // Measured side by side, because a neighbour slows both: quadratic work shows 64 in every round.
    const ratio = () => {
      const one = cpuMs(() => parseWhole(tap, small));
      // Below a few milliseconds the garbage collector is all one sees.
      return cpuMs(() => parseWhole(tap, large)) / Math.max(one, 8);
    };
    let least = ratio();
    for (let round = 1; round < 5 && least >= 16; round++) least = Math.min(least, ratio());
    expect(least).toBeLessThan(16);
  });
});
