// SPDX-License-Identifier: GPL-2.0-only
import { rm } from 'node:fs/promises';
import { Command } from 'commander';
import { cacheFolder, listEntries } from '../../vm/cache.ts';
import { takeLock } from '../../vm/lock.ts';
import { buildRootfs, type RootfsFacts } from '../../vm/rootfs/build.ts';
import { defaultRecipe, recipeHash } from '../../vm/rootfs/recipe.ts';
import { checkSandbox } from '../../vm/rootfs/sandbox.ts';
import { handleInterrupts } from '../interrupt.ts';
import { terminalProgress } from '../progress/terminal.ts';

/** The kinds of cache entries that are built on a root file system and useless without it. */
const DEPENDENT = ['selftests', 'initramfs'];

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
async function prune(flags: { all: boolean }): Promise<void> {
  const current = recipeHash(defaultRecipe);
  const kinds = flags.all ? ['rootfs', 'kernel', 'source', ...DEPENDENT] : ['rootfs', 'source'];
  for (const kind of kinds) {
    for (const { dir, name } of await listEntries(kind)) {
      if (!flags.all && name === current) continue;
      const lock = await takeLock(`${dir}.lock`);
      await rm(dir, { recursive: true, force: true });
      await lock.release();
      process.stdout.write(`removed ${kind}/${name}\n`);
    }
  }
  await cacheFolder();
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
        .description('remove unpacked kernel sources and roots that the present recipe does not use')
        .option(
          '--all',
          'remove everything that can be made again: roots, kernels, sources, selftests',
          false,
        )
        .action(prune),
    );
