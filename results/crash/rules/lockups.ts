// SPDX-License-Identifier: GPL-2.0-only
import { hangPlace, stallPlace } from '../anchors.ts';
import type { Evidence } from '../evidence.ts';
import { plain, type Rule, type Title } from './rule.ts';

const stalled =
  (what: string) =>
  (evidence: Evidence): Title => ({ what, where: stallPlace(evidence) });
const hanging =
  (what: string) =>
  (evidence: Evidence): Title => ({ what, where: hangPlace(evidence) });

/** kernel/rcu/tree_stall.h, kernel/watchdog*.c, kernel/hung_task.c, kernel/workqueue.c: nothing goes on. */
export const lockups: Rule[] = [
  {
    kind: 'rcu-stall',
    starts: ['rcu: INFO: rcu', 'INFO: rcu'],
    begins: /^(?:rcu: )?INFO: rcu_\w+ (?:self-)?detected (?:expedited )?stalls?/,
    title: stalled('INFO: rcu detected stall'),
    manyCpus: true,
  },
  {
    kind: 'soft-lockup',
    starts: ['watchdog: BUG: soft', 'NMI watchdog: BUG: soft', 'BUG: soft lockup'],
    begins: /^(?:(?:NMI )?watchdog: )?BUG: soft lockup/,
    title: stalled('BUG: soft lockup'),
    manyCpus: true,
  },
  {
    kind: 'hard-lockup',
    starts: [
      'watchdog: Watchdog',
      'watchdog: CPU',
      'NMI watchdog: Watchdog',
      'Watchdog detected',
      'Watchdog CPU',
    ],
    begins: /^(?:(?:NMI )?watchdog: )?(?:CPU\d+: )?Watchdog detected hard LOCKUP/,
    title: stalled('BUG: hard lockup'),
    manyCpus: true,
  },
  {
    kind: 'hung-task',
    starts: ['INFO: task'],
    begins: /^INFO: task (.{1,32}):(\d+) blocked (?:in I\/O wait |on \S+ .{0,80}?)?for more than \d+ seconds/,
    title: hanging('INFO: task hung'),
    manyCpus: true,
  },
  {
    kind: 'hung-task',
    starts: ['INFO: task'],
    begins: /^INFO: task (.{1,32}):(\d+) can't die for more than \d+ seconds/,
    title: hanging("INFO: task can't die"),
    manyCpus: true,
  },
  {
    kind: 'workqueue-lockup',
    starts: ['BUG: workqueue lockup', 'workqueue: BUG: workqueue'],
    begins: /^(?:workqueue: )?BUG: workqueue lockup/,
    title: plain('BUG: workqueue lockup'),
    manyCpus: true,
  },
];
