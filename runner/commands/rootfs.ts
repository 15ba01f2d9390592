// SPDX-License-Identifier: GPL-2.0-only
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { cacheRoot, listEntries } from '../../vm/cache.ts';
import { takeLock } from '../../vm/lock.ts';
import { buildRootfs, type RootfsFacts } from '../../vm/rootfs/build.ts';
import { defaultRecipe, recipeHash } from '../../vm/rootfs/recipe.ts';
import { checkSandbox } from '../../vm/rootfs/sandbox.ts';
import { handleInterrupts } from '../interrupt.ts';
import { terminalProgress } from '../progress/terminal.ts';

async function build(): Promise<void> {
  handleInterrupts();
  await checkSandbox();
  const rootfs = await buildRootfs(terminalProgress());
  process.stdout.write(`${rootfs.hash}\n`);
}

async function list(): Promise<void> {
  const current = recipeHash(defaultRecipe);
  for (const { name, facts } of await listEntries<RootfsFacts>('rootfs')) {
    const state = facts
      ? `Debian ${facts.suite}, built ${facts.builtAt.slice(0, 16)}Z`
      : 'broken: the next use builds it again';
    process.stdout.write(`${name}  ${state}${name === current ? '  (in use)' : ''}\n`);
  }
}

/** Removes what the present recipe no longer uses; `all` removes everything that can be made again. */
async function prune(flags: { all?: boolean }): Promise<void> {
  const current = recipeHash(defaultRecipe);
  const remove = async (kind: string, name: string) => {
    // A builder holds the lock: what it is at is not abandoned.
    const lock = await takeLock(
      join(cacheRoot(), kind, `${name.replace(/^\.building-(.*)-.{6}$/, '$1')}.lock`),
    );
    await rm(join(cacheRoot(), kind, name), { recursive: true, force: true });
    await lock.release();
    process.stdout.write(`removed ${kind}/${name}\n`);
  };
  for (const kind of [
    'rootfs',
    'kernel',
    'compiled',
    'ccache',
    'image',
    'debug-info',
    'source',
    'selftests',
    'suites',
    'packetdrill',
    'custom',
    'repro',
    'initramfs',
    'snapshot',
    'symbols',
    'headers',
    'fault-module',
    'external-module',
    'apt',
    'accel',
  ]) {
    for (const name of await readdir(join(cacheRoot(), kind)).catch(() => [])) {
      if (name.endsWith('.lock')) continue;
      // An initramfs is named by a hash from which its root cannot be told; it is made again in seconds.
      const unused =
        kind === 'source' ||
        kind === 'initramfs' ||
        (kind === 'rootfs' && name !== current && !name.startsWith('.'));
      if (flags.all || unused || name.startsWith('.building-')) await remove(kind, name);
    }
  }
}

export const rootfsCommand = () =>
  new Command('rootfs')
    .description('the Debian root file system that guests run and everything is built in')
    .addCommand(
      new Command('build').description('build it where it is missing, and print its hash').action(build),
    )
    .addCommand(new Command('list').description('those in the cache').action(list))
    .addCommand(
      new Command('prune')
        .description(
          'remove unpacked kernel sources, initramfs images, unused roots and what killed builds left',
        )
        .option(
          '--all',
          'empty the cache: roots, kernels, sources, selftests, apt’s indexes; not while a run goes on',
        )
        .action(prune),
    );
