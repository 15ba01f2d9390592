// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cached, cacheFolder, hashOf } from '../cache.ts';
import type { Progress, Step } from '../progress.ts';
import { readInside } from '../read-inside.ts';
import type { Rootfs } from '../rootfs/build.ts';
import { inSandbox, type SandboxOptions } from '../rootfs/sandbox.ts';
import { Trouble } from '../trouble.ts';
import { bootImage } from './boot-image.ts';
import { notSticking } from './config.ts';
import { firstError } from './first-error.ts';
import type { Flavour } from './flavours.ts';
import type { Kernel } from './kernel.ts';

/** What a kernel is compiled from. */
export interface Compilation {
  /** What names the tree's content, in file names too: `6.12.107`. */
  id: string;
  /** Gets the tree: whole, clean, and nothing is written into it. Asked only where there is something to compile. */
  tree(): Promise<string>;
  flavour: Flavour;
  /**
   * Whose objects may be found again: a folder of ccache's below the cache. What one build writes there another one
   * believes, so that trees of strangers must not share it with those that theirs are compared with.
   */
  ccache: string;
}

/** A kernel without the words of whoever named it. */
export type Compiled = Pick<
  Kernel,
  'release' | 'flavour' | 'arch' | 'configHash' | 'dir' | 'vmlinux' | 'bzImage' | 'layer' | 'tree' | 'build'
>;

export interface CompiledFacts {
  release: string;
  flavour: string;
  configHash: string;
  /** What a guest is booted from, as `bootImage` tells. */
  image: 'vmlinux' | 'bzImage';
  /** As `notSticking` tells them. */
  notSticking: string[];
  /** Whatever else the maker wants to know of it later. */
  about: unknown;
}

/** Raised when the way of building changes so that the same tree and configuration give another kernel. */
const RECIPE_VERSION = '1';

/** Where everything is while it is compiled: on every machine the same, so that results are, and ccache finds them. */
export const SOURCE = '/kernel/source';
const BUILD = '/kernel/build';
const CCACHE = '/kernel/ccache';
const CCACHE_SIZE = '4G';

/** Nobody's name, host or date in the kernel: the same tree gives the same bytes. */
const ENVIRONMENT = {
  KBUILD_BUILD_TIMESTAMP: '1970-01-01 00:00:00 UTC',
  KBUILD_BUILD_USER: 'multitap',
  KBUILD_BUILD_HOST: 'multitap',
  KBUILD_BUILD_VERSION: '1',
  CCACHE_DIR: CCACHE,
  CCACHE_MAXSIZE: CCACHE_SIZE,
};

function makeArguments({ name, profiled }: Flavour): string[] {
  const folders = profiled.flatMap((path) => [path, `${path}/%`]).join(' ');
  return [
    ...['make', '-C', SOURCE, `O=${BUILD}`, 'ARCH=x86', 'CC=ccache gcc', `LOCALVERSION=-${name}`],
    // Kbuild asks it anew in each folder.
    ...(folders ? [`GCOV_PROFILE=$(if $(filter ${folders},$(obj)),y)`] : []),
  ];
}

/** Tells which file is compiled, as `make` names it. */
function follow(stdout: NodeJS.ReadableStream, step: Step): void {
  let compiled = 0;
  let rest = '';
  stdout.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [, tool, file] = /^ {2}([A-Z]+) +(?:\[M\] +)?(\S+)$/.exec(line) ?? [];
      if (tool === 'CC') compiled++;
      if (tool) step.update({ text: `${compiled} files compiled: ${tool} ${file}` });
    }
  });
}

/** Runs a command of the build; `said` collects what it prints. */
async function run(sandbox: SandboxOptions, command: string[], step: Step, said: string[]): Promise<void> {
  const running = inSandbox(sandbox, command, { reject: false, all: true });
  follow(running.stdout, step);
  const made = await running;
  said.push(`$ ${command.join(' ')}\n${made.all}\n`);
  if (made.failed) throw new Error(firstError(made.all));
}

/**
 * `$1`: the build's folder, `$2`: ours. Of what strangers have built only ordinary files and folders are taken; links in
 * it lead to files of the sandbox at the most. What is left of the build is what other modules are built with, and
 * what gcov reads.
 */
const TAKE = `
set -e
cd "$1"
modules=usr/lib/modules/$3
mkdir -p "$2/tree/boot" "$2/tree/$modules"
cp -L .config "$2/tree/boot/config-$3"
cp -L System.map "$2/tree/boot/System.map-$3"
cp -L arch/x86/boot/bzImage "$2/bzImage"
objcopy --strip-debug vmlinux "$2/vmlinux"
tar -C "out/$modules" -cf - . | tar -C "$2/tree/$modules" --no-same-owner -xf -
rm -r out
find . \\( -name '*.o' -o -name '*.ko' -o -name '*.a' -o -name '.*.cmd' -o -name 'vmlinux*' -o -name '*.bin' -o -name bzImage \\) -delete
find "$2" ! -type f ! -type d -delete
depmod -b "$2/tree/usr" "$3"
mkfs.erofs -d1 --all-root -T0 "$2/kernel.erofs" "$2/tree"
`;

/**
 * Compiles a kernel in the sandbox, with nothing in sight but its source; cached by (tree, configuration, root file
 * system). Says which options of the flavour did not stick.
 *
 * @throws Trouble with the compiler's first error, and the log's path
 */
export async function compileKernel(
  rootfs: Rootfs,
  { id, tree, flavour, ccache }: Compilation,
  about: unknown,
  progress: Progress,
): Promise<Compiled> {
  const args = makeArguments(flavour);
  const key = hashOf(
    id,
    flavour.fragment,
    rootfs.hash,
    args.join('\n'),
    JSON.stringify(ENVIRONMENT),
    TAKE,
    RECIPE_VERSION,
  );
  const folder = await cacheFolder('compiled');
  const entry = await cached<CompiledFacts>({
    hashed: true,
    dir: join(folder, `${id}-${flavour.name}-${key}`),
    title: `Kernel ${id}, ${flavour.name}`,
    expectedMs: 600_000,
    needBytes: 4 * 2 ** 30,
    progress,
    build: async (dir, step) => {
      const work = join(dir, 'work');
      await mkdir(work);
      await writeFile(join(work, 'wanted.config'), flavour.fragment);
      const mounts = ['--ro-bind', await tree(), SOURCE];
      const objects = await cacheFolder('ccache', ccache);
      const writable = [
        { from: work, to: BUILD },
        { from: objects, to: CCACHE },
      ];
      const sandbox = { root: rootfs.tree, mounts, writable, env: ENVIRONMENT };
      const said: string[] = [];
      step.update({ text: 'configuring' });
      try {
        await run(sandbox, [...args, `KCONFIG_ALLCONFIG=${BUILD}/wanted.config`, 'allnoconfig'], step, said);
        await run(sandbox, [...args, `-j${availableParallelism()}`, 'bzImage', 'modules'], step, said);
        const install = [
          ...args,
          `INSTALL_MOD_PATH=${BUILD}/out/usr`,
          'INSTALL_MOD_STRIP=1',
          'modules_install',
        ];
        await run(sandbox, install, step, said);
      } catch (error) {
        const log = join(folder, `${id}-${flavour.name}.log`);
        await writeFile(log, said.join(''));
        throw new Trouble({
          happened: `Linux ${id} did not build with the flavour ${flavour.name}:\n${(error as Error).message}`,
          expected: 'a tree that compiles with the root file system’s gcc',
          log,
        });
      }
      await writeFile(join(dir, 'build.log'), said.join(''));
      const read = async (path: string) => (await readInside(work, join(work, path))).toString('utf8');
      const release = (await read('include/config/kernel.release')).trim();
      if (!/^\d[\w.+~-]*$/.test(release))
        throw new Trouble({
          happened: `Linux ${id} calls itself ${JSON.stringify(release)}: no kernel’s name.`,
        });
      const config = await read('.config');
      step.update({ text: 'making the guests’ layer' });
      await inSandbox({ root: rootfs.tree, writable: [dir] }, ['sh', '-c', TAKE, 'sh', work, dir, release]);
      await rename(work, join(dir, 'build'));
      const lost = notSticking(flavour.fragment, config);
      if (lost.length > 0) step.note(`Options that did not stick: ${lost.join(', ')}`);
      return {
        facts: {
          release,
          flavour: flavour.name,
          configHash: hashOf(config),
          image: bootImage(config),
          notSticking: lost,
          about,
        },
        files: ['bzImage', 'vmlinux', 'kernel.erofs'],
        said: `${release} compiled`,
      };
    },
  });
  return toCompiled(entry.dir, entry.facts);
}

export function toCompiled(dir: string, { release, flavour, configHash, image }: CompiledFacts): Compiled {
  return {
    ...{ release, flavour, configHash, dir, arch: 'x86_64' },
    ...{ vmlinux: join(dir, image), bzImage: join(dir, 'bzImage') },
    layer: join(dir, 'kernel.erofs'),
    tree: join(dir, 'tree'),
    build: { at: BUILD, now: join(dir, 'build') },
  };
}
