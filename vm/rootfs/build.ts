// SPDX-License-Identifier: GPL-2.0-only

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { cached, cacheFolder } from '../cache.ts';
import type { Progress, Step } from '../progress.ts';
import { Trouble } from '../trouble.ts';
import { bootstrapProgress } from './bootstrap-progress.ts';
import { debianMirror } from './mirror.ts';
import { defaultRecipe, type Recipe, recipeHash } from './recipe.ts';
import { inSandbox, type SandboxOptions } from './sandbox.ts';

export interface RootfsFacts {
  suite: string;
  /** Package → version, of what decides how tests behave. */
  tools: Record<string, string>;
  builtAt: string;
}

/** One Debian root: the sandbox that everything is built in, and the guests' bottom layer. */
export interface Rootfs {
  hash: string;
  /** The tree, for the sandbox. */
  tree: string;
  /** The same as an erofs image, for guests. */
  image: string;
  facts: RootfsFacts;
}

const NOTED_TOOLS = [
  'clang',
  'gcc',
  'ethtool',
  'iproute2',
  'iptables',
  'nftables',
  'pahole',
  'qemu-system-x86',
  'tcpdump',
  'virtme-ng',
];
const NEED_BYTES = 4 * 2 ** 30;

/** Where `mmdebstrap` cannot go on, its own words say why; ours say what to do. */
function explain(output: string): Trouble {
  const tail = output.trim().split('\n').slice(-4).join('\n');
  if (/No space left on device/.test(output))
    return new Trouble({
      happened: `The disk filled up while the root file system was built.\n${tail}`,
      expected: `${NEED_BYTES / 2 ** 30} GiB free in the cache and in ${process.env.TMPDIR ?? '/var/tmp'}`,
      next: 'free some space, or set MULTITAP_CACHE and TMPDIR to a larger disk; nothing half-built was left',
    });
  if (
    /Could not resolve|Temporary failure|Could not connect|Network is unreachable|Unable to connect|Failed to fetch/.test(
      output,
    )
  )
    return new Trouble({
      happened: `Debian’s mirror could not be reached.\n${tail}`,
      expected: 'the mirror that apt is configured for, or MULTITAP_MIRROR',
      next: 'check with: apt-get update',
    });
  if (/newuidmap|newgidmap|subuid|unshare/.test(output))
    return new Trouble({
      happened: `mmdebstrap could not use user namespaces.\n${tail}`,
      expected: 'root, or user namespaces with subordinate ids',
      next: 'apt-get install uidmap, and give yourself ids: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER',
    });
  return new Trouble({
    happened: `mmdebstrap failed.\n${tail}`,
    next: 'read its words above; multitap doctor checks what it needs',
  });
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * What mmdebstrap is started through, so that it ends when we do, however we do: as root in namespaces of its
 * own, with which its processes and mounts vanish; otherwise it makes them itself.
 */
function dieWithUs(): string[] {
  const together = ['setpriv', '--pdeathsig', 'KILL', '--'];
  return isRoot()
    ? [...together, 'unshare', '--fork', '--pid', '--mount', '--mount-proc', '--kill-child', '--']
    : together;
}

async function bootstrap(recipe: Recipe, tar: string, step: Step): Promise<void> {
  const mirror = await debianMirror();
  // Man pages, translations and the like are a third of the size and of no use to a guest.
  const excluded = ['/usr/share/man/*', '/usr/share/doc/*', '/usr/share/locale/*', '/usr/share/info/*'];
  const [file, ...before] = dieWithUs();
  const run = execa(
    file!,
    [
      ...before,
      'mmdebstrap',
      '--verbose',
      '--variant=minbase',
      '--mode=auto',
      '--format=tar',
      '--aptopt=Acquire::Languages "none"',
      '--aptopt=Acquire::Retries "3"',
      ...excluded.map((path) => `--dpkgopt=path-exclude=${path}`),
      `--include=${recipe.packages.join(',')}`,
      recipe.suite,
      tar,
      mirror,
    ],
    {
      reject: false,
      stdin: 'ignore',
      all: true,
      // A group of its own: where it fails, mmdebstrap sends SIGHUP to its whole process group.
      detached: true,
      // As root its unpacked root lies beside its tarball, where the next build removes it if we are killed.
      // Without root it needs a folder that its subordinate ids may enter; /tmp may be in memory.
      env: { SOURCE_DATE_EPOCH: '1', TMPDIR: isRoot() ? dirname(tar) : (process.env.TMPDIR ?? '/var/tmp') },
    },
  );
  const end = () => run.kill('SIGKILL');
  process.once('exit', end);
  let output = '';
  const follow = bootstrapProgress();
  for await (const line of createInterface({ input: run.all })) {
    output = `${output}${line}\n`.slice(-65_536);
    const state = follow(line);
    if (state) step.update(state);
  }
  const result = await run;
  process.removeListener('exit', end);
  if (/mmdebstrap: No such file|failed to execute mmdebstrap/.test(output))
    throw new Trouble({ happened: 'mmdebstrap is not installed.', next: 'apt-get install mmdebstrap' });
  if (result.failed) throw explain(output);
}

async function toolVersions(sandbox: SandboxOptions): Promise<Record<string, string>> {
  const { stdout } = await inSandbox(
    sandbox,
    ['dpkg-query', '-W', '-f', '${Package} ${Version}\\n', ...NOTED_TOOLS],
    { reject: false },
  );
  return Object.fromEntries(
    stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(' ') as [string, string]),
  );
}

/**
 * Returns the root file system of the recipe, building it where it is missing or damaged
 * (about two minutes and 2.5 GB; as root, or with user namespaces).
 *
 * @throws Trouble for no network, a full disk, missing tools or missing rights
 */
export async function buildRootfs(progress: Progress, recipe: Recipe = defaultRecipe): Promise<Rootfs> {
  const hash = recipeHash(recipe);
  const entry = await cached<RootfsFacts>({
    hashed: true,
    dir: join(await cacheFolder('rootfs'), hash),
    title: `Root file system (Debian ${recipe.suite})`,
    expectedMs: 150_000,
    needBytes: NEED_BYTES,
    progress,
    build: async (dir, step) => {
      const tar = join(dir, 'root.tar');
      const tree = join(dir, 'tree');
      await bootstrap(recipe, tar, step);
      step.update({ text: 'unpacking' });
      await mkdir(tree);
      // Not our ids, and no device nodes: any user may unpack, use and remove the tree.
      await unpack(['tar', '-C', tree, '--no-same-owner', '--exclude=./dev/*', '-xf', tar]);
      await execa('rm', ['-f', tar]);
      step.update({ text: 'making the guests’ image' });
      // Not compressed: a guest under TCG would spend its time on unpacking, and the host's page cache
      // is shared between guests.
      const sandbox = { root: tree, readable: [tree], writable: [dir] };
      await inSandbox(sandbox, ['mkfs.erofs', '-d1', '--all-root', '-T0', join(dir, 'root.erofs'), tree]);
      const tools = await toolVersions({ root: tree });
      await writeFile(join(dir, 'recipe.json'), `${JSON.stringify(recipe, null, 1)}\n`);
      return {
        facts: { suite: recipe.suite, tools, builtAt: new Date().toISOString() },
        files: [
          'root.erofs',
          'tree/usr/bin/mkfs.erofs',
          'tree/usr/bin/qemu-system-x86_64',
          'tree/usr/bin/apt-get',
        ].filter((file) => file === 'root.erofs' || recipe === defaultRecipe),
        said: `built from ${recipe.packages.length} packages and what they need`,
      };
    },
  });
  return { hash, tree: join(entry.dir, 'tree'), image: join(entry.dir, 'root.erofs'), facts: entry.facts };
}

async function unpack(command: string[]): Promise<void> {
  const [file, ...args] = command;
  const result = await execa(file!, args, { reject: false });
  if (result.failed) throw explain(result.stderr || result.message || '');
}
