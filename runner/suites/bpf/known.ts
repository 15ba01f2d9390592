// SPDX-License-Identifier: GPL-2.0-only

/**
 * Seconds of guest time under TCG, measured on Linux 6.12 (docs/reference/suites.md): the long ones, and those of the
 * quick selection.
 */
const seconds: Readonly<Record<string, number>> = {
  ...{ atomics: 2, attach_probe: 9, bpf_cookie: 30, bpf_iter: 53, bpf_loop: 4, bpf_nf: 14, bpf_tcp_ca: 18 },
  ...{ btf: 2, btf_dump: 9, cls_redirect: 25, core_reloc: 14, dynptr: 59, fentry_test: 7, fexit_bpf2bpf: 15 },
  ...{ fexit_test: 12, for_each: 2, htab_update: 2, kfunc_call: 39, ksyms_btf: 13, ksyms_module: 4 },
  ...{ map_kptr: 27, mptcp: 13, ringbuf: 6, sk_lookup: 5, sockmap_basic: 7, sockmap_ktls: 2 },
  ...{ sockmap_listen: 15, sockopt: 3, spin_lock: 18, subprogs: 9, tailcalls: 8, timer: 7 },
  ...{ tracing_struct: 11, user_ringbuf: 14 },
};

/** The median of the 98 tests that were measured. */
const UNKNOWN_S = 3;

export function secondsOf(name: string): number {
  return seconds[name] ?? UNKNOWN_S;
}

/** MPTCP, sockets, and of the rest what most of BPF stands on; every kernel since 6.1 has them. */
export const quick = [
  ...[
    'mptcp',
    'sockmap_basic',
    'sockmap_listen',
    'sockmap_ktls',
    'sk_lookup',
    'sockopt',
    'atomics',
    'ringbuf',
  ],
  ...['btf', 'core_reloc', 'fentry_test', 'for_each', 'bpf_loop', 'tailcalls', 'ksyms_module', 'htab_update'],
  'timer',
].map((name) => `bpf/test_progs:${name}`);

/** What tools/testing/selftests/bpf/config has built into the kernel, and a distribution's kernel as modules. */
const modules: Readonly<Record<string, readonly string[]>> = {
  bpf_nf: ['nf_conntrack', 'nf_nat'],
  bpf_tcp_ca: ['tcp_bbr', 'tcp_dctcp'],
};

/** Modules that a test expects to be there. */
export function modulesFor(name: string): readonly string[] {
  return modules[name] ?? [];
}
