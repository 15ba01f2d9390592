// SPDX-License-Identifier: GPL-2.0-only
import { calledFrames, type Evidence, type Stack } from './evidence.ts';
import { group } from './group.ts';
import { isMachinery } from './machinery.ts';

/** The task that reports the stall may print the stack of RCU's own thread first: it only waits. */
const rcuThread = /^(?:rcu_gp_kthread|rcu_gp_fqs_loop|rcu_exp_gp_kthread_worker)$/;

/** Where the processor came in when the timer, or another CPU's question, interrupted what stalls. */
const interruptEntry = group(String.raw`
  (?:asm_)?(?:__)?(?:sys)?vec_\w+ (?:asm_)?sysvec_\w+
  (?:smp_)?(?:trace_)?(?:apic_timer|reschedule|call_function\w*|irq_work)_interrupt\w*
  el[01]h?(?:_64)?_irq\w* el1_interrupt gic_handle_irq asm_common_interrupt common_interrupt ret_from_intr
  nmi end_repeat_nmi asm_exc_nmi call_on_irq_stack __irq_svc irq_svc handle_arch_irq do_irq
  do_interrupt_handler handle_riscv_irq
`);

/** What runs in that interrupt. */
const asking =
  /^(?:tick_\w+|update_process_times|hrtimer_interrupt|rcu_\w+|nmi_\w+|watchdog_\w+|dump_cpu_task|generic_handle_\w+)$/;

/**
 * A loop is met at any of its functions, so the innermost one changes from report to report. What stays is the way
 * into it: the function that the generic code here calls through a pointer, a frame before one of these.
 */
const dispatchers = group(String.raw`
  (?:k?sys_|compat_sys_)?(?:ioctl|read|write|readv|writev|p(?:read|write)(?:64|v\w*)|lseek|getdents64|mmap\w*)
  (?:k?sys_|compat_sys_)?(?:connect|bind|listen|accept4?|sendto|recvfrom|[gs]etsockopt|sendmsg|recvmsg|shutdown)
  (?:k?sys_|compat_sys_)?(?:p?poll|select|open|openat|close|fsync|fdatasync|sync|splice|sendfile\w*|bpf|kill)
  (?:k?sys_|compat_sys_)?(?:fallocate|f?truncate|umount2?)
  (?:\w+_)?compat_(?:\w+_)?ioctl
  _{0,2}sys_(?:sendmsg|recvmsg|sendto|recvfrom|setsockopt|getsockopt|connect|bind|listen|accept4?|shutdown)
  _*vfs_(?:read|write|ioctl|open|fsync|fallocate|iter_\w+|truncate|poll) do_vfs_ioctl
  new_sync_(?:read|write) do_iter_\w+ call_(?:read|write)_iter
  _*sock_(?:sendmsg\w*|recvmsg\w*|release|ioctl|do_ioctl|write_iter|read_iter) do_sock_\w+ sock_common_\w+
  _*fput _*fput_sync do_dentry_open vfs_open call_mmap mmap_region __mmap_region do_splice_\w+
  direct_splice_actor splice_\w+ rtnetlink_rcv\w* netlink_rcv_skb netlink_dump genl_lock_dumpit
  __netlink_dump_start nfnetlink_rcv\w* genl_\w*rcv_\w+ _*netif_receive_skb\w* deliver_skb
  netif_receive_skb\w* napi_\w+ net_rx_action process_backlog call_timer_fn expire_timers _*run_timers?\w*
  run_timer_softirq _*hrtimer_run_\w+ _*run_hrtimer _*do_softirq\w* handle_softirqs tasklet_\w+
  run_ksoftirqd process_one_work kthread task_work_run exit_to_\w+ smpboot_thread_fn irq_exit\w*
`);

/** A system call that does one thing. */
const singleCall =
  /^(?:sys_\w+|mount|umount|openat2|rmdir|unlink\w*|mkdir\w*|rename\w*|clone3?|execve\w*|futex|mremap|munmap)$/;

/** Waiting for other CPUs: the one to blame is among those, so all who wait are one. */
const together = /^(?:_*smp_call_function\w*|on_each_cpu\w*)$/;

/** Where a CPU stalls: the way into its loop; null where no stack tells. */
export function stallPlace(evidence: Evidence): string | null {
  for (const stack of evidence.stacks) {
    const frames = interrupted(stack);
    if (frames.length === 0 || frames.some((name) => rcuThread.test(name))) continue;
    const place = wayIn(frames);
    if (place !== null) return place;
  }
  return null;
}

/** The frames below the tick, or the other CPU's question, that the stack was taken in. */
export function interrupted(stack: Stack): string[] {
  const frames = calledFrames(stack);
  const entry = frames.findIndex((name) => interruptEntry.test(name));
  const asked = entry !== -1 && frames.slice(0, entry).some((name) => asking.test(name));
  return (asked ? frames.slice(entry + 1) : frames).filter((name) => !interruptEntry.test(name));
}

/** Where a stack overflowed, or its end was overwritten: by the way in, because any leaf may be the last straw. */
export function overflowPlace({ stacks }: Evidence): string | null {
  for (const stack of stacks) {
    const frames = calledFrames(stack);
    if (frames.length > 0) return wayIn(frames);
  }
  return null;
}

function wayIn(frames: readonly string[]): string | null {
  if (frames.some((name) => together.test(name))) return 'smp_call_function';
  let previous: string | null = null;
  for (const name of frames) {
    if (dispatchers.test(name)) return previous ?? name;
    if (singleCall.test(name)) return name;
    if (!isMachinery(name) && !waiting.test(name)) previous = name;
  }
  return frames.find((name) => !isMachinery(name) && !waiting.test(name)) ?? null;
}

/** Waiting itself, and what is built on it. */
const waiting = group(String.raw`
  _*schedule\w* preempt_schedule\w* io_schedule\w* context_switch _*wait_for_\w+ do_wait_for_\w+
  wait_event\w* usleep\w* msleep\w* _*wait_on_\w+ bit_wait\w* out_of_line_wait_\w+ prepare_to_wait\w*
  _*flush_work(?:queue)?\w* drain_workqueue kthread_stop rcu_barrier\w*
  _*synchronize_(?:s?rcu|sched|net)\w* _*cancel_\w*work\w* folio_\w+ _*filemap_fdata\w* tty_ldisc_lock\w*
  do_read_cache_folio _*lock_page\w* wait_\w+ ww_mutex\w* jbd2_log_wait\w+ io_wq_put\w*
`);

/** Locks and services that many tasks wait for when one holds them: named themselves, whoever waits. */
const common: [RegExp, string][] = [
  [/^_*synchronize_(?:rcu|srcu|sched|net)\w*$/, 'synchronize_rcu'],
  [/^rtnl_lock\w*$/, 'rtnl_lock'],
];

/** Where a task hangs: who waits, or what is waited for where that is the same for many. */
export function hangPlace(evidence: Evidence): string | null {
  for (const stack of evidence.stacks) {
    const frames = calledFrames(stack);
    if (frames.length === 0) continue;
    for (const [pattern, name] of common) if (frames.some((frame) => pattern.test(frame))) return name;
    return frames.find((name) => !isMachinery(name) && !waiting.test(name)) ?? null;
  }
  return null;
}
