// SPDX-License-Identifier: GPL-2.0-only
import type { TestReport } from '../../results/store/types.ts';
import type { Prepared } from '../../runner/setup.ts';
import type { Driver } from '../../vm/machine.ts';
import { qemuDriver } from '../../vm/qemu/driver.ts';
import { withFaults } from '../support/fault-module.ts';
import { withCollection } from '../support/guest.ts';
import { runAll } from '../support/run.ts';
import type { Fault } from './fault.ts';
import type { Met } from './table.ts';

const ACT_AFTER_MS = 4_000;

/** A fault as it was met, with all that would be stored of it. */
export interface MetInGuest extends Met {
  fault: Fault;
  report: TestReport | undefined;
}

/** How often, and over how many VMs. */
export interface Meeting {
  rounds: number;
  jobs: number;
  timeoutS: number;
  onEnd?: (name: string, outcome: string) => void;
}

function check(fault: Fault, report: TestReport | undefined): string[] {
  if (!report) return ['lost: no report'];
  const wrong: string[] = [];
  if (![fault.outcome].flat().includes(report.outcome))
    wrong.push(`outcome ${report.outcome} instead of ${fault.outcome}`);
  if (!fault.message.test(report.message))
    wrong.push(`message ${JSON.stringify(report.message.slice(0, 200))}`);
  const { crash, problem } = fault;
  const crashes = report.crashes ?? [];
  if (crash && !crashes.some(({ kind, title }) => kind === crash.kind && crash.title.test(title)))
    wrong.push(`crashes ${JSON.stringify(crashes.map(({ kind, title }) => `${kind}: ${title}`))}`);
  const texts = report.problems.map(({ text }) => text);
  if (problem && !texts.some((text) => problem.test(text))) wrong.push(`problems ${JSON.stringify(texts)}`);
  return wrong;
}

/** Has every fault happen `rounds` times in one run over `jobs` VMs, each in a guest of its own. */
export async function meetFaults(
  base: Prepared,
  dir: string,
  faults: readonly Fault[],
  { rounds, jobs, timeoutS, onEnd = () => {} }: Meeting,
): Promise<MetInGuest[]> {
  const named = new Map(
    Array.from({ length: rounds }, (_, round) =>
      faults.map((fault) => [`${fault.name}.${round + 1}.sh`, { fault, round: round + 1 }] as const),
    ).flat(),
  );
  const scripts = Object.fromEntries([...named].map(([name, { fault }]) => [name, fault.script]));
  const own = await withCollection(await withFaults(base), dir, scripts);
  const begun = new Map<string, Fault['act']>([...named].map(([name, { fault }]) => [name, fault.act]));
  // A VM's machine is known when it comes up, and the test that it gets is told right after.
  const driver: Driver = {
    ...qemuDriver,
    restore: async (options) => {
      const machine = await qemuDriver.restore!(options);
      const exec = machine.exec.bind(machine);
      return Object.assign(machine, {
        exec: (...args: Parameters<typeof exec>) => {
          const name = [...begun.keys()].find((test) => args[0].argv.some((word) => word.includes(test)));
          const act = name ? begun.get(name) : undefined;
          if (act) setTimeout(() => void act(machine), ACT_AFTER_MS);
          return exec(...args);
        },
      });
    },
  };
  const reports = new Map<string, TestReport>();
  await runAll(own.prepared, own.tests, {
    driver,
    isolation: 'test',
    jobs,
    timeoutS,
    on: {
      note: () => {},
      booted: () => {},
      started: () => {},
      subtest: () => {},
      splat: () => {},
      finished: async (report) => {
        reports.set(report.name, report);
        onEnd(report.name, report.outcome);
      },
    },
  });
  return [...named].map(([name, { fault, round }]) => metAs(fault, round, reports.get(name)));
}

function metAs(fault: Fault, round: number, report: TestReport | undefined): MetInGuest {
  const title = report?.crashes?.find(({ kind }) => kind === fault.crash?.kind)?.title;
  return {
    name: fault.name,
    ...{ fault, round, report },
    told: report?.outcome ?? 'lost',
    said: title ?? report?.message.split('\n')[0] ?? '',
    seconds: (report?.durationMs ?? 0) / 1000,
    wrong: check(fault, report),
  };
}
