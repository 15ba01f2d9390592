// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { expect, test } from 'vitest';
import { parseWhole } from '../registry.ts';
import { outline, recordings } from '../testing.ts';
import { testProgsJson } from './json.ts';

const parse = (value: unknown) =>
  parseWhole(testProgsJson, Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));

test('failures have names, what else passed is counted', () => {
  const subtests = [
    { name: 'cubic', number: 2, message: 'test_cubic:FAIL:load\nerrno 22\n', failed: true },
    { name: 'dctcp', number: 1, message: '', failed: false },
  ];
  const test = { name: 'bpf_tcp_ca', number: 29, message: '', failed: true, subtests };
  const document = parse({ success: 11, success_subtest: 286, skipped: 0, failed: 1, results: [test] });
  expect(outline(document)).toBe('fail bpf_tcp_ca (fail cubic, pass dctcp)');
  expect(document).toMatchObject({ unnamed: { pass: 11 }, complete: true, problems: [] });
  expect(document.tests[0]?.subtests[0]?.diagnostics.map(({ text }) => text)).toEqual([
    'test_cubic:FAIL:load',
    'errno 22',
  ]);
});

test.each([
  ['cut', '{"success":4,"succ'],
  ['no object', '[1, 2]'],
  ['no JSON', 'hello'],
])('%s: told, not thrown', (_what, text) => {
  expect(parse(text)).toMatchObject({ tests: [], complete: false });
});

test('fields of other types than expected', () => {
  const results = [{ name: 7, subtests: 'x' }, null, { failed: true, message: 5, number: 1e300 }];
  expect(outline(parse({ success: '4', failed: -1, results }))).toBe('pass , fail ');
});

test('nothing was selected', () => {
  expect(parse({ success: 0, failed: 0, results: [] })).toMatchObject({ skipAll: 'no test was selected' });
});

test.each(recordings('test_progs').filter(({ name }) => name.endsWith('.json')))('$name', ({ bytes }) => {
  const counts = JSON.parse(bytes.toString()) as { success: number };
  expect(parseWhole(testProgsJson, bytes)).toMatchObject({
    unnamed: { pass: counts.success },
    complete: true,
  });
});
