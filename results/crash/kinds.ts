// SPDX-License-Identifier: GPL-2.0-only

/**
 * How much one report says about the kernel:
 * - `fatal`: the thread or the whole kernel does not go on;
 * - `splat`: the kernel found a fault in itself and goes on;
 * - `note`: worth knowing beside a failure, not a fault of its own.
 */
export type Severity = 'fatal' | 'splat' | 'note';

interface Kind {
  severity: Severity;
  /** One line for the pages and the terminal. */
  explanation: string;
}

const table = {
  panic: { severity: 'fatal', explanation: 'the kernel gave up and stopped (panic)' },
  oops: { severity: 'fatal', explanation: 'the kernel used an address that it may not use (page fault)' },
  'general-protection': {
    severity: 'fatal',
    explanation: 'the processor refused an access, mostly to an address that cannot exist',
  },
  trap: {
    severity: 'fatal',
    explanation: 'the processor refused an instruction (division by zero, invalid opcode, double fault)',
  },
  'stack-overflow': { severity: 'fatal', explanation: 'a kernel stack was used up or overwritten' },
  bug: { severity: 'fatal', explanation: 'BUG(): the code met a state that it declared impossible' },
  list: { severity: 'fatal', explanation: 'the links of a kernel list are damaged' },
  'sysrq-crash': { severity: 'fatal', explanation: 'somebody asked for a crash (SysRq c)' },
  nmi: { severity: 'note', explanation: 'an interrupt came that nobody can mask and nobody explained' },
  'hard-lockup': { severity: 'fatal', explanation: 'a CPU took no interrupt for many seconds' },
  'soft-lockup': { severity: 'splat', explanation: 'a CPU did not let other tasks run for many seconds' },
  'rcu-stall': { severity: 'splat', explanation: 'RCU waits for a CPU or task that does not pass by' },
  'hung-task': { severity: 'splat', explanation: 'a task sleeps without interruption for minutes' },
  'workqueue-lockup': { severity: 'splat', explanation: 'a worker pool makes no progress' },
  kasan: {
    severity: 'splat',
    explanation: 'KASAN: memory was used after it was freed, or outside of its bounds',
  },
  kfence: {
    severity: 'splat',
    explanation: 'KFENCE: memory was used after it was freed, or outside of its bounds',
  },
  kmsan: { severity: 'splat', explanation: 'KMSAN: memory was used that nobody had initialised' },
  kcsan: { severity: 'splat', explanation: 'KCSAN: two CPUs used the same memory without synchronisation' },
  ubsan: { severity: 'splat', explanation: 'UBSAN: the code did what the C language leaves undefined' },
  lockdep: { severity: 'splat', explanation: 'lockdep: locks are taken in a way that can deadlock' },
  'rcu-usage': { severity: 'splat', explanation: 'memory that RCU protects was read without its protection' },
  locking: {
    severity: 'splat',
    explanation: 'a lock was used wrongly (unbalanced, not initialised, damaged)',
  },
  'atomic-sleep': {
    severity: 'splat',
    explanation: 'code that may sleep was called where sleeping is forbidden',
  },
  'atomic-schedule': {
    severity: 'splat',
    explanation: 'the scheduler was called where sleeping is forbidden',
  },
  preempt: { severity: 'splat', explanation: 'data of one CPU was used where the task may move to another' },
  warn: { severity: 'splat', explanation: 'WARN(): the code met a state that it did not expect' },
  refcount: { severity: 'splat', explanation: 'a reference counter was used after zero, or overflowed' },
  'ref-tracker': { severity: 'splat', explanation: 'a tracked reference was leaked or released twice' },
  'debug-objects': {
    severity: 'splat',
    explanation: 'a timer, work or similar object was used in a wrong state',
  },
  slab: { severity: 'splat', explanation: 'the slab allocator found damaged memory' },
  'page-state': {
    severity: 'splat',
    explanation: 'the memory management found a page in an impossible state',
  },
  usercopy: { severity: 'fatal', explanation: 'a copy to or from user space would have left its object' },
  kmemleak: { severity: 'splat', explanation: 'kmemleak: nothing points to this memory any more' },
  'netdev-reference': {
    severity: 'splat',
    explanation: 'a network device cannot go: something still holds it',
  },
  unwinder: { severity: 'splat', explanation: 'the stack looks wrong to the unwinder' },
  'vfs-reference': {
    severity: 'splat',
    explanation: 'a file system was unmounted while something still held it',
  },
  oom: { severity: 'note', explanation: 'the machine ran out of memory and a task was killed' },
  'oom-cgroup': {
    severity: 'note',
    explanation: 'a control group ran out of its memory and a task was killed',
  },
  'allocation-failure': { severity: 'note', explanation: 'memory was asked for and not given' },
  taint: { severity: 'note', explanation: 'from here on the kernel counts as tainted' },
} as const satisfies Record<string, Kind>;

export type CrashKind = keyof typeof table;

export const kinds: Readonly<Record<CrashKind, Kind>> = table;
