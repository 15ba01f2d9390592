// SPDX-License-Identifier: GPL-2.0-only
import { type CrashKind, kinds } from './kinds.ts';

const fatalKinds = (Object.keys(kinds) as CrashKind[]).filter((kind) => kinds[kind].severity === 'fatal');

/** What a panic says that is not a fault of its own, and the kinds of report that it may follow from. */
const table: { says: RegExp; causes: readonly CrashKind[] | 'any' }[] = [
  { says: /\bpanic_on_warn set\b/, causes: 'any' },
  {
    says: /^(?:Fatal exception|Oops\b|Fatal trap|Aiee|Attempted to kill (?:init|the idle task))/,
    causes: fatalKinds,
  },
  { says: /^scheduling while atomic/, causes: ['atomic-schedule'] },
  { says: /^hung_task: blocked tasks/, causes: ['hung-task'] },
  { says: /^softlockup: hung tasks/, causes: ['soft-lockup'] },
  { says: /^(?:Hard LOCKUP|hard lockup|Watchdog detected hard LOCKUP)/, causes: ['hard-lockup'] },
  { says: /^RCU Stall/i, causes: ['rcu-stall'] },
  { says: /^sysrq triggered crash/, causes: ['sysrq-crash'] },
  { says: /^kernel stack overflow/, causes: ['stack-overflow'] },
  { says: /^kasan\.fault=panic set/, causes: ['kasan'] },
  { says: /^(?:NMI: |An NMI occurred)/, causes: ['nmi'] },
  { says: /^(?:Out of memory|System is deadlocked on memory|out of memory)/, causes: ['oom', 'oom-cgroup'] },
  { says: /^kernel: workqueue stall/i, causes: ['workqueue-lockup'] },
];

/** The kinds that a panic with these words may have come from; empty where it is a crash of its own. */
export function causesOf(panic: string): readonly CrashKind[] {
  const causes = table.find(({ says }) => says.test(panic))?.causes ?? [];
  return causes === 'any' ? (Object.keys(kinds) as CrashKind[]) : causes;
}
