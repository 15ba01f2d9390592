// SPDX-License-Identifier: GPL-2.0-only
import { group } from './group.ts';

/*
 * Functions that stand on the stack of every report of their sort and so tell nothing about it. Found by reading
 * the kernel's sources and stacks of real reports; one that is missing costs a less telling title, no more.
 */

/** Those who print: the sanitizers, WARN() and BUG(), panic, the stack dumpers. */
const printing = group(String.raw`
  _*dump_stack(?:_lvl|_print_info)? show_stack(?:_log_lvl)? dump_backtrace dump_trace arch_stack_walk
  __panic panic_\w+ __switch_to\w* context_switch (?:__)?stack_trace_\w+ save_stack_\w+ unwind_backtrace
  panic vpanic _*warn(?:_printf)? warn_slowpath_\w+ warn_bogus_\w+ _*report_bug\w* handle_bug fixup_bug
  bug_handler call_break_hook check_panic_on_warn print_report print_address_description kasan_\w+
  _*kasan\w* __asan_\w+ __hwasan_\w+ check_memory_region\w* check_slab_allocation memory_is_poisoned\w* print_trailer object_err
  slab_err __sanitizer_\w+ __kmsan_\w+ kmsan_\w+ __msan_\w+ __kcsan_\w+ kcsan_\w+ __tsan_\w+ check_access
  __ubsan_\w+ ubsan_\w+ handle_overflow kfence_\w+ __kfence_\w+ val_to_string get_report_lock
  ___?might_sleep __might_resched __might_fault _?(?:sched_)?show_task sched_show_task rcu_dump_cpu_stacks
  _?printk\w* vprintk\w* console_(?:flush|cont)\w* arch_trigger_\w+ nmi_\w+ trigger_\w*backtrace\w*
  kmemleak_\w+ debug_print_object debug_object_\w+ __debug_(?:object|check)_\w+ debug_check_no_obj_freed print_lock\w*
`);

/** Those who take traps: from the processor's entry to the one who prints. */
const trapping = group(String.raw`
  exc_\w+ asm_\w+ (?:do_)?error_trap
  do_(?:invalid_op|trap\w*|error_trap|int3|divide_error|double_fault|general_protection) invalid_op
  general_protection divide_error double_fault df_debug page_fault async_page_fault do_page_fault
  __do_page_fault trace_page_fault trace_do_page_fault do_async_page_fault _*bad_area\w* no_context
  page_fault_oops do_(?:user|kern)_addr_fault handle_page_fault spurious_kernel_fault\w* _*die(?:_\w+)? oops_(?:begin|end|enter|exit)
  kernelmode_fixup_or_oops el[01]_\w+ el[01][ht]?_\d+_\w+ el1h?_\w+ do_mem_abort do_sp_pc_abort
  do_translation_fault __do_kernel_fault do_debug_exception do_el1_\w+ brk_handler do_bad_area do_bad
  do_DataAbort do_PrefetchAbort __dabt_svc __und_svc __irq_svc do_undefinstr do_tag_check_fault
  die_kernel_fault ret_from_exception do_trap_\w+ bad_page_fault handle_exception do_alignment error_entry
  fixup_exception search_exception_table\w* program_check_exception do_page_fault_common
  interrupt_return\w* data_access_\w+
`);

/** Those who are on every stack at the bottom or at its turns. */
const entering = group(String.raw`
  entry_\w+ do_syscall_\w+ syscall_\w+ ret_from_\w+ ret_fast_syscall do_fast_syscall_32
  __do_fast_syscall_32 do_int80\w* do_SYSENTER_32 invoke_syscall __invoke_syscall el0_svc\w* do_el0_svc
  system_call\w* sysenter_\w+ kthread worker_thread process_one_work process_scheduled_works x64_sys_call
  ia32_sys_call tracesys\w* int_ret_from_sys_call call_softirq __irqentry_text_\w+ secondary_startup_64\w*
  start_secondary child_rip
`);

/** Small helpers with many callers: the fault is the caller's. */
const helping = group(String.raw`
  _*mem(?:cpy|set|move|cmp|chr|chr_inv|scan|zero_explicit)\w* _*str(?:n?cpy|[ls]cpy|n?cat|lcat|n?len|n?cmp|n?casecmp|r?chr|n?str|sep|spn|cspn|im|pbrk|scpy_pad)(?:_\w+)? __strn\w+ copy_user_\w+ copy_mc_\w+ _*raw_copy_\w+
  iov_iter_\w+kern\w* _*copy_(?:to|from)_(?:user|iter)\w* rep_(?:movs|stos)\w* _*(?:get|put)_user\w*
  __?(?:clear|fill)_(?:user|page)\w* _*find_(?:next|first|last)_\w+ csum_partial\w*
  _*raw_(?:spin|read|write)_\w+ _*raw_\w+lock\w* do_raw_\w+ _*(?:spin|read|write)_(?:un|try)?lock\w*
  native_queued_\w+ queued_(?:spin|read|write)_\w+ _*lock_(?:acquire|release|is_held)\w* lockdep_\w+ _*debug_check_no_\w+
  _*mutex_(?:un|try)?lock\w* __mutex_\w+ down(?:_\w+)? up(?:_\w+)? __down\w* __up\w* rwsem_\w+
  percpu_(?:down|up)_\w+ rt_mutex_\w+ refcount_\w+ __refcount_\w+ kref_\w+ (?:arch_)?atomic\w*
  instrument_\w+ _*list_(?:add|del)\w* __(?:read|write)_once\w* (?:read|write)_word_\w+
  kobject_(?:get|put|add\w*|init\w*|cleanup) _*kfree\w* ___?cache_free _*kmem_cache_(?:free|alloc)\w*
  _*km?alloc\w* _*kmalloc\w* _*kzalloc\w* _*kcalloc\w* _*kvmalloc\w* kvfree\w* slab_\w+ ___?slab_\w+
  _*free_slab do_slab_free qlist_\w+ _*alloc_(?:pages|frozen_pages)\w* _*get_free_pages\w*
  alloc_debug_processing free_debug_processing check_(?:heap|stack)?_?object check_bogus_address check_bytes_and_report usercopy_\w+ __check_(?:object_size|heap_object) set_freepointer
  get_freepointer _*phys_addr\w* virt_to_\w+ ref_tracker_\w+ dql_completed
`);

/** Lockdep on its way to a report. */
const locking = group(String.raw`
  print_\w*bug\w* print_\w*(?:bad|irq|usage|deadlock|circular)\w*
  check_(?:noncircular|prev_add|prevs_add|irq_usage|usage\w*|deadlock|wait_context|path|flags)
  validate_chain mark_(?:lock\w*|held_locks|usage) register_lock_class assign_lock_key look_up_lock_class
  hlock_class reacquire_held_locks (?:re)?lock_sock\w* release_sock osq_lock\w* console_(?:un|try)?lock\w*
  mutex_\w+ reiserfs_write_lock ldsem_\w+ call_rwsem_\w+ semaphore_\w+ down_\w+ task_blocks_on_rt_mutex
  _*rt_\w*lock\w* rwbase_\w+ spin_(?:bug|dump) rwlock_bug rt_spin_\w+ rtlock_\w+
  _*wake_up(?:_(?:common\w*|sync\w*|process|state|q|bit|var|locked\w*|interruptible\w*|all|poll))?
  try_to_wake_up swake_\w+ complete(?:_all|_with_flags)? _*wait_for_c\w+ trace_hardirqs_\w+
  trace_softirqs_\w+ debug_lockdep_rcu_enabled rcu_(?:read_)?lock\w* check_preemption_disabled
  __this_cpu_preempt_check debug_smp_processor_id __schedule_bug perf_trace_\w+ perf_tp_\w+ tp_perf_\w+
  __local_bh_(?:en|dis)able\w* __seqprop_\w+ walk_stackframe
`);

/** Libraries, and the half of an operation that others ask for: the fault is the asker's. */
const serving = group(String.raw`
  rb_\w+ __rb_\w+ xas?_\w+ radix_tree_\w+ _*id[ar]_\w+ crc\w+ jhash\w* klist_\w+ vs?c?nprintf sc?nprintf
  vsnprintf string number pointer hex_string va_format print_hex_dump\w* hex_dump_\w+ kstrdup\w* kmemdup\w*
  kvas?printf\w* v?memdup_user\w* _*test_and_\w+_bit\w* _*atomic_dec_and_\w+ crypto_\w*crypt\w* cipher_\w+
  drbg_\w+ xts_\w+ rhash\w+ __rhash\w+ fortify_panic __fortify_\w+ assertfail _*reiserfs_panic
  _*stack_chk_fail aes\w*_(?:en|de)crypt aesti_\w+ aes_\w+
  skb_(?:put|push|pull|panic|over_panic|under_panic) _*x86_indirect_thunk_\w+ retint_\w+
  restore_(?:regs|all)\w* _*read[bwlq] _*write[bwlq] _*raw_(?:read|write)[bwlq] logic_(?:in|out)[bwl]
  _*local_(?:irq|bh)_\w+ should_fail\w* fail_dump _*queue_(?:delayed_)?work(?:_on)? insert_work
  queue_(?:delayed_)?work\w* mod_delayed_work\w* _*mod_timer\w* lock_timer_base del_timer\w*
  _*try_to_del_timer\w* timer_\w+static_object _*timer_delete\w* init_timer_\w+ do_init_timer add_timer\w*
  work_is_static_object _*flush_work\w* _*cancel_\w*work\w* drain_workqueue destroy_workqueue
  flush_workqueue try_to_grab_pending kthread_stop\w* sk_stop_timer\w* dev_v?printk_emit _*dev_printk
  _dev_(?:printk|info|notice|warn|err|crit|alert|emerg) cleanup_srcu_struct finish_wait call_timer_fn expire_timers _*run_timer_base\w*
`);

/** The driver core and the file that it shows: the device's driver did it. */
const devices = group(String.raw`
  kobject_\w+ _*kobject_\w+
  device_(?:add|del|register|unregister|destroy|remove_file|release|create\w*|remove|initialize)
  get_device(?:_parent)? put_device sysfs_\w+ internal_create_group dpm_sysfs_\w+ devres_\w+
  add_uevent_var usb_(?:submit|kill|start_wait|poison|unlink|get|put)_\w*urbs? device_for_each_child\w*
  usb_kill_anchored_urbs usb_(?:control|bulk|interrupt)_msg usb_start_wait_urb
  tty_(?:un)?register_device\w* hwrng_unregister rollback_registered\w* unregister_netdevice\w*
  unregister_netdev i2c_del_adapter __unregister_client
`);

/** Pages and objects given and taken: the user did it. */
const paging = group(String.raw`
  post_alloc_hook prep_new_page get_page_from_freelist folio_alloc\w* filemap_alloc_folio\w*
  _*filemap_get_folio\w* __set_page_owner __page_pool_alloc\w+ page_pool_alloc\w* page_pool_dev_alloc\w*
  unlock_page folio_unlock folio_wait\w* wait_on_page\w* free_large_kmalloc mark_buffer_dirty drop_nlink
  iput _*iget\w* copy_page_(?:to|from)_iter\w* simple_copy_to_iter alloc_page_interleave alloc_pages?\w*
  quarantine_\w+ _*put_page _*folio_put free_(?:unref_|hot_cold_)?(?:page|folio)s?\w* free_pcppages\w* _*free_pages\w* _*vmalloc\w* v[mz]alloc\w*
  _*vfree\w* __vunmap vunmap warn_alloc\w* krealloc\w* bad_page page_\w*check\w* pcpu_\w+
  _*alloc_percpu\w* fast_dput dput sk_(?:destruct|free|prot_free) __sk_(?:destruct|free) _*call_rcu\w*
  call_srcu find_lock_entries truncate_inode_pages\w* vmalloc_fault warn_alloc_failed
`);

/** Other last frames: of the idle task and of the boot. */
const last = group(String.raw`
  el0t?_\w+ rest_init start_kernel x86_64_start_kernel kernel_init cpu_startup_entry do_idle
  smpboot_thread_fn
`);

const everywhere = [printing, trapping, entering, helping, locking, serving, devices, paging];

/** Whether a stack ends with `name`: what is above it is whole. */
export function isBottom(name: string): boolean {
  return entering.test(name) || last.test(name);
}

/** Whether `name` may be named where the stack has nothing better: it is at least where something happened. */
export function isLastResort(name: string): boolean {
  return ![printing, trapping, helping, locking].some((group) => group.test(name));
}

/** Whether `name` tells nothing about a fault. */
export function isMachinery(name: string): boolean {
  return everywhere.some((group) => group.test(name));
}
