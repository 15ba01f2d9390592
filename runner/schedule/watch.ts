// SPDX-License-Identifier: GPL-2.0-only
import { constants } from 'node:os';
import { type Execution, GuestGone } from '../../vm/guest/guest.ts';
import type { ExitReport } from '../../vm/guest/protocol.ts';
import type { Diagnosis, Machine } from '../../vm/machine.ts';
import { type Evidence, lookAt } from './look.ts';

/** Beyond its own time-out the guest gets this long to report, before it counts as hung. */
const HANG_GRACE_MS = 60_000;
/** How often the agent is asked whether it lives, and how long it has to answer. */
const HEARTBEAT_MS = 30_000;
const HEARTBEAT_PATIENCE_MS = 60_000;
export const DIAGNOSE_MS = 30_000;
/** Between SIGTERM and SIGKILL, as the agent has it for time-outs. */
const TERM_GRACE_MS = 5_000;

export interface Limits {
  /** The agent ends the test then; 0 for never. */
  timeoutMs: number;
  /** Without a byte from the test or the kernel for so long, the test is ended; 0 for never. */
  idleMs: number;
}

/** How a test came to its end. */
export type End =
  /** It ended, or the agent ended it; `silent` where we had it ended for want of any word. */
  | { how: 'exit'; exit: ExitReport; silent: boolean }
  /** The machine ended. */
  | { how: 'gone'; why: string }
  /** The machine is there and the test cannot be brought to an end. */
  | { how: 'stuck'; diagnosis: Diagnosis }
  | { how: 'not-started'; why: string };

export interface Watched {
  end: End;
  /** Of whatever was stuck, in the order in which it was learnt. */
  evidence: Evidence[];
  /** What the test waited for when it was ended before its time; empty where that is not known. */
  waitingIn: string;
}

/** Shortly before the time-out: early enough for a slow guest to tell, late enough that it is what the test hangs in. */
export function lookLeadMs(timeoutMs: number): number {
  return Math.min(10_000, Math.max(timeoutMs / 10, Math.min(2_000, timeoutMs / 2)));
}

/**
 * Waits for the end of a test, and gives up on guests that do not get there: one whose agent says nothing long after
 * the time-out, one that hangs before. What can be learnt of a stuck test or guest is learnt before it is ended.
 *
 * @param alive called by the caller with each sign of life of test or kernel
 */
export async function watch(
  machine: Machine,
  execution: Execution,
  limits: Limits,
  alive: (listener: () => void) => void,
): Promise<Watched> {
  const evidence: Evidence[] = [];
  const timers = new Set<NodeJS.Timeout>();
  const { promise: stuck, resolve: giveUp } = Promise.withResolvers<End>();
  let over = false;
  let silent = false;
  let waitingIn = '';

  const after = (ms: number, action: () => void): NodeJS.Timeout => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      action();
    }, ms);
    timers.add(timer);
    return timer;
  };

  /** What comes too late is for nobody: the test ended by itself meanwhile. */
  const enough = new AbortController();
  let looking: Promise<unknown> = Promise.resolve();
  const look = async (title: string) => {
    const looked = lookAt(machine, enough.signal);
    looking = looked;
    const found = await looked;
    if (over || !found) return;
    waitingIn = found.summary;
    evidence.push({ title, text: found.text });
  };

  /** One at a time; of several only the last tells what is still true. A diagnosis may upset a guest that lives. */
  let diagnosing: Promise<Diagnosis> | null = null;
  let learnt: Evidence[] = [];
  const diagnose = async (canGoOn: (state: Diagnosis['state']) => boolean) => {
    diagnosing ??= machine.diagnose(DIAGNOSE_MS).finally(() => {
      diagnosing = null;
    });
    const diagnosis = await diagnosing;
    // One that has gone fails the execution, which tells how.
    if (over || diagnosis.state === 'gone') return;
    learnt = diagnosis.evidence;
    if (!canGoOn(diagnosis.state)) giveUp({ how: 'stuck', diagnosis });
  };

  const endWithin = (ms: number) => after(ms, () => void diagnose(() => false));

  const bounded = limits.timeoutMs > 0 || limits.idleMs > 0;
  let asking = false;
  const heartbeat = setInterval(async () => {
    if (asking) return;
    asking = true;
    const answered = await machine.ping(HEARTBEAT_PATIENCE_MS);
    // A kernel that reacts may get over it, and the test has its time-out; without one nobody would wait for it.
    if (!answered && !over)
      await diagnose((state) => state === 'alive' || (state === 'agent-stuck' && bounded));
    asking = false;
  }, HEARTBEAT_MS);

  if (limits.timeoutMs > 0) {
    const lead = lookLeadMs(limits.timeoutMs);
    after(limits.timeoutMs - lead, () => {
      void look(
        `the test ${(lead / 1000).toFixed(1)} s before its time-out: processes and their kernel stacks`,
      );
    });
    endWithin(limits.timeoutMs + HANG_GRACE_MS);
  }
  if (limits.idleMs > 0) {
    const idle = after(limits.idleMs, async () => {
      silent = true;
      await look('the test when it was ended for its silence: processes and their kernel stacks');
      if (over) return;
      execution.kill(constants.signals.SIGTERM);
      after(TERM_GRACE_MS, () => execution.kill(constants.signals.SIGKILL));
      endWithin(HANG_GRACE_MS);
    });
    alive(() => {
      if (!silent && !over) idle.refresh();
    });
  }

  const exit = execution.exit.then(
    (exit): End => ({ how: 'exit', exit, silent }),
    async (error: Error): Promise<End> => {
      if (!(error instanceof GuestGone)) return { how: 'not-started', why: error.message };
      // The NMI that makes a guest tell where it hangs ends it: what was found is the reason then, not this end.
      const diagnosis = await diagnosing;
      const hung = diagnosis?.state === 'guest-hung' || diagnosis?.state === 'agent-stuck';
      return hung ? { how: 'stuck', diagnosis } : { how: 'gone', why: error.message };
    },
  );
  try {
    const end = await Promise.race([exit, stuck]);
    over = true;
    enough.abort();
    if (end.how === 'exit') await looking;
    return { end, evidence: [...evidence, ...learnt], waitingIn };
  } finally {
    over = true;
    clearInterval(heartbeat);
    for (const timer of timers) clearTimeout(timer);
  }
}
