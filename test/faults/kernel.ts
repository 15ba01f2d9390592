// SPDX-License-Identifier: GPL-2.0-only
import { type Fault, kernelFault, nothing, splat } from './fault.ts';

/** Debian's kernels have KFENCE, asleep. */
const KFENCE = { before: 'echo 1 > /sys/module/kfence/parameters/sample_interval; sleep 1' };
const HUNG_AFTER_4S = {
  before: 'sysctl -qw kernel.hung_task_timeout_secs=4',
  until: 'blocked for more than',
};
/** Beside the shortest time, a grace period that somebody waits for: an idle kernel begins none. */
const STALL_AFTER_3S =
  'echo 3 > /sys/module/rcupdate/parameters/rcu_cpu_stall_timeout; (sleep 1; mkdir /sys/fs/cgroup/gone; rmdir /sys/fs/cgroup/gone) > /dev/null 2>&1 &';

/** What a kernel does and says that has a fault of its own. */
export const kernelFaults: Fault[] = [
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
    quick: true,
    script: 'echo o > /proc/sysrq-trigger; sleep 60',
    outcome: 'crash',
    message: /the guest powered off by itself/,
  },
  kernelFault('oops-in-interrupt', {
    outcome: 'crash',
    message: /kernel panic: Fatal exception in interrupt/,
    crash: { kind: 'oops', title: /^BUG: unable to handle kernel NULL pointer dereference in fault_oops$/ },
  }),
  kernelFault('stack-overflow', {
    outcome: 'crash',
    message: /kernel panic: /,
    // Named by the way in, since any function may be the last straw.
    crash: { kind: 'stack-overflow', title: /^BUG: stack guard page was hit in full_proxy_write$/ },
  }),
  kernelFault('stack-smash', {
    outcome: 'crash',
    message: /kernel panic: stack-protector: Kernel stack is corrupted in: fault_stack_smash/,
    crash: { kind: 'stack-overflow', title: /^kernel panic: stack is corrupted in fault_stack_smash$/ },
  }),
  // The kernel goes on, and says that it should not.
  splat('oops', 'oops', /BUG: unable to handle kernel NULL pointer dereference in fault_oops/, {
    quick: true,
  }),
  splat('jump', 'oops', /BUG: unable to handle kernel NULL pointer dereference in fault_jump/),
  splat('write-readonly', 'oops', /BUG: unable to handle kernel paging request in fault_write_readonly/),
  splat('gpf', 'general-protection', /general protection fault in fault_gpf/, { quick: true }),
  splat('bug', 'bug', /kernel BUG in fault_bug/, { quick: true }),
  splat('divide', 'trap', /divide error in fault_divide/, { quick: true }),
  splat('warn', 'warn', /WARNING in fault_warn/, { quick: true }),
  splat('warn-text', 'warn', /WARNING in fault_warn_text/),
  splat('list-add', 'list', /BUG: corrupted list in fault_list_add/, { quick: true }),
  splat('list-del', 'list', /BUG: corrupted list in fault_list_del/),
  splat('refcount-underflow', 'refcount', /WARNING: refcount bug in fault_refcount_underflow/, {
    quick: true,
  }),
  splat('refcount-revival', 'refcount', /WARNING: refcount bug in fault_refcount_revival/),
  splat('use-after-free', 'kfence', /KFENCE: use-after-free read in fault_use_after_free/, {
    ...KFENCE,
    quick: true,
  }),
  splat('out-of-bounds', 'kfence', /KFENCE: out-of-bounds read in fault_out_of_bounds/, KFENCE),
  splat('double-free', 'kfence', /KFENCE: invalid free in fault_double_free/, KFENCE),
  splat('scheduling-while-atomic', 'atomic-schedule', /BUG: scheduling while atomic/, { quick: true }),
  splat('netdevice-leak', 'netdev-reference', /unregister_netdevice: waiting for DEV to become free/, {
    before: 'sysctl -qw net.core.netdev_unregister_timeout_secs=2; ip link add leaked type dummy',
    and: 'ip link del leaked',
    until: 'waiting for leaked to become free',
  }),
  kernelFault('page-allocation', { outcome: 'pass', message: nothing, problem: /page allocation failure/ }),
  // Something does not go on. A loop is named by the way into it, since any of its functions may be met.
  splat('hung-task', 'hung-task', /INFO: task hung in fault_hung_task/, { ...HUNG_AFTER_4S, quick: true }),
  splat('double-mutex', 'hung-task', /INFO: task hung in fault_double_mutex/, HUNG_AFTER_4S),
  splat('soft-loop', 'soft-lockup', /BUG: soft lockup in full_proxy_write/, {
    loops: true,
    before: 'sysctl -qw kernel.watchdog_thresh=2',
    until: 'BUG: soft lockup',
  }),
  splat('rcu-stall', 'rcu-stall', /INFO: rcu detected stall in full_proxy_write/, {
    loops: true,
    before: STALL_AFTER_3S,
    until: 'rcu: INFO: ',
  }),
  kernelFault(
    'hard-loop',
    {
      // Whether the agent was on that CPU decides which: where it was not, it ends the test at its time-out.
      outcome: ['crash', 'timeout'],
      message: /the guest hangs: |the test could not be ended|no end within/,
      crash: { kind: 'rcu-stall', title: /INFO: rcu detected stall in full_proxy_write/ },
    },
    { before: STALL_AFTER_3S },
  ),
  // Nothing goes on.
  kernelFault('hard-loop-all', { outcome: 'crash', message: /the guest hangs: / }),
  kernelFault('halt-all', { outcome: 'crash', message: /the guest hangs: / }),
];

/** What Debian's 6.12 does without a word, and its 7.3 reports: recorded, and not in the matrix. */
export const ofNewerKernels: Fault[] = [
  splat('ubsan-shift', 'ubsan', /UBSAN: shift-out-of-bounds in fault_ubsan_shift/),
  splat('ubsan-bounds', 'ubsan', /UBSAN: array-index-out-of-bounds in fault_ubsan_bounds/),
];
