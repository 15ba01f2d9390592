// SPDX-License-Identifier: GPL-2.0-only
import { Command, Option } from 'commander';
import type { Store } from '../../results/store/types.ts';
import { qemuCommand } from '../../vm/qemu/command.ts';
import { BootTrouble, UsageTrouble } from '../../vm/trouble.ts';
import { exitCodeOfTests, Interrupted } from '../exit.ts';
import { handleInterrupts } from '../interrupt.ts';
import { type PlannedTest, type Selection, selectTests, suiteOf } from '../plan.ts';
import { terminalProgress } from '../progress/terminal.ts';
import { reportFormats } from '../report/registry.ts';
import type { Report } from '../report/report.ts';
import { describeRun, openResults, type RunRequest } from '../schedule/record.ts';
import { runTests } from '../schedule/run.ts';
import { type Prepared, prepare } from '../setup.ts';
import type { Suite } from '../suites/suite.ts';
import {
  accelOption,
  cpusOption,
  dataOption,
  type GuestFlags,
  kernelOption,
  memoryOption,
  wholeNumber,
} from './options.ts';

interface RunFlags extends GuestFlags {
  test?: string[];
  collection?: string;
  quick?: boolean;
  jobs: number;
  branch?: string;
  timeout?: number;
  format: string;
  dryRun?: boolean;
  data: string;
}

type Progress = ReturnType<typeof terminalProgress>;

/** Quoted where the shell would not leave it alone. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The command line that repeats this run. */
function repeatCommand(suite: Suite, flags: RunFlags): string {
  const named = suite.name === suite.collection ? ['--collection', suite.collection] : [suite.name];
  const words = ['multitap', 'run', ...named, '--kernel', flags.kernel];
  if (flags.quick) words.push('--quick');
  for (const test of flags.test ?? []) words.push('--test', test);
  words.push('--jobs', String(flags.jobs), '--cpus', String(flags.cpus), '--memory', String(flags.memory));
  if (flags.timeout !== undefined) words.push('--timeout', String(flags.timeout));
  if (flags.accel !== 'auto') words.push('--accel', flags.accel);
  if (flags.branch) words.push('--branch', flags.branch);
  return words.map(shellWord).join(' ');
}

function printPlan(prepared: Prepared, tests: PlannedTest[], flags: RunFlags): void {
  const { kernel, plan, accel, selftests } = prepared;
  process.stdout.write(
    [
      `kernel     ${kernel.release} (${kernel.version}, config ${kernel.configHash})`,
      `selftests  ${selftests!.version}`,
      `guests     up to ${flags.jobs}, ${plan.cpus} CPUs, ${plan.memoryMb} MiB, ${plan.accel}: ${accel.reason}`,
      `tests      ${tests.length}, about ${Math.ceil(tests.reduce((sum, test) => sum + test.expectedSeconds, 0) / 60)} minutes of guest time under TCG`,
      ...tests.map((test) => `  ${test.collection}:${test.name}`),
      `qemu       ${qemuCommand(plan, '$DIR').map(shellWord).join(' ')}`,
      '',
    ].join('\n'),
  );
}

/** Runs what was planned, storing and reporting each test as it ends. Returns the stored run's id. */
async function execute(
  store: Store,
  request: RunRequest,
  prepared: Prepared,
  flags: RunFlags,
  report: Report,
  progress: Progress,
  signal: AbortSignal,
): Promise<number> {
  const start = describeRun(request, prepared);
  const { id } = await store.startRun(start);
  const { tests } = request;
  const seconds = tests.map(({ expectedSeconds }) => Math.min(expectedSeconds, flags.timeout ?? Infinity));
  const expected = (seconds.reduce((sum, s) => sum + s, 0) * 1000) / Math.min(flags.jobs, tests.length);
  const step = progress.step(`Run ${id}`, prepared.plan.accel === 'tcg' ? expected : undefined);
  const running = new Map<number, string>();
  let done = 0;
  const show = () =>
    step.update({
      text: [...running.values()].join(', ') || 'booting',
      done,
      total: tests.length,
      unit: 'tests',
    });
  show();
  report.started(tests);
  let failure: unknown = null;
  try {
    await runTests({
      prepared,
      tests,
      jobs: flags.jobs,
      timeoutS: flags.timeout ?? null,
      signal,
      on: {
        booted: (vm, machine, factor) =>
          step.note(
            `  VM ${vm}: ${machine.hello.release} answered after ${(machine.bootMs / 1000).toFixed(1)} s (${prepared.plan.accel}${factor > 1 ? `, time-outs × ${factor}` : ''})`,
          ),
        started: (vm, test) => {
          running.set(vm, test.name);
          show();
        },
        subtest: (vm, test, name) => {
          running.set(vm, `${test.name}: ${name.slice(0, 40)}`);
          show();
        },
        finished: async (result) => {
          await store.addTest(start.uuid, result);
          running.delete(result.vm);
          done++;
          show();
          progress.clear();
          report.test(result);
        },
      },
    });
  } catch (error) {
    failure = error;
  }
  const complete = done === tests.length;
  const kernelFailed = failure instanceof BootTrouble;
  await store.finishRun(start.uuid, {
    state: failure && !kernelFailed ? 'error' : complete ? 'complete' : 'incomplete',
    finishedAt: Date.now(),
    reason: failure ? (failure as Error).message.split('\n')[0]! : signal.aborted ? 'interrupted' : '',
  });
  step.done(`${done} of ${tests.length} tests`);
  report.finished((await store.run(id))!);
  if (failure) throw failure;
  if (signal.aborted)
    throw new Interrupted(
      `interrupted: run ${id} is stored as incomplete with ${done} of ${tests.length} tests`,
    );
  return id;
}

async function run(suiteName: string | undefined, flags: RunFlags): Promise<void> {
  const selection: Selection = {
    suite: suiteName,
    collection: flags.collection,
    tests: flags.test ?? [],
    quick: flags.quick ?? false,
  };
  const suite = suiteOf(selection);
  if (flags.quick && suite.quick.length === 0)
    throw new UsageTrouble({ happened: `${suite.name} has no quick selection.`, next: 'choose with --test' });
  const progress = terminalProgress();
  const interrupts = handleInterrupts();
  const guest = { kernel: flags.kernel, cpus: flags.cpus, memoryMb: flags.memory, accel: flags.accel };
  const prepared = await prepare(guest, suite.collection, progress);
  const tests = selectTests(suite, selection, prepared.selftests!.tests);
  if (flags.dryRun) return printPlan(prepared, tests, flags);
  const format = reportFormats.find(({ name }) => name === flags.format)!;
  const store = await openResults(flags.data);
  interrupts.inOrder();
  try {
    const request = {
      suite: suite.name,
      branch: flags.branch,
      tests,
      jobs: flags.jobs,
      command: repeatCommand(suite, flags),
    };
    const report = format.create((text) => process.stdout.write(text));
    const id = await execute(store, request, prepared, flags, report, progress, interrupts.signal);
    const stored = (await store.run(id))!;
    process.exitCode = exitCodeOfTests(stored.tests, stored.subtests);
  } finally {
    await store.close();
  }
}

const collect = (value: string, before: string[] = []) => [...before, value];

export const runCommand = () =>
  new Command('run')
    .description('boot a kernel, run selftests in it, store the results')
    .argument('[suite]', 'mptcp; or name tests with --collection or --test COLLECTION:TEST')
    .addOption(kernelOption())
    .option(
      '-t, --test <pattern>',
      'only these: a name, a glob, or COLLECTION:TEST; may be repeated',
      collect,
    )
    .option('-c, --collection <name>', 'any collection of tools/testing/selftests')
    .option('--quick', 'the suite’s quick selection; with --test, both')
    .addOption(new Option('-j, --jobs <n>', 'how many VMs at once').argParser(wholeNumber(1, 64)).default(1))
    .option('--branch <name>', 'the branch that the result counts for (default: debian/SERIES)')
    .addOption(
      new Option('-o, --timeout <seconds>', 'for every test, instead of its own').argParser(
        wholeNumber(1, 86_400),
      ),
    )
    .addOption(
      new Option('-f, --format <name>', 'what is printed')
        .choices(reportFormats.map(({ name }) => name))
        .default('pretty'),
    )
    .option('--dry-run', 'print the plan and QEMU’s command line; build what is missing, run no test')
    .addOption(cpusOption())
    .addOption(memoryOption())
    .addOption(accelOption())
    .addOption(dataOption())
    .action(run);
