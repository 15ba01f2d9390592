// SPDX-License-Identifier: GPL-2.0-only
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, readlink, realpath, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { cached, cacheFolder, hashOf } from '../../../vm/cache.ts';
import type { Progress } from '../../../vm/progress.ts';
import type { Rootfs } from '../../../vm/rootfs/build.ts';
import { inSandbox } from '../../../vm/rootfs/sandbox.ts';
import { Trouble, UsageTrouble } from '../../../vm/trouble.ts';
import { layerOf } from '../layer.ts';

/** Where a checkout's `gtests/net` is in the guest. */
export const GUEST_NET = '/opt/packetdrill/net';

/** packetdrill built from a checkout, with the scripts beside it. */
export interface Packetdrill {
  /** Of all that is below `gtests/net`. */
  hash: string;
  /** The commit that is checked out; null where git does not know one. What was changed since is in the hash only. */
  revision: string | null;
  /** An erofs layer with `gtests/net` at GUEST_NET, and `packetdrill` in the PATH. */
  layer: string;
  /** Below GUEST_NET: `tcp/blocking/blocking-accept.pkt`. */
  scripts: string[];
}

/** What a checkout has to have of the tool. */
const PARTS = ['configure', 'run_all.py', 'in_netns.sh', 'packetdrill.c'];

/** @throws UsageTrouble where the folder is no checkout of packetdrill */
async function netOf(folder: string): Promise<string> {
  const net = join(folder, 'gtests/net');
  const missing = PARTS.filter((part) => !existsSync(join(net, 'packetdrill', part)));
  if (missing.length === 0) return realpath(net);
  throw new UsageTrouble({
    happened: `--packetdrill: ${folder} has no gtests/net/packetdrill/${missing[0]}.`,
    expected: 'a checkout of packetdrill, Google’s or that of the MPTCP project',
    next: 'git clone https://github.com/multipath-tcp/packetdrill',
  });
}

/** Changes with every file below a folder: its path, what is in it or where it leads. */
async function hashTree(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }));
  paths.sort((a, b) => (a.path < b.path ? -1 : 1));
  const parts: (string | Uint8Array)[] = [];
  for (const { entry, path } of paths) {
    if (entry.isFile()) parts.push(relative(folder, path), hashOf(await readFile(path)));
    else if (entry.isSymbolicLink()) parts.push(relative(folder, path), await readlink(path));
  }
  return hashOf(...parts);
}

/** Asked of git in the sandbox, since a checkout's configuration may name programs to run. */
async function revisionOf(rootfs: Rootfs, checkout: string): Promise<string | null> {
  const folder = await realpath(checkout);
  const command = ['git', '-c', 'safe.directory=*', '-C', folder, 'rev-parse', '--verify', 'HEAD'];
  const { stdout, failed } = await inSandbox({ root: rootfs.tree, readable: [folder] }, command, {
    reject: false,
  });
  return failed ? null : stdout.trim();
}

/** Where the tool's own tests are, which are about its parser. */
const OWN_TESTS = 'packetdrill/';

async function scriptsBelow(net: string): Promise<string[]> {
  const entries = await readdir(net, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(net, join(entry.parentPath, entry.name)))
    .filter((path) => /^[\w./+-]+\.pkt$/.test(path) && !path.startsWith(OWN_TESTS))
    .sort();
}

/**
 * Builds the packetdrill of a checkout in the sandbox, from a copy, and packs it with its scripts. It is linked as its
 * Makefile has it: guests have the root file system that it is built in.
 *
 * @throws UsageTrouble for a folder that is no checkout; Trouble where it does not build
 */
export async function buildPacketdrill(
  rootfs: Rootfs,
  checkout: string,
  progress: Progress,
): Promise<Packetdrill> {
  const net = await netOf(checkout);
  const hash = await hashTree(net);
  const folder = await cacheFolder('packetdrill');
  const name = hashOf(hash, rootfs.hash, '1');
  const entry = await cached<{ scripts: string[] }>({
    hashed: true,
    dir: join(folder, name),
    title: 'packetdrill',
    expectedMs: 30_000,
    needBytes: 200 * 2 ** 20,
    progress,
    build: async (dir, step) => {
      // What is built may write below `work` only: what it leaves there is packed by the sandbox, and names alone are read.
      const work = join(dir, 'work');
      const copy = join(work, 'layer', GUEST_NET);
      const tool = join(copy, 'packetdrill');
      await mkdir(work);
      const run = (cwd: string, script: string, ...args: string[]) =>
        inSandbox(
          { root: rootfs.tree, readable: [net], writable: [work], cwd },
          ['bash', '-c', script, 'bash', ...args],
          { reject: false, all: true },
        );
      const made = await run('/', 'mkdir -p "${2%/*}" && cp -a --no-preserve=ownership "$1" "$2"', net, copy);
      // -Werror is for packetdrill's authors, not for whoever has a newer compiler.
      const built = made.failed
        ? made
        : await run(tool, './configure && make clean && make packetdrill CFLAGS="-g -Wall" && rm -f *.o');
      if (built.failed) {
        const log = join(folder, `${name}.log`);
        await writeFile(log, `${made.all}\n${built.all}\n`);
        throw new Trouble({
          happened: `packetdrill of ${checkout} does not build:\n${built.all.split('\n').slice(-10).join('\n')}`,
          expected: 'that ./configure && make works with the root file system’s tools',
          log,
        });
      }
      step.update({ text: 'making the guests’ layer' });
      // It sets the MTU with ifconfig, which Debian has in a package that nothing else wants; busybox knows it as well.
      await run(
        '/',
        'mkdir -p "$1" && ln -sf "$2" "$1/packetdrill" && ln -sf /usr/bin/busybox "$1/ifconfig"',
        ...[join(work, 'layer/usr/local/bin'), `${GUEST_NET}/packetdrill/packetdrill`],
      );
      const scripts = await scriptsBelow(copy);
      await layerOf(rootfs, dir, join(work, 'layer'), 'packetdrill.erofs');
      await rm(work, { recursive: true });
      return {
        facts: { scripts },
        files: ['packetdrill.erofs'],
        said: `built, with ${scripts.length} scripts`,
      };
    },
  });
  const revision = await revisionOf(rootfs, checkout);
  return { hash, revision, layer: join(entry.dir, 'packetdrill.erofs'), scripts: entry.facts.scripts };
}
