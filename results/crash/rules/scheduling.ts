// SPDX-License-Identifier: GPL-2.0-only
import { byStack, type Rule } from './rule.ts';

/** kernel/sched/core.c, lib/smp_processor_id.c, kernel/locking/spinlock_debug.c: the wrong place to do this. */
export const scheduling: Rule[] = [
  {
    kind: 'atomic-sleep',
    starts: ['BUG: sleeping function'],
    begins: /^BUG: sleeping function called from invalid context/,
    title: byStack('BUG: sleeping function called from invalid context'),
  },
  {
    kind: 'atomic-schedule',
    starts: ['BUG: scheduling while atomic'],
    begins: /^BUG: scheduling while atomic/,
    title: byStack('BUG: scheduling while atomic', /^(?:__schedule\w*|schedule\w*|preempt_schedule\w*)$/),
  },
  {
    kind: 'preempt',
    starts: ['BUG: using'],
    begins: /^BUG: using (\w+\(\)) in preemptible/,
    title: byStack(
      ([, name]) => `BUG: using ${name} in preemptible code`,
      /^(?:check_preemption_disabled|debug_smp_processor_id)$/,
    ),
  },
  {
    kind: 'locking',
    starts: ['BUG: workqueue leaked', 'workqueue: BUG: workqueue leaked'],
    begins: /^(?:workqueue: )?BUG: workqueue leaked/,
    title: ({ lines, head }) => ({
      what: 'BUG: workqueue leaked lock or atomic',
      where:
        lines
          .slice(head, head + 3)
          .map((text) => /last function: ([\w.]+)/.exec(text)?.[1])
          .find((name) => name !== undefined) ?? null,
    }),
  },
  {
    kind: 'locking',
    starts: ['BUG: spinlock', 'BUG: rwlock'],
    begins:
      /^(?:workqueue: )?(BUG: (?:spinlock (?:bad magic|recursion|lockup suspected|already unlocked|wrong owner|wrong CPU|cpu recursion)|rwlock (?:bad magic|recursion|lockup suspected|wrong owner)))/,
    title: byStack(([, what]) => what!, /^(?:_*task_rq_lock|_*spin_\w+)$/),
  },
];
