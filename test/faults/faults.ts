// SPDX-License-Identifier: GPL-2.0-only
import type { Machine } from '../../vm/machine.ts';
import { qemuBelow } from '../../vm/qemu/host-process.ts';
import { type Fault, kernelFault, nothing } from './fault.ts';
import { kernelFaults } from './kernel.ts';

async function signalQemu(machine: Machine, signal: NodeJS.Signals): Promise<void> {
  const qemu = await qemuBelow(machine.pid);
  if (!qemu) throw new Error('the machine has no QEMU to be signalled');
  process.kill(qemu.pid, signal);
}

/**
 * Titles are as syzkaller gives them, on kernels that Debian builds. What those of 6.12 have no means to report was
 * provoked all the same, without a word from the kernel, and is left out: `sleep-in-atomic` (CONFIG_DEBUG_ATOMIC_SLEEP),
 * `lock-inversion` and `rcu-usage` (lockdep, CONFIG_PROVE_RCU), `leak` (kmemleak), `ubsan-shift` and `ubsan-bounds`
 * (CONFIG_UBSAN: since Debian's 7.3), `workqueue-lockup` (CONFIG_WQ_WATCHDOG). A hard lockup has no detector where the
 * processor has no performance counters: of `hard-loop`, RCU tells. KASAN, KCSAN and KMSAN are in none of them.
 */
export const faults: Fault[] = [
  ...kernelFaults,
  // The agent.
  {
    name: 'agent-frozen',
    script:
      'mkdir /sys/fs/cgroup/frozen; echo 1 > /sys/fs/cgroup/frozen/cgroup.procs; echo 1 > /sys/fs/cgroup/frozen/cgroup.freeze; sleep 1000',
    outcome: 'crash',
    message: /the guest hangs: its agent no longer answers/,
  },
  {
    name: 'agent-killed',
    quick: true,
    script: 'kill -9 1; kill -STOP 1; kill -9 -1; echo "ok 1 not reached"; exit 0',
    outcome: 'pass',
    message: nothing,
  },
  // The driver, which is ours: never held against the kernel.
  {
    name: 'qemu-killed',
    quick: true,
    script: 'sleep 1000',
    act: (machine) => signalQemu(machine, 'SIGKILL'),
    outcome: 'error',
    message: /QEMU/,
  },
  {
    name: 'qemu-stopped',
    script: 'sleep 1000',
    act: (machine) => signalQemu(machine, 'SIGSTOP'),
    outcome: 'error',
    message: /QEMU \(process \d+\) is stopped/,
  },
  // The test itself.
  {
    name: 'timeout',
    quick: true,
    script: 'echo "ok 1 begun"; sleep 1000',
    outcome: 'timeout',
    message: /no end within/,
  },
  {
    name: 'out-of-memory',
    script: 'tail /dev/zero; echo "ok 1 went on"; exit 0',
    outcome: 'pass',
    message: nothing,
    problem: /Out of memory|out of memory|OOM/,
  },
  {
    name: 'disk-full',
    script: 'dd if=/dev/zero of=/fill bs=1M 2>/dev/null; echo x > /more || exit 1',
    outcome: 'fail',
    message: /exit code 1/,
  },
  {
    name: 'daemons',
    quick: true,
    script: 'for i in 1 2 3; do setsid sleep 1000 & done; exit 0',
    outcome: 'pass',
    message: nothing,
    problem: /3 processes outlived the test/,
  },
  {
    name: 'namespace-left',
    quick: true,
    script: 'ip netns add left; exit 0',
    outcome: 'pass',
    message: nothing,
    problem: /left behind: network namespace left/,
  },
  {
    name: 'bytes',
    quick: true,
    script: "printf 'ok 1 - \\377\\376\\000 name\\nnot ok 2 - \\200\\n'; exit 1",
    outcome: 'fail',
    message: /1 of 2 subtests failed/,
  },
  {
    name: 'output-flood',
    // Of one test's output 64 MiB are kept.
    script: 'yes 0123456789abcdef | head -c 80000000; exit 0',
    outcome: 'pass',
    message: nothing,
    problem: /more bytes of output were not kept/,
  },
  kernelFault('flood', { outcome: 'pass', message: nothing }, { parameters: 'seconds=5' }),
  {
    name: 'clock-forward',
    quick: true,
    script: 'date -s @$(($(date +%s) + 31557600)); exit 0',
    outcome: 'pass',
    message: nothing,
  },
  {
    name: 'clock-backward',
    script: 'date -s @$(($(date +%s) - 31557600)); exit 0',
    outcome: 'pass',
    message: nothing,
  },
  // What must not be taken for a fault.
  { name: 'healthy', quick: true, script: 'echo "ok 1 fine"; exit 0', outcome: 'pass', message: nothing },
];

/** What takes minutes: 100 MB through a serial port. */
export const longFaults: Fault[] = [
  {
    ...kernelFault('flood', {
      outcome: 'pass',
      message: nothing,
      problem: /\d+ more bytes of the kernel’s log were not kept/,
    }),
    name: 'flood-of-100-mb',
  },
];
