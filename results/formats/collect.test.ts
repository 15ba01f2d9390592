// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { Collector, collect, maxResults } from './collect.ts';
import type { ParseEvent } from './format.ts';
import { tap } from './tap/index.ts';
import { outline, parse } from './testing.ts';

test('results come in the order of their lines, and say how many before them are theirs', () => {
  const told: string[] = [];
  const parser = tap.parser((event: ParseEvent) => {
    if (event.type === 'result') told.push(`${event.result.name} ${event.nested}`);
  });
  parser.push(Buffer.from('KTAP version 1\n1..2\n  1..2\n  ok 1 a\n  ok 2 b\nok 1 x\nok 2 y\n'));
  expect(told).toEqual(['a 0', 'b 0', 'x 2', 'y 0']);
});

test('a plan that is not met counts what is missing, where it is missing', () => {
  const document = parse('KTAP version 1', '1..4', '  1..3', '  ok 1 a', 'not ok 1 x', 'ok 2 y');
  expect(document).toMatchObject({ unnamed: { missing: 2 }, complete: false });
  expect(document.tests.map(({ unnamed }) => unnamed)).toEqual([{ missing: 2 }, {}]);
});

test('a hostile guest cannot fill the memory: what is too much is counted, and its nesting forgotten', () => {
  const collector = collect(tap);
  const child = '  ok 1 a child\n';
  collector.push(Buffer.from('ok 1 first\n'));
  for (let i = 0; i < 10; i++) collector.push(Buffer.from(child.repeat(maxResults / 10)));
  collector.push(Buffer.from('ok 2 last\n'));
  const document = collector.end();
  expect(document.complete).toBe(false);
  expect(document.tests.map(({ name }) => name)).toEqual(['first']);
  expect(document.problems.at(-1)?.text).toBe(`too large: ${maxResults + 2 - maxResults} results not kept`);
});

test('what is not kept in the middle of a list leaves its neighbours where they were', () => {
  const collector = new Collector();
  const result = { name: '', reason: 'x'.repeat(1000), diagnostics: [] } as never;
  collector.on({ type: 'result', result, nested: 0, depth: 0 });
  collector.on({ type: 'result', result, nested: 1, depth: 0 });
  const summary = { lines: 2, complete: true } as never;
  collector.on({ type: 'end', summary });
  expect(collector.document().tests).toMatchObject([{ subtests: [{ subtests: [] }] }]);
});

test('metadata of KTAP 2 is kept with what it is about', () => {
  const document = parse(
    'KTAP version 2',
    '#:ktap_arch: um',
    '1..2',
    '  KTAP version 2',
    '  #:ktap_speed: slow',
    '  1..2',
    '  #:custom_note: first: of two',
    '  ok 1 a',
    '  ok 2 b',
    'ok 1 x',
    '#: no key',
    '#:ktap_speed: slow',
    '#:ktap_speed: fast',
    'ok 2 y',
  );
  expect(outline(document)).toBe('pass x (pass a, pass b), pass y');
  expect(document.metadata).toEqual({ ktap_arch: 'um' });
  const [x, y] = document.tests;
  expect(x?.metadata).toEqual({ ktap_speed: 'slow' });
  expect(x?.subtests.map(({ metadata }) => metadata)).toEqual([{ custom_note: 'first: of two' }, {}]);
  expect(y?.metadata).toEqual({ ktap_speed: 'fast' });
  expect(document.problems).toEqual([]);
});
