// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { parse } from '../testing.ts';
import { tap } from './index.ts';

test('a document says what it was read as', () => expect(parse('1..0').format).toBe(tap.name));

test.each([
  'TAP version 13',
  'KTAP version 1',
  '1..3',
  'Bail out! no memory',
  'selftests: net: x.sh',
  'ok 1 a',
  'not ok - a',
])('can hardly be anything but TAP: %j', (content) => expect(tap.sign(content)).toBe(true));

test.each([
  '',
  'ok',
  'ok then',
  'not ok at all',
  'TAP',
  '1...',
  'bailing out',
  'selftests: net',
  '# a comment',
])('may be anything: %j', (content) => expect(tap.sign(content)).toBe(false));
