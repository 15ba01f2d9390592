// SPDX-License-Identifier: GPL-2.0-only
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa, type Options } from 'execa';
import { makeGroup } from '../limits/cgroup.ts';
import { enforce } from '../limits/enforce.ts';
import { findGroups } from '../limits/group-place.ts';
import { buildLimits, type GroupLimits, type Limits } from '../limits/limits.ts';
import { Trouble } from '../trouble.ts';
import { filtered, outside, processLimit } from './outside.ts';

export interface SandboxOptions {
  /** The root file system's tree. */
  root: string;
  /** Host folders or files that are visible, at the same path. */
  readable?: string[];
  /** The same, or at another path. */
  writable?: (string | { from: string; to: string })[];
  /** Device nodes that are usable, such as `/dev/kvm`. */
  devices?: string[];
  /** Only apt gets it. */
  network?: boolean;
  env?: Record<string, string>;
  cwd?: string;
  /** More of bubblewrap's own options, which come after all other mounts. */
  mounts?: string[];
  /** What differs from the usual ones for builds. */
  limits?: Partial<Limits> & GroupLimits;
  /** A guest's driver and no build, by its name: what is told where it exceeds a limit. */
  guest?: string;
}

/**
 * Files of /proc that tell of the host or of its other users, to root also without capabilities. What could be
 * written needs no list: all of /proc is read-only.
 */
const HIDDEN = [
  'kcore',
  'key-users',
  'keys',
  'kmsg',
  'kpagecgroup',
  'kpagecount',
  'kpageflags',
  'sched_debug',
  'slabinfo',
  'timer_list',
  'vmallocinfo',
];

/**
 * In the sandbox, by bash, before the command: descriptors that we have inherited are closed, since a folder's would
 * lead out. Since Linux 5.14 RLIMIT_NPROC is counted for each user namespace, so that it has to be set in this one.
 * Arguments: the limit, then the command.
 */
const INSIDE =
  'for fd in /proc/self/fd/*; do fd=${fd##*/}; [ $fd -le 2 ] || eval "exec $fd>&-"; done; ulimit -u "$1" 2>/dev/null; shift; unset SHLVL OLDPWD _; exec "$@"';

/**
 * The command line that runs `command` in bubblewrap with the root file system's tools, seeing nothing of the
 * host but what is listed, without network, without capabilities, in namespaces of its own, with a filter of system
 * calls. Everything in it dies with us: bubblewrap gets SIGKILL when its parent ends (prctl PR_SET_PDEATHSIG), and
 * with it, as the first process of the PID namespace, all that was started below. Each step replaces the one before
 * it: the process that is started is bubblewrap in the end.
 */
export function sandboxCommand(options: SandboxOptions, command: string[]): string[] {
  const { root } = options;
  const limits = { ...buildLimits(), ...options.limits };
  const bind = (kind: string, paths: SandboxOptions['writable'] = []) =>
    paths.flatMap((path) => (typeof path === 'string' ? [kind, path, path] : [kind, path.from, path.to]));
  const memory = (share: number, atMost: number) => [
    '--size',
    String(Math.round(Math.min(limits.memoryBytes * share, atMost))),
  ];
  const env = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/tmp',
    LC_ALL: 'C.UTF-8',
    ...options.env,
  };
  return [
    ...outside(limits),
    'bwrap',
    '--unshare-all',
    ...(options.network ? ['--share-net'] : []),
    '--die-with-parent',
    '--new-session',
    '--uid',
    '0',
    '--gid',
    '0',
    '--cap-drop',
    'ALL',
    ...(filtered ? ['--seccomp', '9'] : ['--unshare-user', '--disable-userns']),
    '--hostname',
    'multitap',
    '--ro-bind',
    join(root, 'usr'),
    '/usr',
    '--ro-bind',
    join(root, 'etc'),
    '/etc',
    // Not all of /var: the host's own folders may lie below it (TMPDIR, the home of a CI user), and nothing can
    // be mounted where the root file system, which is read-only, has no folder.
    ...memory(0.25, SMALL),
    '--tmpfs',
    '/var',
    '--ro-bind-try',
    join(root, 'var/lib/dpkg'),
    '/var/lib/dpkg',
    ...['bin', 'sbin', 'lib', 'lib64'].flatMap((name) => ['--symlink', `usr/${name}`, `/${name}`]),
    '--proc',
    '/proc',
    ...hidden(),
    '--dev',
    '/dev',
    ...memory(0.5, LARGE),
    '--tmpfs',
    '/dev/shm',
    ...memory(0.5, LARGE),
    '--tmpfs',
    '/tmp',
    ...memory(0.25, SMALL),
    '--tmpfs',
    '/run',
    ...(options.network ? networkFiles() : []),
    ...bind('--ro-bind', options.readable),
    ...bind('--bind', options.writable),
    ...bind('--dev-bind', options.devices),
    ...(options.mounts ?? []),
    // Last, when all mount points are there. /proc: sysctls ask for the host's root, which we may be, not for
    // capabilities. The other two are in memory, of which only /tmp and its like have a size.
    ...['/proc', '/dev', '/'].flatMap((path) => ['--remount-ro', path]),
    '--chdir',
    options.cwd ?? '/',
    '--clearenv',
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
    '--',
    'bash',
    '-c',
    INSIDE,
    'sandbox',
    processLimit(limits),
    ...command,
  ];
}

/** Of what lies in memory: /var and /run, which hardly anything writes to, and /tmp and /dev/shm. */
const SMALL = 2 ** 28;
const LARGE = 2 ** 33;

/** Covers what is there of them with a file that cannot be opened, a device node on a mount without devices. */
function hidden(): string[] {
  return HIDDEN.map((name) => `/proc/${name}`)
    .filter((path) => existsSync(path))
    .flatMap((path) => ['--ro-bind', '/dev/null', path]);
}

function networkFiles(): string[] {
  return ['/etc/resolv.conf', '/etc/hosts', '/etc/ssl/certs']
    .filter((path) => existsSync(path))
    .flatMap((path) => ['--ro-bind-try', path, path]);
}

/**
 * Runs a command in the sandbox to its end; its output is text unless `execaOptions` say otherwise. Limits are those
 * of a build, where `options` have no others.
 *
 * @throws LimitTrouble where it was stopped for exceeding one, also with `reject: false`
 */
export function inSandbox<T extends Options = Record<never, never>>(
  options: SandboxOptions,
  command: string[],
  execaOptions?: T,
) {
  const { maxBuffer } = (execaOptions ?? {}) as { maxBuffer?: number };
  const limits = { ...buildLimits(), ...options.limits, ...(maxBuffer ? { outputBytes: maxBuffer } : {}) };
  const group = makeGroup(limits);
  const [file, ...args] = [...(group?.prefix ?? []), ...sandboxCommand({ ...options, limits }, command)];
  const output = Number.isFinite(limits.outputBytes) ? { maxBuffer: limits.outputBytes } : {};
  const run = execa(file!, args, { stdin: 'ignore', ...output, ...execaOptions } as T);
  const folders = (options.writable ?? []).map((path) => (typeof path === 'string' ? path : path.from));
  return enforce(run, { command, guest: options.guest, limits, folders, group });
}

/** Says what to install where bubblewrap is missing or may not make namespaces; finds out about control groups. */
export async function checkSandbox(): Promise<void> {
  const [result] = await Promise.all([
    execa('bwrap', ['--unshare-all', '--ro-bind', '/', '/', '--proc', '/proc', '--', '/bin/true'], {
      reject: false,
    }),
    findGroups(),
  ]);
  if (!result.failed) return;
  const missing = result.code === 'ENOENT';
  throw new Trouble({
    happened: missing ? 'bubblewrap is not installed.' : `bubblewrap cannot make a sandbox: ${result.stderr}`,
    expected: 'a working bwrap: everything that is built or booted runs inside it',
    next: missing
      ? 'apt-get install bubblewrap'
      : 'allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0), or run as root',
  });
}
