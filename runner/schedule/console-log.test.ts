// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { cutAtMarks } from './console-log.ts';

const cut = (text: string, id = 7) => {
  const { before, during } = cutAtMarks(Buffer.from(text), { begin: id, end: id });
  return { before: String(before), during: String(during) };
};

test('before the test, and all from its begin on without its marks', () => {
  expect(cut('early\n[1] multitap: begin 7\nmine\n[2] multitap: end 7\r\nlate\n')).toEqual({
    before: 'early\n',
    during: 'mine\nlate\n',
  });
});

test.each([
  ['no mark: all is the test’s', 'a\nb', { before: '', during: 'a\nb' }],
  ['no end', 'x\n[1] multitap: begin 7\na\n', { before: 'x\n', during: 'a\n' }],
  [
    'no line end behind the last mark',
    'multitap: begin 7\na\nmultitap: end 7',
    { before: '', during: 'a\n' },
  ],
  ['another’s mark', '[1] multitap: begin 70\na\n', { before: '', during: '[1] multitap: begin 70\na\n' }],
  [
    'the words inside a line',
    'multitap: begin 7 or so\na\n',
    { before: '', during: 'multitap: begin 7 or so\na\n' },
  ],
  ['nothing', '', { before: '', during: '' }],
])('%s', (_, text, expected) => {
  expect(cut(text)).toEqual(expected);
});
