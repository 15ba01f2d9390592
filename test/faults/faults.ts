// SPDX-License-Identifier: GPL-2.0-only
import type { Outcome } from '../../results/words.ts';
import type { Machine } from '../../vm/machine.ts';
import { qemuBelow } from '../../vm/qemu/host-process.ts';
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
  outcome: Outcome;
  /** What the test's message must say; empty messages match `^$`. */
  message: RegExp;
  /** The crash that must have been recognised. */
  crash?: { kind: string; title: RegExp };
  /** What must stand among the test's problems. */
  problem?: RegExp;
}

const nothing = /^$/;

async function signalQemu(machine: Machine, signal: NodeJS.Signals): Promise<void> {
  const qemu = await qemuBelow(machine.pid);
  if (!qemu) throw new Error('the machine has no QEMU to be signalled');
  process.kill(qemu.pid, signal);
}

/** A fault of test/fixtures/fault-module that the kernel survives or that ends it at once. */
function kernelFault(name: string, expected: Omit<Fault, 'name' | 'script'>, parameters = ''): Fault {
  // In a shell of its own, which an oops takes with it; the test goes on and would pass.
  const script = `insmod ${FAULT_MODULE} ${parameters}\n(echo ${name} > ${FAULT_TRIGGER})\nsleep 1\nexit 0`;
  return { name, script, ...expected };
}

/** A report that the kernel survives: the test's exit code is 0 and it must not pass all the same. */
function splat(name: string, kind: string, title: RegExp, quick?: true): Fault {
  return kernelFault(name, {
    ...(quick ? { quick } : {}),
    outcome: 'fail',
    message: new RegExp(`kernel: ${title.source}`),
    crash: { kind, title },
  });
}

/** Titles are as syzkaller gives them, on kernels that Debian builds: without KASAN, lockdep and kmemleak. */
export const faults: Fault[] = [
  // The kernel ends.
  kernelFault('panic', {
    quick: true,
    outcome: 'crash',
    message: /kernel panic: fault: panic/,
    crash: { kind: 'panic', title: /^kernel panic: fault: panic$/ },
  }),
  {
    name: 'sysrq-crash',
    quick: true,
    script: 'echo c > /proc/sysrq-trigger',
    outcome: 'crash',
    message: /kernel panic: sysrq triggered crash/,
    crash: { kind: 'sysrq-crash', title: /^kernel panic: sysrq triggered crash$/ },
  },
  {
    name: 'reboot',
    quick: true,
    script: 'echo b > /proc/sysrq-trigger; sleep 60',
    outcome: 'crash',
    message: /the guest reset by itself/,
  },
  {
    name: 'power-off',
    script: 'echo o > /proc/sysrq-trigger; sleep 60',
    outcome: 'crash',
    message: /the guest powered off by itself/,
  },
  kernelFault('oops-in-interrupt', {
    outcome: 'crash',
    message: /kernel panic: Fatal exception in interrupt/,
    crash: { kind: 'oops', title: /^BUG: unable to handle kernel NULL pointer dereference in fault_oops$/ },
  }),
  // The kernel goes on, and says that it should not.
  splat('oops', 'oops', /BUG: unable to handle kernel NULL pointer dereference in fault_oops/, true),
  splat('gpf', 'general-protection', /general protection fault in fault_gpf/),
  splat('bug', 'bug', /kernel BUG in fault_bug/, true),
  splat('divide', 'trap', /divide error in fault_divide/),
  splat('warn', 'warn', /WARNING in fault_warn/, true),
  splat('refcount-underflow', 'refcount', /WARNING: refcount bug in fault_refcount_underflow/),
  splat('scheduling-while-atomic', 'atomic-schedule', /BUG: scheduling while atomic/),
  kernelFault('page-allocation', { outcome: 'pass', message: nothing, problem: /page allocation failure/ }),
  // Nothing goes on.
  kernelFault('hard-loop-all', { quick: true, outcome: 'crash', message: /the guest hangs: / }),
  kernelFault('halt-all', { outcome: 'crash', message: /the guest hangs: / }),
  {
    name: 'agent-frozen',
    script:
      'mkdir /sys/fs/cgroup/frozen; echo 1 > /sys/fs/cgroup/frozen/cgroup.procs; echo 1 > /sys/fs/cgroup/frozen/cgroup.freeze; sleep 1000',
    outcome: 'crash',
    message: /the guest hangs: its agent no longer answers/,
  },
  {
    name: 'agent-killed',
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
    script: 'yes 0123456789abcdef | head -c 40000000; exit 0',
    outcome: 'pass',
    message: nothing,
    problem: /more bytes of output were not kept/,
  },
  kernelFault('flood', { outcome: 'pass', message: nothing }, 'seconds=5'),
  {
    name: 'clock-forward',
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
