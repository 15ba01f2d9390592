// SPDX-License-Identifier: GPL-2.0-only
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { openStore } from '../../results/store/index.ts';
import type { Json, RunStart, Store } from '../../results/store/types.ts';
import { cacheRoot, hashOf } from '../../vm/cache.ts';
import { findDriver } from '../../vm/drivers.ts';
import type { Kernel } from '../../vm/kernel/kernel.ts';
import { parseKernelReference } from '../../vm/kernel/reference.ts';
import { positionOf } from '../../vm/kernel/version.ts';
import { testedOptions } from '../../vm/qemu/command.ts';
import type { Prepared } from '../setup.ts';
import type { PlannedTest } from '../suites/planned-test.ts';

/** Who runs this: enough to tell later whether that process is still alive, and not the host's name. */
function runnerIdentity(): { machine: string; bootId: string; pid: number } {
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  let machine = '';
  try {
    machine = hashOf(readFileSync('/etc/machine-id', 'utf8'));
  } catch {
    // Containers have none; then only the boot tells.
  }
  return { machine, bootId, pid: process.pid };
}

/** What kernels of one origin are versions of; `stable` as upstream calls what Debian's sources are. */
const LINES = { deb: 'debian', source: 'stable', image: 'own' } as const;

/** `debian/6.12`: kernels of one origin and one upstream series are what follows one another. */
export function defaultBranch({ reference, upstream }: Pick<Kernel, 'reference' | 'upstream'>): string {
  const { kind } = parseKernelReference(reference);
  return `${LINES[kind]}/${upstream.split('.').slice(0, 2).join('.')}`;
}

export interface RunRequest {
  suite: string;
  branch: string | undefined;
  tests: PlannedTest[];
  jobs: number;
  driver: string;
  /** What else changes what is tested, as words; part of the variant. */
  variantOptions: string[];
  /** How the tests are run: isolation, limits, hooks, … */
  settings: { [key: string]: Json };
  /** The command line that repeats it. */
  command: string;
}

/** The run as the store wants it at its beginning, with all that may matter for a failure later. */
export function describeRun(request: RunRequest, prepared: Prepared): RunStart {
  const { kernel, plan, rootfs, accel, built } = prepared;
  const { commandLine, kernelOptions } = findDriver(request.driver).tells(prepared);
  const environment: { [key: string]: Json } = {
    kernel: {
      reference: kernel.reference,
      release: kernel.release,
      package: kernel.version,
      flavour: kernel.flavour,
      config: kernel.configHash,
    },
    selftests: built?.version ?? null,
    ...(built?.facts ? { suite: built.facts } : {}),
    accelerator: { name: plan.accel, reason: accel.reason },
    guest: { cpus: plan.cpus, memoryMb: plan.memoryMb, vms: request.jobs },
    rootfs: { hash: rootfs.hash, suite: rootfs.facts.suite, builtAt: rootfs.facts.builtAt },
    tools: rootfs.facts.tools,
    driver: request.driver,
    settings: request.settings,
    kernelCommandLine: kernelOptions.join(' '),
    [request.driver]: commandLine.join(' ').replaceAll(cacheRoot(), '$MULTITAP_CACHE'),
    runner: runnerIdentity(),
  };
  return {
    uuid: randomUUID(),
    suite: request.suite,
    branch: { name: request.branch ?? defaultBranch(kernel) },
    revision: { name: kernel.version, position: positionOf(kernel.upstream) },
    variant: {
      arch: kernel.arch,
      accel: plan.accel,
      cpus: plan.cpus,
      flavour: kernel.flavour,
      options: [...testedOptions(plan.accel), ...request.variantOptions].join(' '),
    },
    environment,
    command: request.command,
    startedAt: Date.now(),
    planned: request.tests.map(({ collection, name }) => ({ collection, name })),
  };
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Closes the runs of this host whose runner ended first (kill -9, a full disk): what they finished stays, the rest is `missing`. */
export async function closeAbandonedRuns(store: Store): Promise<number> {
  const own = runnerIdentity();
  let closed = 0;
  for (const summary of await store.runs({ limit: 500 })) {
    if (summary.state !== 'running') continue;
    const run = await store.run(summary.id);
    const runner = run?.environment.runner as typeof own | undefined;
    if (!run || !runner) continue;
    const sameBoot = runner.bootId === own.bootId;
    const rebooted = !sameBoot && own.machine !== '' && runner.machine === own.machine;
    if (!rebooted && !(sameBoot && !alive(runner.pid))) continue;
    await store.finishRun(run.uuid, {
      state: 'incomplete',
      finishedAt: Date.now(),
      reason: 'its runner ended before the run did',
    });
    closed++;
  }
  return closed;
}

export async function openResults(folder: string): Promise<Store> {
  const store = await openStore(folder);
  await closeAbandonedRuns(store);
  return store;
}
