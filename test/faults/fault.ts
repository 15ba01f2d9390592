// SPDX-License-Identifier: GPL-2.0-only
import type { CrashKind } from '../../results/crash/kinds.ts';
import type { Outcome } from '../../results/words.ts';
import type { Machine } from '../../vm/machine.ts';
import { FAULT_MODULE, FAULT_TRIGGER } from '../support/fault-module.ts';

/** Something that goes wrong while a test runs, and what has to be said of it. */
export interface Fault {
  name: string;
  /** In every CI run; the others with `script/test --faults`. */
  quick?: true;
  /** Run as a kselftest in the guest. */
  script: string;
  /** Done to the machine from outside, a moment after the test has begun. */
  act?: (machine: Machine) => Promise<void>;
  /** Several where chance decides which. */
  outcome: Outcome | Outcome[];
  /** What the test's message must say; empty messages match `^$`. */
  message: RegExp;
  /** The crash that must have been recognised. */
  crash?: { kind: CrashKind; title: RegExp };
  /** What must stand among the test's problems. */
  problem?: RegExp;
}

/** The message of a test that had nothing to tell. */
export const nothing = /^$/;

export type Expected = Omit<Fault, 'name' | 'script'>;

/** How a fault of the module is provoked. */
export interface Provocation {
  /** The module's. */
  parameters?: string;
  /** A command that makes the kernel look out for it. */
  before?: string;
  /** A command that comes right after it. */
  and?: string;
  /** What is provoked goes on for ever, or as a loop: the test waits for this in the kernel's log, and ends the loop. */
  until?: string;
  loops?: true;
}

const UNTIL_S = 40;
/** Longer than it takes a busy machine to notice a loop. */
const LOOP_S = 60;

/** A fault of test/fixtures/fault-module. The test itself goes on and would pass. */
export function kernelFault(name: string, expected: Expected, how: Provocation = {}): Fault {
  // In a shell of its own, which an oops takes with it; what does not come back must not hold the test's output.
  const provoke = `(echo ${name} > ${FAULT_TRIGGER}${how.and ? `; ${how.and}` : ''})`;
  const loop = how.loops ? `seconds=${LOOP_S}` : '';
  const wait = [
    `for ((i = 0; i < ${UNTIL_S}; i++)); do sleep 1; dmesg | grep -q '${how.until}' && break; done`,
    'echo 1 > /sys/module/fault/parameters/seconds',
  ];
  const script = [
    `insmod ${FAULT_MODULE} ${how.parameters ?? loop}`,
    how.before ?? '',
    ...(how.until ? [`${provoke} > /dev/null 2>&1 &`, ...wait] : [provoke]),
    'sleep 1',
    'exit 0',
  ];
  return { name, script: script.join('\n'), ...expected };
}

/** A report that the kernel survives: the test's exit code is 0 and it must not pass all the same. */
export function splat(
  name: string,
  kind: CrashKind,
  title: RegExp,
  how: Provocation & { quick?: true } = {},
): Fault {
  const { quick, ...provocation } = how;
  return kernelFault(
    name,
    {
      ...(quick ? { quick } : {}),
      outcome: 'fail',
      message: new RegExp(`kernel: ${title.source}`),
      crash: { kind, title },
    },
    provocation,
  );
}
