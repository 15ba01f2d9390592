// SPDX-License-Identifier: GPL-2.0-only
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isAlive } from './alive.ts';
import { removeFolder, words } from './group-files.ts';

/**
 * Where control groups of version 2 are made: a folder that we may write to, or systemd, which moves processes for
 * those who may not.
 */
export type Place =
  | { kind: 'folder'; path: string }
  | { kind: 'systemd'; manager: string[]; slice: string; path: string };

const HIERARCHY = '/sys/fs/cgroup';
const NEEDED = ['memory', 'pids'];
/** What it holds is not ended but slowed down: a machine without is as good as ever. */
const WELCOME = 'cpu';
/** Before the process id in the names of what we make. */
export const PREFIX = 'multitap-';
const SYSTEMD_PATIENCE_MS = 5_000;

let place: Place | null = null;
let search: Promise<void> | null = null;

/**
 * Finds out, once, whether and where groups can be made. Before, and where they cannot, there are none: what is left
 * is in watch.ts.
 */
export function findGroups(): Promise<void> {
  search ??= (async () => {
    const booted = existsSync('/run/systemd/system');
    place = (booted ? await askSystemd() : null) ?? (booted && isRoot() ? null : ownFolder());
  })();
  return search;
}

export function groupPlace(): Place | null {
  return place;
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Our own group's folder; null where the hierarchy is not version 2's alone. */
function groupOf(pid: number | 'self'): string | null {
  const path = words(`/proc/${pid}/cgroup`)
    .find((line) => line.startsWith('0::'))
    ?.slice(3);
  return path && existsSync(join(HIERARCHY, 'cgroup.controllers')) ? join(HIERARCHY, path) : null;
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Without systemd. Root: a group of ours at the top. Others: the group above our own, where that has been delegated
 * to us with nobody in it (as systemd's DelegateSubgroup= does, and who starts containers may).
 */
function ownFolder(): Place | null {
  const own = groupOf('self');
  if (!own) return null;
  try {
    const parent = isRoot() ? join(HIERARCHY, 'multitap') : dirname(own);
    if (isRoot()) {
      enable(HIERARCHY);
      mkdirSync(parent, { recursive: true });
    }
    const files = ['', 'cgroup.procs', 'cgroup.subtree_control'].map((name) => join(parent, name));
    if (own === HIERARCHY && !isRoot()) return null;
    if (!files.every(isWritable) || words(join(parent, 'cgroup.procs')).length > 0) return null;
    enable(parent);
    welcome(isRoot() ? [HIERARCHY, parent] : [parent]);
    sweep(parent);
    return { kind: 'folder', path: parent };
  } catch {
    // A container's top that is not the top, a controller that version 1 holds: no groups.
    return null;
  }
}

function enable(folder: string): void {
  const on = words(join(folder, 'cgroup.subtree_control'));
  const missing = NEEDED.filter((name) => !on.includes(name));
  if (missing.length > 0)
    writeFileSync(join(folder, 'cgroup.subtree_control'), missing.map((name) => `+${name}`).join(' '));
}

function welcome(folders: string[]): void {
  try {
    for (const folder of folders) writeFileSync(join(folder, 'cgroup.subtree_control'), `+${WELCOME}`);
  } catch {
    // Nobody above us has given it, or a real-time process is in the way (Documentation/admin-guide/cgroup-v2.rst).
  }
}

/** Removes groups of runners that were killed: what was in them died with them. */
function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) removeFolder(join(parent, name));
  }
}

/**
 * Asks systemd (the user's own where we are not root) for scopes in a slice of ours. A `cat` in a first one waits for the
 * end of its input, so that the slice has its controllers and counters as long as we live. Processes of a login
 * session may not move themselves below the user's manager; it can.
 */
async function askSystemd(): Promise<Place | null> {
  const manager = isRoot() ? [] : ['--user'];
  // One for all: systemd keeps slices, also when nobody is left in them.
  const slice = 'multitap.slice';
  const args = [
    ...manager,
    '--scope',
    '--quiet',
    '--collect',
    `--slice=${slice}`,
    ...['TasksMax=4', 'MemoryMax=64M'].flatMap((property) => ['-p', property]),
    'sh',
    '-c',
    'echo; exec cat',
  ];
  const keeper = spawn('systemd-run', args, { stdio: ['pipe', 'pipe', 'ignore'] });
  keeper.stdin.on('error', () => {});
  const within = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), SYSTEMD_PATIENCE_MS);
    const answer = (found: boolean) => {
      clearTimeout(timer);
      resolve(found);
    };
    keeper.stdout.once('data', () => answer(true));
    keeper.once('error', () => answer(false));
    keeper.once('exit', () => answer(false));
  });
  const path = within ? dirname(groupOf(keeper.pid!) ?? '/') : '/';
  if (
    !path.endsWith(`/${slice}`) ||
    !NEEDED.every((name) => words(join(path, 'cgroup.subtree_control')).includes(name))
  ) {
    keeper.kill('SIGKILL');
    return null;
  }
  // It ends with us, and must not be what keeps us alive.
  keeper.unref();
  for (const pipe of [keeper.stdin, keeper.stdout]) (pipe as unknown as { unref(): void }).unref();
  return { kind: 'systemd', manager, slice, path };
}
