// SPDX-License-Identifier: GPL-2.0-only
import type { Machine } from '../../vm/machine.ts';
import { UsageTrouble } from '../../vm/trouble.ts';
import { runInGuest } from './guest-command.ts';

/** What is done once in each guest, before its first test. */
export interface Preparation {
  /** Modules to load, in this order; their parameters are on the kernel's command line. */
  modules: string[];
  /** Queries of dynamic debug, as Documentation/admin-guide/dynamic-debug-howto.rst has them. */
  dynamicDebug: string[];
}

const TIMEOUT_MS = 120_000;

/**
 * @throws UsageTrouble where the kernel knows a module or query not; GuestGone where the guest dies meanwhile
 */
export async function makeReady(machine: Machine, { modules, dynamicDebug }: Preparation): Promise<void> {
  for (const name of modules)
    await must(machine, ['modprobe', name], `The module ${name} could not be loaded`, {
      expected: 'a module of this kernel, or something built into it',
      next: `multitap shell -e 'modprobe -v ${name}; dmesg | tail'`,
    });
  // The kernel's debug messages are below what its console shows otherwise.
  const script = 'echo "$1" > /proc/dynamic_debug/control && echo 8 > /proc/sys/kernel/printk';
  for (const query of dynamicDebug)
    await must(machine, ['/bin/sh', '-c', script, 'sh', query], `The kernel refused --dyndbg '${query}'`, {
      expected: 'a query such as `file net/mptcp/* +p`, on a kernel with CONFIG_DYNAMIC_DEBUG',
      next: "multitap shell -e 'cat /proc/dynamic_debug/control | head'",
    });
}

async function must(
  machine: Machine,
  argv: string[],
  happened: string,
  parts: { expected: string; next: string },
): Promise<void> {
  const { code, signal, output } = await runInGuest(machine, {
    argv,
    timeoutMs: TIMEOUT_MS,
    outputMax: 4096,
  });
  if (code === 0 && signal === 0) return;
  const said = output.toString('utf8').trim() || `exit code ${code}`;
  throw new UsageTrouble({ happened: `${happened}: ${said}`, ...parts });
}
