// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { collect } from '../../../results/formats/collect.ts';
import { tap } from '../../../results/formats/tap/index.ts';
import { concludeLate } from './late.ts';

const late = (tolerance: string) =>
  `# a.pkt:15: error handling packet: timing error: expected outbound packet at 0.11 sec but happened at 0.07 sec; tolerance ${tolerance} sec\n`;
const other = '# a.pkt:15: error handling packet: bad value outbound TCP option 2\n';

function conclude(log: string, code: number) {
  const parser = collect(tap);
  parser.push(Buffer.from(`TAP version 13\n1..2\n${log}`));
  const exit = { code, signal: 0, timedOut: false, durationMs: 1, cpuMs: 1, maxRssKb: 1, leftovers: 0 };
  const { verdict, subtests } = concludeLate(exit, parser.end());
  return [verdict.outcome, ...subtests.map(({ outcome }) => outcome)];
}

test.each([
  [
    'both late',
    `${late('0.014000')}not ok 1 ipv4\n${late('0.014000')}not ok 2 ipv6\n`,
    1,
    ['pass', 'xfail', 'xfail'],
  ],
  [
    'one late, one wrong',
    `${late('0.014000')}not ok 1 ipv4\n${other}not ok 2 ipv6\n`,
    1,
    ['fail', 'xfail', 'fail'],
  ],
  ['late on a real machine', `${late('0.004000')}not ok 1 ipv4\nok 2 ipv6\n`, 1, ['fail', 'fail', 'pass']],
  ['all well', 'ok 1 ipv4\nok 2 ipv6\n', 0, ['pass', 'pass', 'pass']],
  ['nothing ran', '', 1, ['fail']],
  ['packetdrill is missing', '', 4, ['skip']],
])('%s', (_, log, code, expected) => {
  expect(conclude(log, code)).toEqual(expected);
});
