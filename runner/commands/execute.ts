// SPDX-License-Identifier: GPL-2.0-only
import type { RunStart, Store, TestReport } from '../../results/store/types.ts';
import { BootTrouble } from '../../vm/trouble.ts';
import { Interrupted } from '../exit.ts';
import type { terminalProgress } from '../progress/terminal.ts';
import type { Report } from '../report/report.ts';
import { withDecoded } from '../schedule/decoded.ts';
import { notStarted } from '../schedule/not-started.ts';
import { type RunOptions, runTests } from '../schedule/run.ts';
import type { PlannedTest } from '../suites/planned-test.ts';

export type Progress = ReturnType<typeof terminalProgress>;

export interface Execution {
  store: Store;
  start: RunStart;
  options: Omit<RunOptions, 'on'>;
  tests: PlannedTest[];
  /** Attempts that are expected; null where nobody knows. */
  total: number | null;
  expectedMs: number | null;
  progress: Progress;
  report: Report;
  /** For each attempt that was stored, before it is reported. */
  onStored?(report: TestReport): void;
  /** Whether the run is what was asked for although it was interrupted. */
  isWhole?(): boolean;
}

/**
 * Makes the attempts of a queue, storing and reporting each as it ends, and closes the run.
 *
 * @returns the stored run's id, and whether its deadline cut it short
 * @throws what ended the run; Interrupted at Ctrl-C
 */
export async function execute(run: Execution): Promise<{ id: number; deadlinePassed: boolean }> {
  const { store, start, options, progress, report, total } = run;
  const { id } = await store.startRun(start);
  const { accel } = options.prepared.plan;
  const step = progress.step(`Run ${id}`, accel === 'tcg' ? (run.expectedMs ?? undefined) : undefined);
  const running = new Map<number, string>();
  const seen = new Set<number>();
  const reported = new Set<string>();
  let done = 0;
  const show = () =>
    step.update({
      text: [...running.values()].join(', ') || 'booting',
      done,
      ...(total === null ? {} : { total }),
      unit: 'tests',
    });
  show();
  report.started(run.tests);
  let failure: unknown = null;
  let deadlinePassed = false;
  const keep = async (result: TestReport, again: boolean) => {
    await store.addTest(start.uuid, result);
    reported.add(`${result.collection}:${result.name}`);
    done++;
    run.onStored?.(result);
    show();
    progress.clear();
    report.test(result, again);
  };
  try {
    for (const test of run.tests) if (test.instead) await keep(notStarted(test), false);
    const result = await runTests({
      ...options,
      on: {
        note: (vm, text) => step.note(`  VM ${vm}: ${text}`),
        booted: (vm, machine, factor) => {
          // With a guest for each test only the first one of a VM is news.
          if (seen.has(vm) && options.isolation === 'test') return;
          seen.add(vm);
          const stretched = factor > 1 ? `, time-outs × ${factor}` : '';
          step.note(
            `  VM ${vm}: ${machine.hello.release} answered after ${(machine.bootMs / 1000).toFixed(1)} s (${accel}${stretched})`,
          );
        },
        started: (vm, { test, attempt }) => {
          running.set(vm, attempt > 1 ? `${test.name} (attempt ${attempt})` : test.name);
          show();
        },
        subtest: (vm, test, name) => {
          running.set(vm, `${test.name}: ${name.slice(0, 40)}`);
          show();
        },
        splat: (vm, test, title) => step.note(`  VM ${vm}: ${test.name}: kernel: ${title}`),
        finished: async (ended, again) => {
          const result = await withDecoded(ended, options.prepared);
          running.delete(result.vm);
          await keep(result, again);
        },
      },
    });
    deadlinePassed = result.deadlinePassed;
  } catch (error) {
    failure = error;
  }
  const whole = run.isWhole?.() ?? reported.size === start.planned.length;
  const kernelFailed = failure instanceof BootTrouble;
  const cut = deadlinePassed ? `the deadline of ${options.deadlineMinutes} minutes passed` : '';
  const interrupted = options.signal.aborted ? 'interrupted' : '';
  await store.finishRun(start.uuid, {
    state: failure && !kernelFailed ? 'error' : whole && !deadlinePassed ? 'complete' : 'incomplete',
    finishedAt: Date.now(),
    reason: failure ? (failure as Error).message.split('\n')[0]! : whole && !cut ? '' : cut || interrupted,
  });
  const count =
    total !== run.tests.length ? `${done} attempts` : `${reported.size} of ${start.planned.length} tests`;
  step.done(count);
  report.finished((await store.run(id))!);
  if (failure) throw failure;
  if (options.signal.aborted)
    throw new Interrupted(
      `interrupted: run ${id} is stored ${whole ? `with ${done} attempts` : `as incomplete with ${count}`}`,
    );
  return { id, deadlinePassed };
}
