// SPDX-License-Identifier: GPL-2.0-only
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa, type Options } from 'execa';
import { Trouble } from '../trouble.ts';

export interface SandboxOptions {
  /** The root file system's tree. */
  root: string;
  /** Host folders or files that are visible, at the same path. */
  readable?: string[];
  writable?: string[];
  /** Device nodes that are usable, such as `/dev/kvm`. */
  devices?: string[];
  /** Only apt gets it. */
  network?: boolean;
  env?: Record<string, string>;
  cwd?: string;
}

/**
 * The bubblewrap command line that runs `command` with the root file system's tools, seeing nothing of the
 * host but what is listed, without network, without capabilities, in namespaces of its own. Everything in it
 * dies with us: bubblewrap gets SIGKILL when its parent ends (prctl PR_SET_PDEATHSIG), and with it, as the
 * first process of the PID namespace, all that was started below.
 */
export function sandboxCommand(options: SandboxOptions, command: string[]): string[] {
  const { root } = options;
  const bind = (kind: string, paths: string[] = []) => paths.flatMap((path) => [kind, path, path]);
  const env = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/tmp',
    LC_ALL: 'C.UTF-8',
    ...options.env,
  };
  return [
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
    '--tmpfs',
    '/var',
    '--ro-bind-try',
    join(root, 'var/lib/dpkg'),
    '/var/lib/dpkg',
    ...['bin', 'sbin', 'lib', 'lib64'].flatMap((name) => ['--symlink', `usr/${name}`, `/${name}`]),
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--tmpfs',
    '/tmp',
    '--tmpfs',
    '/run',
    ...(options.network ? networkFiles() : []),
    ...bind('--ro-bind', options.readable),
    ...bind('--bind', options.writable),
    ...bind('--dev-bind', options.devices),
    '--chdir',
    options.cwd ?? '/',
    '--clearenv',
    ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value]),
    '--',
    ...command,
  ];
}

function networkFiles(): string[] {
  return ['/etc/resolv.conf', '/etc/hosts', '/etc/ssl/certs']
    .filter((path) => existsSync(path))
    .flatMap((path) => ['--ro-bind-try', path, path]);
}

/** Runs a command in the sandbox to its end; its output is text unless `execaOptions` say otherwise. */
export function inSandbox<T extends Options = Record<never, never>>(
  options: SandboxOptions,
  command: string[],
  execaOptions?: T,
) {
  const [file, ...args] = sandboxCommand(options, command);
  return execa(file!, args, { stdin: 'ignore', ...execaOptions } as T);
}

/** Says what to install where bubblewrap is missing or may not make namespaces. */
export async function checkSandbox(): Promise<void> {
  const result = await execa(
    'bwrap',
    ['--unshare-all', '--ro-bind', '/', '/', '--proc', '/proc', '--', '/bin/true'],
    {
      reject: false,
    },
  );
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
