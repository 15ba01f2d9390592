// SPDX-License-Identifier: GPL-2.0-only
import { describe, expect, test } from 'vitest';
import { kinds } from './kinds.ts';
import { rules } from './rules/index.ts';
import { kasan, oops, recognise, stamped, titles, trace, warn, who } from './testing.ts';

/** `kind: title` of each report. */
const found = (...lines: string[]): string[] =>
  recognise(...lines).map(({ kind, title }) => `${kind}: ${title}`);
const cut = '------------[ cut here ]------------';
const double = '='.repeat(54);

describe('sanitizers', () => {
  test.each([
    // mm/kasan/report.c
    ['slab-use-after-free', 'mptcp_pm_add', 'KASAN: slab-use-after-free Read in mptcp_pm_add'],
    ['slab-out-of-bounds', '__list_add_valid_or_report', 'KASAN: slab-out-of-bounds Read in mptcp_caller'],
    ['null-ptr-deref', 'memcpy', 'KASAN: null-ptr-deref Read in mptcp_caller'],
    ['double-free or invalid-free', 'kfree', 'KASAN: invalid-free in mptcp_caller'],
  ])('KASAN %s in %s', (sort, first, title) => {
    expect(titles(...kasan(sort, first, 'mptcp_caller', '__sys_sendmsg'))).toEqual([title]);
  });

  test('KASAN without its stack is named by its first line, and not trusted', () => {
    expect(recognise(...kasan('slab-use-after-free', 'mptcp_pm_add').slice(0, 3))[0]).toMatchObject({
      title: 'KASAN: slab-use-after-free Read in mptcp_pm_add',
      corrupt: true,
    });
  });

  test.each([
    // mm/kfence/report.c
    [
      'BUG: KFENCE: use-after-free read in mptcp_a+0x12/0x34',
      'kfence: KFENCE: use-after-free read in mptcp_b',
    ],
    // mm/kmsan/report.c
    ['BUG: KMSAN: uninit-value in mptcp_a+0x12/0x34', 'kmsan: KMSAN: uninit-value in mptcp_b'],
    // kernel/kcsan/report.c
    ['BUG: KCSAN: data-race in mptcp_a.part.0 / mptcp_c', 'kcsan: KCSAN: data-race in mptcp_a / mptcp_c'],
    ['BUG: KCSAN: data-race in mptcp_a+0x12/0x34', 'kcsan: KCSAN: data-race in mptcp_a'],
    // lib/ubsan.c
    [
      'UBSAN: array-index-out-of-bounds in net/mptcp/pm.c:12:3',
      'ubsan: UBSAN: array-index-out-of-bounds in mptcp_b',
    ],
    ['UBSAN: Undefined behaviour in net/mptcp/pm.c:12:3', 'ubsan: UBSAN: undefined-behaviour in mptcp_b'],
  ])('%s', (line, expected) => {
    expect(found(double, line, ...who(), ...trace('dump_stack_lvl', 'mptcp_b'), double)).toEqual([expected]);
  });
});

describe('warnings', () => {
  test.each([
    ['net/mptcp/protocol.c:12 mptcp_sendmsg', 'warn: WARNING in mptcp_sendmsg'],
    ['lib/refcount.c:28 refcount_warn_saturate', 'refcount: WARNING: refcount bug in mptcp_caller'],
    ['lib/debugobjects.c:500 debug_print_object', 'debug-objects: WARNING: ODEBUG bug in mptcp_caller'],
    ['lib/ref_tracker.c:228 ref_tracker_free', 'ref-tracker: WARNING in mptcp_caller'],
    ['kernel/locking/lockdep.c:734 register_lock_class', 'locking: WARNING: locking bug in mptcp_caller'],
    ['drivers/usb/core/urb.c:478 usb_submit_urb', 'warn: WARNING in mptcp_caller/usb_submit_urb'],
  ])('%s', (place, expected) => {
    expect(found(...stamped(warn(place, 'mptcp_caller')))).toEqual([expected]);
  });

  test('the message between the cut and the line belongs to it (lib/refcount.c)', () => {
    const [first, ...rest] = warn('lib/refcount.c:28 refcount_warn_saturate', 'mptcp_caller');
    const [report, ...others] = recognise(first!, 'refcount_t: underflow; use-after-free.', ...rest);
    expect(others).toEqual([]);
    expect(report).toMatchObject({
      kind: 'refcount',
      line: 1,
      title: 'WARNING: refcount bug in mptcp_caller',
    });
  });

  test('the form of 6.19', () => {
    const lines = warn('lib/refcount.c:25 refcount_warn_saturate', 'mptcp_caller');
    lines[1] = 'WARNING: lib/refcount.c:25 at refcount_warn_saturate+0x120/0x148, CPU#0: insmod/88';
    expect(recognise(...lines)[0]).toMatchObject({
      title: 'WARNING: refcount bug in mptcp_caller',
      ...{ cpu: 0, comm: 'insmod', pid: 88 },
    });
  });

  test('decoded: the functions of the build, not those that a decoder adds', () => {
    const lines = [
      'WARNING: CPU: 1 PID: 88 at net/mptcp/pm.c:12 mptcp_pm_add (net/mptcp/pm.c:12 net/mptcp/pm.c:40)',
      'RIP: 0010:mptcp_pm_add (net/mptcp/pm.c:12)',
      'Call Trace:',
      ' <TASK>',
      ' list_add include/linux/list.h:12 [inline]',
      ' mptcp_nl_add (net/mptcp/pm_netlink.c:12 (discriminator 3))',
      ' entry_SYSCALL_64_after_hwframe (arch/x86/entry/entry_64.S:130)',
    ];
    expect(recognise(...lines)[0]).toMatchObject({
      title: 'WARNING in mptcp_pm_add',
      frames: ['mptcp_pm_add', 'mptcp_nl_add'],
      corrupt: false,
    });
  });

  test('where the line itself was lost, the stack tells', () => {
    const lines = stamped(warn('net/mptcp/pm.c:12 mptcp_pm_add', 'mptcp_caller'));
    lines.splice(1, 1);
    expect(titles(...lines)).toEqual(['WARNING in mptcp_pm_add']);
  });

  test.each([
    'WARNING: unknown option -x',
    'Warning: file net/mptcp/pm.c:12 is old',
    'WARNING: modpost: vmlinux.o: section mismatch in reference: f+0x1/0x2',
    'WARNING: run.py:12 at main, retrying',
    'WARNING: line over 80 characters',
    '[   12.345678] WARNING: foo',
    '# WARNING: CPU: 1 PID: 88 at net/mptcp/pm.c:12 mptcp_pm_add+0x1/0x2',
  ])('%s is none', (line) => {
    expect(titles(line, ...who())).toEqual([]);
  });
});

describe('oopses', () => {
  test('a page fault with all that x86 prints is one report', () => {
    expect(found(...stamped(oops('crasher_init', 'do_one_initcall')))).toEqual([
      'oops: BUG: unable to handle kernel NULL pointer dereference in crasher_init',
    ]);
  });

  const sameStack = ['RIP: 0010:mptcp_a+0x12/0x34', ...trace('mptcp_b')];

  test.each([
    // arch/x86/kernel/traps.c
    [
      'Oops: general protection fault, probably for non-canonical address 0xdffffc0000000003: 0000 [#1] SMP KASAN',
      'general-protection: general protection fault in mptcp_a',
    ],
    [
      'general protection fault, probably for non-canonical address 0xdffffc0000000003: 0000 [#1] SMP KASAN',
      'general-protection: general protection fault in mptcp_a',
    ],
    ['Oops: divide error: 0000 [#1] SMP', 'trap: divide error in mptcp_a'],
    ['invalid opcode: 0000 [#1] SMP', 'trap: invalid opcode in mptcp_a'],
    ['stack segment: 0000 [#1] SMP', 'trap: stack segment fault in mptcp_a'],
    ['traps: PANIC: double fault, error_code: 0x0', 'trap: PANIC: double fault in mptcp_a'],
    ['kernel BUG at net/mptcp/pm.c:12!', 'bug: kernel BUG in mptcp_a'],
    // arch/x86/mm/fault.c
    [
      'BUG: unable to handle page fault for address: ffffc90000',
      'oops: BUG: unable to handle kernel paging request in mptcp_a',
    ],
    [
      'BUG: TASK stack guard page was hit at ffffc900190cfff8',
      'stack-overflow: BUG: stack guard page was hit in mptcp_a',
    ],
    // lib/list_debug.c
    [
      'list_add corruption. prev->next should be next (ffff88), but was 0.',
      'list: BUG: corrupted list in mptcp_a',
    ],
    // arch/x86/kernel/unwind_frame.c
    [
      "WARNING: kernel stack regs at 0000000012 in a:88 has bad 'bp' value 0000",
      "unwinder: WARNING: kernel stack regs has bad 'bp' value",
    ],
  ])('%s', (line, expected) => {
    expect(found(...stamped([line, ...who(), ...sameStack]))).toEqual([expected]);
  });

  test('BUG() with its trap is one report (lib/bug.c, arch/x86/kernel/traps.c)', () => {
    const lines = [
      cut,
      'kernel BUG at net/mptcp/pm.c:12!',
      'Oops: invalid opcode: 0000 [#1] SMP',
      ...who(),
      ...sameStack,
    ];
    expect(found(...lines)).toEqual(['bug: kernel BUG in mptcp_a']);
  });

  test('list corruption with BUG() is one report', () => {
    const lines = [
      'list_del corruption. next->prev should be ffff88',
      cut,
      'kernel BUG at lib/list_debug.c:65!',
    ];
    expect(found(...lines, 'invalid opcode: 0000 [#1] SMP', ...sameStack)).toEqual([
      'list: BUG: corrupted list in mptcp_a',
    ]);
  });

  test('arm64 (arch/arm64/mm/fault.c, arch/arm64/kernel/traps.c)', () => {
    const lines = [
      'Unable to handle kernel paging request at virtual address dfff800000000003',
      'Mem abort info:',
      '  ESR = 0x0000000096000005',
      'Internal error: Oops: 0000000096000005 [#1] PREEMPT SMP',
      ...who(),
      'pstate: 60400005 (nZCv daif +PAN -UAO -TCO -DIT -SSBS BTYPE=--)',
      'pc : mptcp_a+0xcc/0xd0',
      'lr : mptcp_b+0xcc/0xd0',
      'x29: ffff80001281bb90 x28: ffff0000c4d3b480',
      'Call trace:',
      ' mptcp_a+0xcc/0xd0 (P)',
      ' mptcp_b+0xa8/0x1f8',
      ' el0_svc+0x54/0x150',
      'Code: d65f03c0 f0010b80 (d4210000)',
      '---[ end trace 0000000000000000 ]---',
    ];
    expect(recognise(...stamped(lines))).toMatchObject([
      {
        kind: 'oops',
        title: 'BUG: unable to handle kernel paging request in mptcp_a',
        frames: ['mptcp_a', 'mptcp_b'],
      },
    ]);
  });
});

describe('locks', () => {
  const lockdep = (headline: string): string[] => [
    double,
    `WARNING: ${headline}`,
    '6.15.0-rc1 #1 Not tainted',
    '-'.repeat(54),
    'mptcp_connect/88 is trying to acquire lock:',
    'ffff888012345678 (&msk->lock){+.+.}-{3:3}, at: mptcp_close+0x12/0x34',
    '',
    'but task is already holding lock:',
    'ffff888012345690 (rtnl_mutex){+.+.}-{4:4}, at: mptcp_open+0x12/0x34',
    '',
    '-> #1 (rtnl_mutex){+.+.}-{4:4}:',
    '       __mutex_lock+0x12/0x34',
    '       mptcp_open+0x12/0x34',
    '',
    'stack backtrace:',
    ...who(),
    ...trace(
      'dump_stack_lvl',
      'print_circular_bug',
      'check_noncircular',
      '__lock_acquire',
      'lock_acquire',
      'mptcp_close',
    ),
  ];

  test.each([
    // kernel/locking/lockdep.c
    ['possible circular locking dependency detected', 'lockdep: possible deadlock in mptcp_close'],
    ['possible recursive locking detected', 'lockdep: possible deadlock in mptcp_close'],
    ['inconsistent lock state', 'lockdep: inconsistent lock state in mptcp_close'],
  ])('%s', (headline, expected) => {
    expect(found(...stamped(lockdep(headline)))).toEqual([expected]);
  });

  test.each([
    [
      'INFO: trying to register non-static key.',
      'locking: INFO: trying to register non-static key in mptcp_a',
    ],
    ['WARNING: suspicious RCU usage', 'rcu-usage: WARNING: suspicious RCU usage in mptcp_a'],
    ['WARNING: bad unlock balance detected!', 'locking: WARNING: bad unlock balance in mptcp_a'],
    // kernel/sched/core.c
    [
      'BUG: sleeping function called from invalid context at mm/slab.h:12',
      'atomic-sleep: BUG: sleeping function called from invalid context in mptcp_a',
    ],
    [
      'BUG: scheduling while atomic: insmod/88/0x00000002',
      'atomic-schedule: BUG: scheduling while atomic in mptcp_a',
    ],
    // lib/smp_processor_id.c
    [
      'BUG: using smp_processor_id() in preemptible [00000000] code: insmod/88',
      'preempt: BUG: using smp_processor_id() in preemptible code in mptcp_a',
    ],
    // kernel/locking/spinlock_debug.c
    ['BUG: spinlock bad magic on CPU#0, insmod/88', 'locking: BUG: spinlock bad magic in mptcp_a'],
  ])('%s', (line, expected) => {
    expect(
      found(...stamped([line, ...who(), ...trace('dump_stack_lvl', '__might_resched', 'mptcp_a')])),
    ).toEqual([expected]);
  });

  test('lockdep that is off is no fault', () => {
    expect(titles('[    1.000000] INFO: lockdep is turned off.')).toEqual([]);
  });
});

describe('nothing goes on', () => {
  const tick = [
    'rcu_sched_clock_irq',
    'update_process_times',
    'tick_nohz_handler',
    'hrtimer_interrupt',
    'sysvec_apic_timer_interrupt',
    'asm_sysvec_apic_timer_interrupt',
  ];
  const loop = ['mptcp_loop', 'mptcp_ioctl', 'sock_do_ioctl', '__x64_sys_ioctl'];

  test.each([
    // kernel/rcu/tree_stall.h
    [
      'rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:',
      'rcu-stall: INFO: rcu detected stall in mptcp_ioctl',
    ],
    ['rcu: INFO: rcu_sched self-detected stall on CPU', 'rcu-stall: INFO: rcu detected stall in mptcp_ioctl'],
    [
      'INFO: rcu_preempt detected stalls on CPUs/tasks:',
      'rcu-stall: INFO: rcu detected stall in mptcp_ioctl',
    ],
    // kernel/watchdog.c, kernel/watchdog_perf.c, kernel/watchdog_buddy.c
    [
      'watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [insmod:88]',
      'soft-lockup: BUG: soft lockup in mptcp_ioctl',
    ],
    ['watchdog: Watchdog detected hard LOCKUP on cpu 0', 'hard-lockup: BUG: hard lockup in mptcp_ioctl'],
    [
      'watchdog: CPU0: Watchdog detected hard LOCKUP on cpu 0',
      'hard-lockup: BUG: hard lockup in mptcp_ioctl',
    ],
  ])('%s', (line, expected) => {
    expect(found(...stamped([line, ...who(), ...trace(...tick, ...loop)]))).toEqual([expected]);
  });

  test('a soft lockup tells its CPU and its task', () => {
    const [report] = recognise(
      'watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [insmod:88]',
      ...trace(...loop),
    );
    expect(report).toMatchObject({ cpu: 3, comm: 'insmod', pid: 88 });
  });

  test('a hung task (kernel/hung_task.c) is named by what it waits in', () => {
    const lines = [
      'INFO: task ip netns:1234 blocked for more than 122 seconds.',
      '      Not tainted 6.15.0-rc1 #1',
      '"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.',
      'task:ip              state:D stack:0     pid:1234  tgid:1234  ppid:1',
      ...trace('__schedule', 'schedule', 'schedule_preempt_disabled', '__mutex_lock', 'mptcp_net_exit'),
    ];
    expect(recognise(...stamped(lines))).toMatchObject([
      { kind: 'hung-task', title: 'INFO: task hung in mptcp_net_exit', comm: 'ip netns', pid: 1234 },
    ]);
  });

  test('workqueue lockup (kernel/workqueue.c)', () => {
    expect(
      titles('[    1.000000] BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 31s!'),
    ).toEqual(['BUG: workqueue lockup']);
  });
});

describe('memory and references', () => {
  test('objects of /sys/kernel/debug/kmemleak are reports of their own (mm/kmemleak.c)', () => {
    const object = (name: string): string[] => [
      'unreferenced object 0xffff888012345678 (size 64):',
      '  comm "insmod", pid 88, jiffies 4294937298',
      '  hex dump (first 32 bytes):',
      '    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................',
      '  backtrace (crc 12345678):',
      '    kmemleak_alloc+0x48/0x70',
      '    __kmalloc_cache_noprof+0x2c5/0x3b0',
      `    ${name}+0x12/0x34 [crasher]`,
      '    do_one_initcall+0x50/0x2e0',
    ];
    expect(recognise(...object('leak_one'), ...object('leak_two'))).toMatchObject([
      { kind: 'kmemleak', title: 'memory leak in leak_one', line: 1, corrupt: false },
      { kind: 'kmemleak', title: 'memory leak in leak_two', line: 10, corrupt: false },
    ]);
  });

  test.each([
    [
      'kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)',
      'kmemleak: kmemleak: new suspected memory leaks',
    ],
    // mm/memory.c, kernel/fork.c
    [
      'BUG: Bad rss-counter state mm:ffff88005fac4300 type:MM_FILEPAGES val:15',
      'page-state: BUG: Bad rss-counter state',
    ],
    // mm/slub.c
    ['BUG kmalloc-64 (Not tainted): Poison overwritten', 'slab: BUG: Poison overwritten'],
    // net/core/dev.c
    [
      'unregister_netdevice: waiting for lo to become free. Usage count = 2',
      'netdev-reference: unregister_netdevice: waiting for DEV to become free',
    ],
    // mm/oom_kill.c
    [
      'Out of memory: Killed process 88 (hog) total-vm:1kB, anon-rss:1kB',
      'oom: Out of memory: Killed process hog',
    ],
    [
      'Memory cgroup out of memory: Killed process 88 (hog) total-vm:1kB',
      'oom-cgroup: Memory cgroup out of memory: Killed process hog',
    ],
    // kernel/module/main.c
    [
      'crasher: loading out-of-tree module taints kernel.',
      'taint: crasher: loading out-of-tree module taints kernel',
    ],
  ])('%s', (line, expected) => {
    expect(found(...stamped([line]))).toEqual([expected]);
  });

  test('an OOM kill is one report, from who asked to who was killed', () => {
    const tasks = Array.from(
      { length: 300 },
      (_, pid) =>
        `[${String(pid).padStart(7)}]     0 ${pid}     1234      100        0    45056        0             0 sh`,
    );
    const lines = [
      'a.out invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=0',
      ...who(),
      ...trace('dump_stack_lvl', 'dump_header', 'oom_kill_process', 'out_of_memory'),
      'Mem-Info:',
      'active_anon:12 inactive_anon:34 isolated_anon:0',
      'Tasks state (memory values in pages):',
      ...tasks,
      'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,task=hog,pid=88,uid=0',
      'Memory cgroup out of memory: Killed process 88 (hog) total-vm:1kB, anon-rss:1kB',
    ];
    expect(recognise(...stamped(lines))).toMatchObject([
      {
        kind: 'oom-cgroup',
        title: 'Memory cgroup out of memory: Killed process hog',
        fatal: false,
        lastLine: lines.length,
      },
    ]);
  });

  test('page allocation failure (mm/page_alloc.c)', () => {
    const line =
      'kworker/0:1: page allocation failure: order:4, mode:0x40dc0(GFP_KERNEL|__GFP_COMP), nodemask=(null)';
    expect(
      found(...stamped([line, ...who(), ...trace('warn_alloc', '__alloc_pages_slowpath', 'mptcp_big')])),
    ).toEqual(['allocation-failure: page allocation failure: order:4 in mptcp_big']);
  });

  test('a leaked reference is blamed on who took it, one released twice on who releases it (lib/ref_tracker.c)', () => {
    const [, line, ...rest] = warn('lib/ref_tracker.c:228 ref_tracker_free', 'mptcp_again');
    const stack = ['     mptcp_hold+0x12/0x34', '     mptcp_open+0x12/0x34'];
    expect(
      found(
        ...stamped([
          'ref_tracker: reference already released.',
          'ref_tracker: allocated in:',
          ...stack,
          cut,
          line!,
          ...rest,
        ]),
      ),
    ).toEqual(['ref-tracker: ref_tracker: reference already released in mptcp_again']);
    expect(found(...stamped(['ref_tracker: leaked reference.', ...stack, cut, line!, ...rest]))).toEqual([
      'ref-tracker: ref_tracker: leaked reference in mptcp_hold',
    ]);
  });
});

describe('panics', () => {
  test.each([
    [
      'VFS: Unable to mount root fs on unknown-block(0,0)',
      'panic: kernel panic: VFS: Unable to mount root fs on unknown-block(NUM,NUM)',
    ],
    ['Attempted to kill init! exitcode=0x00000009', 'panic: kernel panic: Attempted to kill init!'],
    [
      'stack-protector: Kernel stack is corrupted in: mptcp_a+0x12/0x34',
      'stack-overflow: kernel panic: stack is corrupted in mptcp_a',
    ],
  ])('%s', (why, expected) => {
    const [report] = recognise(`[    1.000000] Kernel panic - not syncing: ${why}`);
    expect(`${report!.kind}: ${report!.title}`).toBe(expected);
    expect(report).toMatchObject({ fatal: true, panic: why });
  });

  test('a crash that somebody asked for (drivers/tty/sysrq.c)', () => {
    const lines = stamped([
      'sysrq: Trigger a crash',
      'Kernel panic - not syncing: sysrq triggered crash',
      ...who(),
      ...trace('panic', 'sysrq_handle_crash'),
    ]);
    expect(recognise(...lines)).toMatchObject([
      { kind: 'sysrq-crash', title: 'kernel panic: sysrq triggered crash', fatal: true },
    ]);
  });
});

test('every kind of a rule is explained, and what a rule starts with can be looked for', () => {
  for (const { kind, starts } of rules) {
    expect(kinds[kind].explanation).not.toBe('');
    for (const start of starts) expect(start.length).toBeGreaterThanOrEqual(4);
  }
});
