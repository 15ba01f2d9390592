// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { BLANK, Glimpse, type Kind, RESULT, TEXT, UNSURE } from './glimpse.ts';
import { placeLine } from './place.ts';

const words = new Map<Kind, string>([
  [BLANK, 'blank'],
  [TEXT, 'text'],
  [RESULT, 'result'],
  [UNSURE, 'unsure'],
]);

/** The look at a line, with others around it that would change what is seen if it went over the line's end. */
function look(line: string, behind = ''): { kind: string; glimpse: Glimpse } {
  const before = 'ok 1\n';
  const glimpse = new Glimpse();
  const kind = glimpse.look(
    Buffer.from(`${before}${line}\n${behind}`),
    before.length,
    before.length + line.length,
  );
  return { kind: words.get(kind)!, glimpse };
}

const kinds: Record<string, string[]> = {
  blank: ['', ' ', '\t  ', '# ', '#  ', '[    1.000000] ', '# [1.5] '],
  result: [
    'ok',
    'ok ',
    'ok 1',
    'ok\t1',
    'not ok',
    'not ok 2 - a',
    '  ok 1',
    '# ok 1',
    '# # not ok 3 x',
    '#   ok 1',
  ],
  text: [
    ...[
      'okay',
      'ok1',
      'ok-',
      'o',
      'not',
      'not okay',
      'not ok1',
      'nothing',
      'no',
      'hello',
      '# hello',
      '  hello',
    ],
    // First letters that lines of structure have, with another second one.
    ...['To do', 'total', 'Key', 'kill', 'Big', 'box', 'Sat', 'some', 'Ping', 'plan', 'PASS', 'subject'],
    ...['1', '12 packets', '01 title', '3 skippe', '3 skip', '1:2', '9', '5x', '3\tskipped'],
    ...['[ OK ]', '[FAIL] why', '[long]', '# [ OK ]', '[ a b'],
    ...[
      '[   12.345678] hello',
      '[12.345678]hello',
      '[+1.5] hello',
      '[    1.000000] # hello',
      '# [1.5] hello',
    ],
    ...['[123456789012.123456789] x', '[    1.000000]  [ OK ]'],
    ...['a b: pass:1', 'a:b pass', 'a: bass', 'a. pass:1', 'a:', ':'],
  ],
  unsure: [
    ...[
      'TAP version 13',
      'tap version 13',
      'tAP',
      'KTAP version 1',
      'kTAP',
      'Bail out!',
      'bAIL',
      'Subtest: a',
    ],
    ...[
      'selftests: a: b',
      '# selftests: a: b',
      'Planned tests != run tests',
      'SUbtest',
      'sEnd',
      '  Tab',
      '\tTab',
    ],
    ...['#', '#:ktap_x: y', '#a', '  # Subtest: a', '# #', '<3>ok 1', '<'],
    ...[
      '1..2',
      '4.22 [+0.02] x',
      '2026-11-22T10:11:12,345678+00:00 x',
      '3 skipped test(s) detected',
      '10-',
      '1.',
    ],
    ...['Totals: pass:1', 'a: pass:2', 'a:\tpass', 'a: people', ': p'],
    ...[
      '[    T1] x',
      '[   C0] x',
      '[T1] x',
      '[Sun Nov 22 10:11:12 2026] x',
      '[abc d] x',
      '[C',
      '[Cpu',
      '[ T',
    ],
    ...[
      '[1] x',
      '[12] x',
      '[1.] x',
      '[1.5 x',
      '[1.5x] x',
      '[1234567890123.5] x',
      '[1.1234567890] x',
      '[+1] x',
    ],
    ...[
      '[1.5] [2.5] x',
      '[1.5][ OK ]',
      '[1.5] # [2.5] x',
      '[1.5] ok 1',
      '[    1.000000] # ok 1',
      '# [1.5] ok 1',
    ],
    ...['\tok 1', '# \tok 1', ' \t ok 1'],
  ],
};

describe.each(Object.entries(kinds))('%s', (kind, lines) => {
  test.each(lines)('%j', (line) => {
    expect(look(line).kind).toBe(kind);
    for (const behind of ['ok 1\n', ' 1\n', '# x\n', '[1.5] x\n', '5\n', ': pass:1\n'])
      expect(look(line, behind).kind).toBe(kind);
  });
});

test.each([...kinds.result!, ...kinds.text!, ...kinds.blank!])('%j stands where its string does', (line) => {
  const { glimpse } = look(line);
  const { hashes, indent, body, content } = placeLine(line);
  expect(glimpse.hashes).toBe(hashes);
  const at = 'ok 1\n'.length;
  expect(line.slice(glimpse.content - at).trimEnd()).toBe(content);
  if (content === '') return;
  expect(line.slice(glimpse.body - at).trimEnd()).toBe(body);
  expect(glimpse.indent).toBe(indent);
});

test('as many layers as are layers, and one more', () => {
  expect(look(`${'# '.repeat(31)}ok 1`)).toMatchObject({ kind: 'result', glimpse: { hashes: 31 } });
  expect(look(`${'# '.repeat(32)}ok 1`).kind).toBe('unsure');
});

test('a look forgets the one before', () => {
  const glimpse = new Glimpse();
  const bytes = Buffer.from('# #   ok 1\nok 2\n');
  glimpse.look(bytes, 0, 10);
  expect(glimpse).toMatchObject({ hashes: 2, indent: 2, body: 4, content: 6 });
  glimpse.look(bytes, 11, 15);
  expect(glimpse).toMatchObject({ hashes: 0, indent: 0, body: 11, content: 11 });
});
