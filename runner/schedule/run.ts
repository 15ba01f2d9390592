// SPDX-License-Identifier: GPL-2.0-only
import type { TestReport } from '../../results/store/types.ts';
import type { Outcome } from '../../results/words.ts';
import type { Driver, Machine } from '../../vm/machine.ts';
import type { Prepared } from '../setup.ts';
import type { PlannedTest } from '../suites/planned-test.ts';
import type { Around } from './around.ts';
import { attemptTest } from './attempt.ts';
import { type Isolation, machineSource } from './machines.ts';
import type { Job, Queue } from './queue.ts';
import type { Preparation } from './ready.ts';
import type { Session } from './session.ts';
import { stretch } from './time-out.ts';

export interface RunOptions {
  prepared: Prepared;
  driver: Driver;
  isolation: Isolation;
  preparation: Preparation;
  around: Around;
  queue: Queue;
  /** How many VMs at once. */
  jobs: number;
  /** Of every test, over what its suite sets. */
  env: Readonly<Record<string, string>>;
  /** Seconds for every test, instead of its own time-out times the slowness of the guest. */
  timeoutS: number | null;
  /** Seconds of silence after which a test is ended; null for as long as it likes. */
  idleS: number | null;
  /** Minutes after which no test is started any more and those in flight are ended; null for none. */
  deadlineMinutes: number | null;
  signal: AbortSignal;
  on: {
    note(vm: number, text: string): void;
    booted(vm: number, machine: Machine, factor: number): void;
    started(vm: number, job: Job): void;
    subtest(vm: number, test: PlannedTest, name: string, outcome: Outcome): void;
    /** The kernel reported a fault of its own, just now. */
    splat(vm: number, test: PlannedTest, title: string): void;
    /** `again`: it failed and is tried once more. */
    finished(report: TestReport, again: boolean): Promise<void>;
  };
}

export interface RunResult {
  /** The deadline came before the queue was empty. */
  deadlinePassed: boolean;
}

/**
 * Makes the attempts of a queue over a pool of VMs. Each VM takes the next when it is done with one, in a fresh guest
 * where the isolation wants it or a test has spoiled the one before. A VM that does not boot, also when tried again,
 * ends the run, since no other will.
 *
 * @throws BootTrouble or Trouble where a guest cannot be booted; what was finished has been reported by then
 */
export async function runTests(options: RunOptions): Promise<RunResult> {
  const { prepared, queue, signal, on } = options;
  // The others then fail as well, but only because they are told to stop.
  let firstFailure: unknown = null;
  const giveUp = new AbortController();
  const late = new AbortController();
  const stop = AbortSignal.any([signal, giveUp.signal, late.signal]);
  const timer =
    options.deadlineMinutes !== null
      ? setTimeout(() => late.abort(), options.deadlineMinutes * 60_000)
      : undefined;
  const source = machineSource({ ...options, signal: stop, onNote: on.note });

  const timeoutFor = ({ timeoutS }: PlannedTest) =>
    1000 * (options.timeoutS ?? stretch(timeoutS, source.factor));

  async function work(vm: number): Promise<void> {
    let session: Session | null = null;
    const renew = async (): Promise<Session> => {
      await session?.machine.dispose();
      session = null;
      session = await source.fresh(vm);
      on.booted(vm, session.machine, source.factor);
      return session;
    };
    const kill = () =>
      void session?.machine.kill(late.signal.aborted ? 'the run’s deadline passed' : 'interrupted');
    stop.addEventListener('abort', kill);
    try {
      while (!queue.isEmpty && !stop.aborted) {
        let current: Session = session ?? (await renew());
        // Another VM may have taken the last one while this one booted.
        const job = queue.take();
        if (!job || stop.aborted) break;
        if (job.fresh && current.tests > 0) current = await renew();
        on.started(vm, job);
        const { report, spoiled } = await attemptTest(current, job.test, {
          vm,
          attempt: job.attempt,
          timeoutMs: timeoutFor(job.test),
          env: options.env,
          idleMs: (options.idleS ?? 0) * 1000,
          slow: prepared.plan.accel === 'tcg',
          around: options.around,
          onSubtest: (name, outcome) => on.subtest(vm, job.test, name, outcome),
          onSplat: (title) => on.splat(vm, job.test, title),
        });
        // Our own doing, not the test's: it counts as one that never reported. A deadline tells what it cut short.
        if (stop.aborted && report.outcome === 'error' && !late.signal.aborted) break;
        await on.finished(report, queue.ended(job, report));
        if (spoiled || options.isolation === 'test') {
          await current.machine.dispose();
          session = null;
        }
      }
      await (session as Session | null)?.machine.stop();
    } finally {
      stop.removeEventListener('abort', kill);
      await (session as Session | null)?.machine.dispose();
    }
  }

  const workers = Array.from({ length: options.jobs }, (_, vm) =>
    work(vm).catch((error) => {
      firstFailure ??= error;
      giveUp.abort();
    }),
  );
  await Promise.all(workers);
  clearTimeout(timer);
  const deadlinePassed = late.signal.aborted && !signal.aborted;
  if (firstFailure !== null && !signal.aborted && !deadlinePassed) throw firstFailure;
  return { deadlinePassed };
}
