// SPDX-License-Identifier: GPL-2.0-only
import type { TestReport } from '../../results/store/types.ts';
import type { Prepared } from '../../runner/setup.ts';
import type { Driver } from '../../vm/machine.ts';
import { qemuDriver } from '../../vm/qemu/driver.ts';
import { withFaults } from '../support/fault-module.ts';
import { withCollection } from '../support/guest.ts';
import { runAll } from '../support/run.ts';
import type { Fault } from './faults.ts';

/** Enough for every fault on a busy machine; the hang of a test is waited for this long. */
const TIMEOUT_S = 90;
const ACT_AFTER_MS = 4_000;

/** A fault as it was met, and what is wrong with what was said of it. */
export interface Met {
  fault: Fault;
  round: number;
  report: TestReport | undefined;
  /** Empty where all is right. */
  wrong: string[];
}

function check(fault: Fault, report: TestReport | undefined): string[] {
  if (!report) return ['lost: no report'];
  const wrong: string[] = [];
  if (report.outcome !== fault.outcome) wrong.push(`outcome ${report.outcome} instead of ${fault.outcome}`);
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

/** Has every fault happen `rounds` times in one run over two VMs, each in a guest of its own. */
export async function meetFaults(
  base: Prepared,
  dir: string,
  faults: readonly Fault[],
  rounds: number,
  onEnd: (name: string, outcome: string) => void = () => {},
): Promise<Met[]> {
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
    jobs: 2,
    timeoutS: TIMEOUT_S,
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
  return [...named].map(([name, { fault, round }]) => {
    const report = reports.get(name);
    return { fault, round, report, wrong: check(fault, report) };
  });
}

/** One line for each fault: how often it was met, and what was wrong. */
export function matrixTable(met: readonly Met[]): string {
  const names = [...new Set(met.map(({ fault }) => fault.name))];
  const lines = names.map((name) => {
    const all = met.filter(({ fault }) => fault.name === name);
    const right = all.filter(({ wrong }) => wrong.length === 0).length;
    const seconds = all.reduce((sum, { report }) => sum + (report?.durationMs ?? 0), 0) / 1000 / all.length;
    const [{ report: shown }] = all as [Met];
    const title =
      shown?.crashes?.find(({ kind }) => kind === all[0]!.fault.crash?.kind)?.title ??
      shown?.message.split('\n')[0] ??
      '';
    const told = (shown?.outcome ?? 'lost').padEnd(8);
    const first = `${right === all.length ? '✓' : '✗'} ${name.padEnd(24)} ${String(right).padStart(3)}/${String(all.length).padEnd(3)} ${told} ${seconds.toFixed(1).padStart(6)} s  ${title.slice(0, 90)}`;
    const wrong = all.flatMap(({ wrong, round }) => wrong.map((text) => `    round ${round}: ${text}`));
    return [first, ...wrong].join('\n');
  });
  const right = met.filter(({ wrong }) => wrong.length === 0).length;
  return `${lines.join('\n')}\n${right} of ${met.length} faults told rightly\n`;
}
