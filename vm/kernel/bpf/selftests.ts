// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cached, cacheFolder, hashOf } from '../../cache.ts';
import { type Progress, type Step, silent } from '../../progress.ts';
import { readInside } from '../../read-inside.ts';
import type { Rootfs } from '../../rootfs/build.ts';
import { inSandbox, type SandboxOptions } from '../../rootfs/sandbox.ts';
import { Trouble } from '../../trouble.ts';
import { getHeaders } from '../headers.ts';
import type { Kernel, KernelSource } from '../kernel.ts';
import { GUEST_KSELFTEST } from '../selftests.ts';
import { getSource } from '../source.ts';
import { buildModules } from './modules.ts';
import { buildRunner, type LeftOut, makeBpf } from './runner.ts';

/** test_progs and its flavours, for other versions of the BPF instruction set. */
export type BpfRunner = 'test_progs' | 'test_progs-no_alu32' | 'test_progs-cpuv4';

/** Where the tests are in the guest. */
export const GUEST_BPF = `${GUEST_KSELFTEST}/bpf`;

/** Built beside test_progs, and of no use to its flavours. */
const OTHERS = ['test_maps', 'test_verifier', 'veristat'] as const;

export interface BpfSelftests {
  /** erofs, below `/opt/kselftest/bpf`. */
  layer: string;
  tests: string[];
  leftOut: LeftOut[];
  /** `test_maps`, `test_verifier`, `veristat`: the compiler's words where it did not build, else null. */
  others: Partial<Record<string, string | null>>;
  /** The tree's own lists of tests that are not to be run, `DENYLIST` and its like: name → text. */
  denylists: Record<string, string>;
  /** The long options that its test_progs knows: `json-summary`. */
  options: string[];
  /** Of the modules that its tests load. */
  modules: string[];
}

/** Raised when the way of building changes so that the same source gives another result. */
const RECIPE_VERSION = '1';

/**
 * `$1`: the folder of the BPF selftests, `$2`: the layer's, `$3`: the flavour's, or `.`; then programs. What the tests
 * read beside their own object files; debug information is as large as everything else together.
 */
const INSTALL = `
set -e
cd "$1"; out=$2; flavour=$3; shift 3
mkdir -p "$out/$flavour"
cp "$@" "$out"
cp "$flavour"/*.bpf.o "$out/$flavour"
if [ "$flavour" != . ]; then
	for module in *.ko; do ln -s ../$module "$out/$flavour"; done
	ln -s ../tools/build/bpftool/bootstrap/bpftool "$out/$flavour/bpftool"
fi
find . -maxdepth 1 -name '*.ko' -empty -delete
for file in urandom_read liburandom_read.so xdp_synproxy sign-file uprobe_multi \\
	./*.ko ima_setup.sh verify_sig_setup.sh progs/btf_dump_test_case_*.c veristat.cfg "$flavour"/*.BTF; do
	[ ! -f "$file" ] || cp "$file" "$out/$flavour"
done
for bpftool in tools/sbin/bpftool tools/build/bpftool/bootstrap/bpftool; do
	[ ! -f $bpftool ] || { mkdir -p "$out/\${bpftool%/*}"; cp $bpftool "$out/$bpftool"; }
done
cd "$out"
for program in "$@" urandom_read liburandom_read.so xdp_synproxy uprobe_multi tools/sbin/bpftool tools/build/bpftool/bootstrap/bpftool; do
	[ ! -f "$program" ] || strip --strip-debug "$program"
done
llvm-strip --strip-debug "$flavour"/*.bpf.o
`;

async function denylists(bpf: string): Promise<Record<string, string>> {
  const names = (await readdir(bpf)).filter((name) => /^DENYLIST(?:\.[\w-]+)*$/.test(name));
  const read = names.map(async (name) => [name, String(await readInside(bpf, join(bpf, name)))] as const);
  return Object.fromEntries(await Promise.all(read));
}

/** `{ "json-summary", ARG_JSON_SUMMARY, "FILE", 0, …` of test_progs.c. */
async function optionsOf(bpf: string): Promise<string[]> {
  const text = String(await readInside(bpf, join(bpf, 'test_progs.c')));
  return [...text.matchAll(/\{ "([\w-]+)", ARG_\w+,/g)].map(([, name]) => name!);
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Headers of the kernel; null, said once, where they cannot be had: the tests that need a module are skipped then. */
async function headersOf(rootfs: Rootfs, kernel: Kernel, step: Step) {
  step.update({ text: 'headers of the kernel' });
  return getHeaders(rootfs, kernel, silent).catch((error: Error) => {
    step.note(`Without bpf_testmod, whose tests are skipped: ${error.message.split('\n')[0]}`);
    return null;
  });
}

/**
 * Builds test_progs, or a flavour of it, for a kernel, in the sandbox and from a throw-away copy of the source; with
 * test_progs itself also test_maps, test_verifier and veristat. Single tests that do not compile are left out. Cached
 * by (source, kernel, root file system).
 *
 * @throws Trouble where test_progs itself does not build
 */
export async function buildBpfSelftests(
  rootfs: Rootfs,
  kernel: Kernel,
  about: KernelSource,
  runner: BpfRunner,
  progress: Progress,
): Promise<BpfSelftests> {
  const key = hashOf(about.upstream, await hashFile(kernel.vmlinux), rootfs.hash, INSTALL, RECIPE_VERSION);
  const folder = await cacheFolder('selftests');
  const name = `bpf.${runner}-${about.upstream}-${key}`;
  const known = existsSync(join(folder, name, 'entry.json'));
  const source = known ? null : await getSource(rootfs, about, progress);
  const entry = await cached<Omit<BpfSelftests, 'layer'>>({
    hashed: true,
    dir: join(folder, name),
    title: `Selftests bpf/${runner} of ${about.upstream}`,
    expectedMs: 600_000,
    alike: 'bpf',
    needBytes: 4 * 2 ** 30,
    progress,
    build: async (dir, step) => {
      const from = source ?? (await getSource(rootfs, about, progress));
      const headers = runner === 'test_progs' ? await headersOf(rootfs, kernel, step) : null;
      const said: string[] = [];
      const making = { rootfs, kernel, headers, from, dir, runner, said };
      const made = await make(making, step).catch(async (error) => {
        if (error instanceof Trouble) throw error;
        const log = join(folder, `${name}.log`);
        await writeFile(log, said.join(''));
        throw new Trouble({
          happened: `Building ${runner} of Linux ${about.upstream} failed:\n${(error as Error).message}`,
          expected: 'the BPF selftests to build with the root file system’s clang',
          log,
        });
      });
      const left = made.leftOut.length;
      return {
        facts: made,
        files: ['selftests.erofs'],
        said: `${made.tests.length} tests built${left > 0 ? `, ${left} left out: they do not compile` : ''}`,
      };
    },
  });
  return { ...entry.facts, layer: join(entry.dir, 'selftests.erofs') };
}

interface Making {
  rootfs: Rootfs;
  kernel: Kernel;
  headers: string | null;
  from: string;
  dir: string;
  runner: BpfRunner;
  /** Gets what make says. */
  said: string[];
}

async function make(
  { rootfs, kernel, headers, from, dir, runner, said }: Making,
  step: Step,
): Promise<Omit<BpfSelftests, 'layer'>> {
  const work = join(dir, 'work');
  const tree = join(work, 'tree');
  const bpf = join(tree, 'tools/testing/selftests/bpf');
  const layer = join(work, 'layer');
  await mkdir(work);
  const outside = { root: rootfs.tree, readable: [from, kernel.vmlinux], writable: [work] };
  step.update({ text: 'copying the source' });
  await inSandbox(outside, ['cp', '-a', '--reflink=auto', from, tree]);
  const sandbox: SandboxOptions = { ...outside, cwd: bpf };
  if (headers) await buildModules({ sandbox, bpf, headers, work }, kernel, step, said);
  // A module that is not there would be built; without one that its rules name no flavour is.
  const makefile = String(await readInside(bpf, join(bpf, 'Makefile')));
  const modules = [...new Set(makefile.match(/\bbpf_\w+\.ko\b/g))];
  await inSandbox(sandbox, ['touch', ...modules]);
  const without = modules.map((file) => join(bpf, file));
  const plan = { sandbox, vmlinux: kernel.vmlinux, without };
  const built = await buildRunner({ ...plan, bpf }, runner, step, said);
  const others: Record<string, string | null> = {};
  for (const goal of runner === 'test_progs' ? OTHERS : []) {
    const other = await makeBpf({ ...plan, without: built.without }, [goal], step);
    said.push(`$ make ${goal}\n${other.output}\n`);
    others[goal] = other.failed ? other.output.trimEnd().split('\n').slice(-4).join('\n') : null;
  }
  await writeFile(join(dir, 'build.log'), said.join(''));
  step.update({ text: 'making the guests’ layer' });
  const flavour = runner.slice('test_progs-'.length) || '.';
  const programs = [runner, ...Object.keys(others).filter((name) => others[name] === null)];
  await inSandbox(sandbox, ['bash', '-c', INSTALL, 'sh', bpf, join(layer, GUEST_BPF), flavour, ...programs]);
  const loadable = (await readdir(join(layer, GUEST_BPF))).filter((name) => /^bpf_\w+\.ko$/.test(name));
  await inSandbox({ root: rootfs.tree, writable: [dir] }, [
    ...['mkfs.erofs', '-d1', '--all-root', '-T0', join(dir, 'selftests.erofs'), layer],
  ]);
  await rm(work, { recursive: true });
  return {
    ...{ tests: built.tests, leftOut: built.leftOut, others, modules: loadable },
    ...{
      denylists: await denylists(join(from, 'tools/testing/selftests/bpf')),
      options: await optionsOf(join(from, 'tools/testing/selftests/bpf')),
    },
  };
}
