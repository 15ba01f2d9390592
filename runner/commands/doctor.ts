// SPDX-License-Identifier: GPL-2.0-only
import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem } from 'node:os';
import { Command } from 'commander';
import { execa } from 'execa';
import { knownAccel, kvmObstacle } from '../../vm/accel.ts';
import { cacheFolder } from '../../vm/cache.ts';
import { findGroups, groupPlace } from '../../vm/limits/group-place.ts';
import { debianMirror } from '../../vm/rootfs/mirror.ts';
import { checkSandbox } from '../../vm/rootfs/sandbox.ts';
import { exitCodes } from '../exit.ts';

/** `warn` slows down or narrows; `bad` makes runs impossible. */
type Grade = 'ok' | 'warn' | 'bad';

interface Finding {
  grade: Grade;
  what: string;
  detail: string;
  /** Debian package that mends it. */
  install?: string;
}

async function program(name: string, version: string[], install: string): Promise<Finding> {
  const { failed, stdout } = await execa(name, version, { reject: false });
  return failed
    ? { grade: 'bad', what: name, detail: 'not installed', install }
    : { grade: 'ok', what: name, detail: stdout.split('\n')[0]! };
}

async function sandbox(): Promise<Finding> {
  try {
    await checkSandbox();
    return { grade: 'ok', what: 'sandbox', detail: 'bubblewrap makes namespaces' };
  } catch (error) {
    return { grade: 'bad', what: 'sandbox', detail: (error as Error).message };
  }
}

async function controlGroups(): Promise<Finding> {
  const what = 'limits';
  await findGroups();
  const place = groupPlace();
  if (!place)
    return {
      grade: 'warn',
      what,
      detail:
        'no control groups of version 2 to be had: what builds and guests use is looked at five times a second',
    };
  const whose = place.kind === 'systemd' ? 'systemd gives' : 'there are';
  return { grade: 'ok', what, detail: `${whose} control groups for builds and guests, in ${place.path}` };
}

async function userNamespaces(): Promise<Finding> {
  if (process.getuid?.() === 0)
    return { grade: 'ok', what: 'root', detail: 'the root file system is built as root' };
  const { failed } = await execa('newuidmap', [], { reject: false });
  const { exitCode } = await execa('newuidmap', ['--help'], { reject: false });
  if (failed && exitCode === undefined)
    return { grade: 'bad', what: 'uidmap', detail: 'building without root needs it', install: 'uidmap' };
  return { grade: 'ok', what: 'uidmap', detail: 'the root file system is built in a user namespace' };
}

async function mirror(): Promise<Finding> {
  try {
    return { grade: 'ok', what: 'mirror', detail: await debianMirror() };
  } catch (error) {
    return { grade: 'bad', what: 'mirror', detail: (error as Error).message };
  }
}

async function disk(): Promise<Finding> {
  const folder = await cacheFolder();
  const { bavail, bsize } = await statfs(folder);
  const gib = (bavail * bsize) / 2 ** 30;
  return {
    grade: gib < 6 ? 'warn' : 'ok',
    what: 'disk',
    detail: `${gib.toFixed(1)} GiB free in ${folder}${gib < 6 ? '; a fresh set-up wants 6' : ''}`,
  };
}

function machine(): Finding {
  const gib = freemem() / 2 ** 30;
  return {
    grade: gib < 2.5 ? 'warn' : 'ok',
    what: 'machine',
    detail: `${availableParallelism()} CPUs, ${gib.toFixed(1)} GiB of memory free; a guest takes 2 CPUs and 2 GiB`,
  };
}

async function accelerator(): Promise<Finding> {
  const known = await knownAccel();
  if (known)
    return { grade: known.accel === 'kvm' ? 'ok' : 'warn', what: 'accelerator', detail: known.reason };
  const obstacle = await kvmObstacle();
  if (obstacle)
    return { grade: 'warn', what: 'accelerator', detail: `${obstacle}: guests run under TCG, which is slow` };
  return {
    grade: 'warn',
    what: 'accelerator',
    detail: '/dev/kvm can be opened, which proves nothing: the first run boots a guest to find out',
  };
}

const MARKS: Record<Grade, string> = { ok: '✓', warn: '~', bad: '✗' };

async function doctor(): Promise<void> {
  const findings = [
    { grade: 'ok' as const, what: 'node', detail: process.version },
    await program('mmdebstrap', ['--version'], 'mmdebstrap'),
    await program('bwrap', ['--version'], 'bubblewrap'),
    await program('flock', ['--version'], 'util-linux'),
    await program('prlimit', ['--version'], 'util-linux'),
    await sandbox(),
    await controlGroups(),
    await userNamespaces(),
    await mirror(),
    await disk(),
    machine(),
    await accelerator(),
  ] satisfies Finding[] as Finding[];
  for (const { grade, what, detail } of findings)
    process.stdout.write(
      `${MARKS[grade]} ${what.padEnd(12)} ${detail.replaceAll('\n', '\n               ')}\n`,
    );
  const missing = findings.flatMap(({ grade, install }) => (grade === 'bad' && install ? [install] : []));
  if (missing.length > 0) process.stdout.write(`\nDo: apt-get install ${missing.join(' ')}\n`);
  if (findings.some(({ grade }) => grade === 'bad')) process.exitCode = exitCodes.infrastructure;
  else
    process.stdout.write('\nNothing is missing. QEMU and all build tools come with the root file system.\n');
}

export const doctorCommand = () =>
  new Command('doctor')
    .description('what is there, what is missing, how to get it, and whether KVM works')
    .action(doctor);
