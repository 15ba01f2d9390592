// SPDX-License-Identifier: GPL-2.0-only

/**
 * A filter of system calls as the kernel takes it (linux/filter.h, Documentation/userspace-api/seccomp_filter.rst):
 * classic BPF over `struct seccomp_data { int nr; u32 arch; u64 ip; u64 args[6]; }`, little endian.
 *
 * What is denied is what namespaces do not contain or what a build has no use for and kernels have had holes in.
 * It is the second line: the first are the namespaces, no capabilities and `no_new_privs`.
 */

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

/** Denied whatever the arguments; x86-64 numbers of arch/x86/entry/syscalls/syscall_64.tbl. */
export const denied: Record<string, { error: number; calls: Record<string, number> }> = {
  'keyrings: keys belong to users, not to namespaces': {
    error: EPERM,
    calls: { add_key: 248, request_key: 249, keyctl: 250 },
  },
  'programs and probes in the kernel': {
    error: EPERM,
    calls: { bpf: 321, perf_event_open: 298, userfaultfd: 323, kcmp: 312 },
  },
  'io_uring: its operations pass by this filter; programs fall back': {
    error: ENOSYS,
    calls: { io_uring_setup: 425, io_uring_enter: 426, io_uring_register: 427 },
  },
  'mounts, roots and namespaces': {
    error: EPERM,
    calls: {
      pivot_root: 155,
      chroot: 161,
      mount: 165,
      umount2: 166,
      setns: 308,
      open_tree: 428,
      move_mount: 429,
      fsopen: 430,
      fsconfig: 431,
      fsmount: 432,
      fspick: 433,
      mount_setattr: 442,
      open_tree_attr: 467,
    },
  },
  'files by handle, around the mounts; descriptors of others': {
    error: EPERM,
    calls: { name_to_handle_at: 303, open_by_handle_at: 304, fanotify_init: 300, pidfd_getfd: 438 },
  },
  'other kernels and modules': {
    error: EPERM,
    calls: {
      create_module: 174,
      init_module: 175,
      delete_module: 176,
      kexec_load: 246,
      finit_module: 313,
      kexec_file_load: 320,
    },
  },
  'the whole machine: log, clock, power, swap, quotas, ports, accounting': {
    error: EPERM,
    calls: {
      syslog: 103,
      adjtimex: 159,
      acct: 163,
      settimeofday: 164,
      swapon: 167,
      swapoff: 168,
      reboot: 169,
      iopl: 172,
      ioperm: 173,
      quotactl: 179,
      clock_settime: 227,
      clock_adjtime: 305,
      quotactl_fd: 443,
    },
  },
  obsolete: {
    error: ENOSYS,
    calls: {
      uselib: 134,
      ustat: 136,
      sysfs: 139,
      modify_ldt: 154,
      _sysctl: 156,
      get_kernel_syms: 177,
      query_module: 178,
      nfsservctl: 180,
      lookup_dcookie: 212,
      vserver: 236,
    },
  },
  // Its flags lie behind a pointer, where a filter cannot see them; libc then takes clone, whose flags it can.
  clone3: { error: ENOSYS, calls: { clone3: 435 } },
};

const IOCTL = 16;
const SOCKET = 41;
const SOCKETPAIR = 53;
const CLONE = 56;
const UNSHARE = 272;

/** TIOCSTI types into the terminal; TIOCLINUX pastes into a console. */
const deniedIoctls = [0x5412, 0x541c];

/** CLONE_NEW: NS, CGROUP, UTS, IPC, USER, PID, NET. A user namespace gives capabilities, and with them the kernel. */
const NAMESPACES = 0x20000 | 0x2000000 | 0x4000000 | 0x8000000 | 0x10000000 | 0x20000000 | 0x40000000;
/** CLONE_NEWTIME, which in clone(2) is part of the exit signal. */
const NEWTIME = 0x80;

/**
 * AF_UNIX, AF_INET, AF_INET6, AF_NETLINK. Of the others some know no network namespaces: AF_VSOCK reaches the
 * hypervisor and the guests of this machine from anywhere.
 */
const allowedFamilies = [1, 2, 10, 16];

const AUDIT_ARCH_X86_64 = 0xc000003e;
const X32_BIT = 0x40000000;
const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const errno = (error: number) => 0x00050000 | error;

/** Opcodes of linux/bpf_common.h. */
const LOAD_WORD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;

const NR = 0;
const ARCH = 4;
/** The low half of an argument: ioctl, socket and clone read no more than 32 bits of theirs. */
const argument = (n: number) => 16 + 8 * n;

type Instruction = [code: number, jumpTrue: number, jumpFalse: number, k: number];

const load = (offset: number): Instruction => [LOAD_WORD, 0, 0, offset];
const giveBack = (value: number): Instruction => [RETURN, 0, 0, value];
const skipUnless = (value: number, count: number): Instruction => [JUMP_EQUAL, 0, count, value];

/** For one system call: look at the arguments, and come back for none. */
function onCall(nr: number, body: Instruction[]): Instruction[] {
  return [skipUnless(nr, body.length), ...body];
}

function instructions(): Instruction[] {
  const families = allowedFamilies.flatMap((family) => [skipUnless(family, 1), giveBack(ALLOW)]);
  const sockets = [load(argument(0)), ...families, giveBack(errno(EAFNOSUPPORT))];
  const flags = (mask: number): Instruction[] => [
    load(argument(0)),
    [JUMP_ANY_BIT, 0, 1, mask],
    giveBack(errno(EPERM)),
    giveBack(ALLOW),
  ];
  return [
    load(ARCH),
    // A 32-bit program: other numbers, another filter would be needed.
    [JUMP_EQUAL, 1, 0, AUDIT_ARCH_X86_64],
    giveBack(KILL_PROCESS),
    load(NR),
    [JUMP_ANY_BIT, 0, 1, X32_BIT],
    giveBack(errno(ENOSYS)),
    ...onCall(IOCTL, [
      load(argument(1)),
      ...deniedIoctls.flatMap((request) => [skipUnless(request, 1), giveBack(errno(EPERM))]),
      giveBack(ALLOW),
    ]),
    ...onCall(SOCKET, sockets),
    ...onCall(SOCKETPAIR, sockets),
    ...onCall(CLONE, flags(NAMESPACES)),
    ...onCall(UNSHARE, flags(NAMESPACES | NEWTIME)),
    ...Object.values(denied).flatMap(({ error, calls }) =>
      Object.values(calls).flatMap((nr) => [skipUnless(nr, 1), giveBack(errno(error))]),
    ),
    giveBack(ALLOW),
  ];
}

/** The filter as bubblewrap's `--seccomp` reads it: an array of `struct sock_filter`. */
export function seccompFilter(): Buffer {
  const program = instructions();
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([code, jumpTrue, jumpFalse, k], i) => {
    bytes.writeUInt16LE(code, i * 8);
    bytes.writeUInt8(jumpTrue, i * 8 + 2);
    bytes.writeUInt8(jumpFalse, i * 8 + 3);
    bytes.writeUInt32LE(k >>> 0, i * 8 + 4);
  });
  return bytes;
}
