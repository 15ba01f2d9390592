// SPDX-License-Identifier: GPL-2.0-only
import { expect, test } from 'vitest';
import { lcovOf } from './lcov.ts';

const object = (file: string, lines: [number, number][], functions: [string, number, number][] = []) =>
  JSON.stringify({
    format_version: '2',
    files: [
      {
        file,
        lines: lines.map(([line_number, count]) => ({ line_number, count })),
        functions: functions.map(([name, start_line, execution_count]) => ({
          name,
          start_line,
          execution_count,
        })),
      },
    ],
  });

test('a trace file as geninfo writes it; what several objects hold is added up', () => {
  const gcov = [
    object(
      'net/mptcp/pm.c',
      [
        [12, 3],
        [10, 0],
      ],
      [['mptcp_pm', 10, 3]],
    ),
    object('include/net/sock.h', [[5, 1]]),
    object('include/net/sock.h', [
      [5, 2],
      [6, 0],
    ]),
    '',
  ].join('\n');
  expect(lcovOf(gcov, 'pm_netlink.sh')).toBe(
    [
      ...['TN:pm_netlink_sh', 'SF:include/net/sock.h', 'FNF:0', 'FNH:0', 'DA:5,3', 'DA:6,0', 'LF:2', 'LH:1'],
      ...['end_of_record', 'TN:pm_netlink_sh', 'SF:net/mptcp/pm.c', 'FN:10,mptcp_pm', 'FNDA:3,mptcp_pm'],
      ...['FNF:1', 'FNH:1', 'DA:10,0', 'DA:12,3', 'LF:2', 'LH:1', 'end_of_record', ''],
    ].join('\n'),
  );
});

test('no notes are an error, not an empty file', () => {
  expect(() => lcovOf('', 'a')).toThrow('no notes');
});
