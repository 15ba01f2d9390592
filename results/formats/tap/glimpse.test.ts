// SPDX-License-Identifier: GPL-2.0-only
import { Buffer } from 'node:buffer';
import { describe, expect, test } from 'vitest';
import { findLineEnds } from '../line-ends.ts';
import { maxLineBytes } from '../lines.ts';
import {
  Backlog,
  BLANK,
  HEADER,
  type Kind,
  ODD,
  PLAN,
  RESULT,
  RUNNER_RESULT,
  TEXT,
  UNSURE,
  VERSION,
} from './backlog.ts';
import { placeLine } from './place.ts';

const words = new Map<Kind, string>([
  [BLANK, 'blank'],
  [TEXT, 'text'],
  [RESULT, 'result'],
  [RUNNER_RESULT, 'runner'],
  [HEADER, 'header'],
  [VERSION, 'version'],
  [PLAN, 'plan'],
  [UNSURE, 'unsure'],
  [ODD, 'odd'],
]);

const before = 'ok 1\n';

/** The look at a line, with others around it that would change what is seen if it went over the line's end. */
function look(line: string, behind = ''): { kind: string; backlog: Backlog } {
  const bytes = Buffer.from(`${before}${line}\n${behind}`);
  const backlog = new Backlog();
  backlog.look(bytes, 0, findLineEnds(bytes, 0), 1, maxLineBytes);
  return { kind: words.get(backlog.kind(1))!, backlog };
}

const kinds: Record<string, string[]> = {
  blank: ['', ' ', '\t  ', '# ', '#  ', '[    1.000000] ', '# [1.5] '],
  result: ['ok 1', 'ok\t1', 'not ok 2 - a', '  ok 1', '# ok 1', '# # not ok 3 x', '#   ok 1'],
  runner: ['ok 1 selftests: a: b', '# not ok 2 - selftests: a: b'],
  header: ['selftests: a: b', '# selftests: a: b', '# # selftests: a: b'],
  version: ['TAP version 13', '# KTAP version 1'],
  plan: ['1..2', '# 1..3', '  1..4'],
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
    ...['ok', 'ok ', 'not ok', 'ok a', '[1.5] TAP version 13', '\t1..2', '[1.5] 1..2', '# \tselftests: a: b'],
    ...['tap version 13', 'tAP', 'kTAP', 'Bail out!', 'bAIL', 'Subtest: a'],
    ...['Planned tests != run tests', 'SUbtest', 'sEnd', '  Tab', '\tTab'],
    ...['#', '#:ktap_x: y', '#a', '  # Subtest: a', '# #', '<3>ok 1', '<'],
    ...['4.22 [+0.02] x', '2026-11-22T10:11:12,345678+00:00 x', '3 skipped test(s) detected', '10-', '1.'],
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

const { unsure, ...known } = kinds;
test.each(Object.values(known).flat())('%j stands where its string does', (line) => {
  const { kind, backlog } = look(line);
  const place = placeLine(line);
  expect(backlog.hashes(1)).toBe(place.hashes);
  const content = backlog.content(1) - before.length;
  expect(line.slice(content).trimEnd()).toBe(place.content);
  const start = backlog.start(1) - before.length;
  if (kind === 'text') expect(line.slice(start, backlog.end(1) - before.length)).toBe(place.body);
  else if (kind !== 'blank') expect(content - start - 2 * place.hashes).toBe(place.indent);
});

test.each([...unsure!, 'a\x1b', 'é'])('%j is given out as a whole', (line) => {
  const { backlog } = look(line);
  const at = before.length;
  expect([backlog.start(1), backlog.end(1)]).toEqual([at, at + Buffer.byteLength(line)]);
});

test('as many layers as are layers, and one more', () => {
  const { kind, backlog } = look(`${'# '.repeat(31)}ok 1`);
  expect([kind, backlog.hashes(1)]).toEqual(['result', 31]);
  expect(look(`${'# '.repeat(32)}ok 1`).kind).toBe('unsure');
});

test.each(['\x1b[1mtext', 'é', 'text\r', '\0', 'x'.repeat(maxLineBytes + 1)])(
  'nobody looks at %j',
  (line) => {
    expect(look(line).kind).toBe('odd');
  },
);

test('a line may be as long as those that are kept', () => {
  expect(look('x'.repeat(maxLineBytes)).kind).toBe('text');
});

test.each(['ok x', 'a ok b', 'book x', 'a ok ', '[ OK ] ok 1', 'a much longer line, ok '])(
  'a result may hide in the text %j',
  (text) => {
    for (let at = 0; at < 40; at++) {
      const line = `${'.'.repeat(at)}${text}`;
      expect(look(line).kind, line).toBe('unsure');
    }
  },
);

test.each(['a ok', 'oks', 'o k ', 'a OK b', 'a okb'])('none hides in %j', (text) => {
  for (let at = 0; at < 40; at++)
    for (const behind of ['', ' ok 1\n', 'ok \n', 'k \n']) {
      const line = `.${'.'.repeat(at)}${text}`;
      expect(look(line, behind).kind, line).toBe('text');
    }
});

test('a look forgets the line before', () => {
  const { backlog } = look('# #   ok 1', 'ok 2\n');
  expect([backlog.hashes(1), backlog.content(1) - before.length]).toEqual([2, 6]);
  expect([backlog.hashes(2), backlog.content(2) - backlog.start(2)]).toEqual([0, 0]);
});
