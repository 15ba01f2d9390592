// SPDX-License-Identifier: GPL-2.0-only
// What compiles kernels, on a tree that is done in a second: the sandbox, the cache, what is taken of the build. That a
// kernel comes out of a kernel's tree is tried by suite-kunit.test.ts and debug-kernel.test.ts, which take their time.
import { cp, lstat, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Compiled, compileKernel } from '../vm/kernel/compile.ts';
import type { Flavour } from '../vm/kernel/flavours.ts';
import { type Progress, silent } from '../vm/progress.ts';
import { buildRootfs, type Rootfs } from '../vm/rootfs/build.ts';
import { checkSandbox } from '../vm/rootfs/sandbox.ts';
import { Trouble } from '../vm/trouble.ts';
import { root, temporaryFolder } from './support/program.ts';

const flavour: Flavour = { name: 'tiny', fragment: 'CONFIG_PVH=y\nCONFIG_IKCONFIG=y\n', profiled: [] };
const realCache = process.env.MULTITAP_CACHE;
const notes: string[] = [];
const progress: Progress = {
  step: () => ({ update: () => {}, note: (text) => notes.push(text), done: () => {} }),
};
let dir: string;
let rootfs: Rootfs;
let kernel: Compiled;

function compile(id: string, tree: string): Promise<Compiled> {
  return compileKernel(rootfs, { id, tree: async () => tree, flavour, ccache: 'test' }, null, progress);
}

beforeAll(async () => {
  await checkSandbox();
  rootfs = await buildRootfs(silent);
  dir = await temporaryFolder('compile');
  process.env.MULTITAP_CACHE = join(dir, 'cache');
  await cp(join(root, 'test/fixtures/own-tree'), join(dir, 'tree'), { recursive: true });
  kernel = await compile('good', join(dir, 'tree'));
});

afterAll(async () => {
  if (realCache === undefined) delete process.env.MULTITAP_CACHE;
  else process.env.MULTITAP_CACHE = realCache;
  await rm(dir, { recursive: true, force: true });
});

it('gives what boots, named by the flavour', async () => {
  expect(kernel).toMatchObject({ release: '6.12.0-tiny', flavour: 'tiny' });
  expect(kernel.vmlinux).toBe(join(kernel.dir, 'vmlinux'));
  expect((await readFile(kernel.vmlinux)).subarray(1, 4).toString()).toBe('ELF');
  expect(await readFile(join(kernel.tree, 'boot/config-6.12.0-tiny'), 'utf8')).toContain('CONFIG_PVH=y');
});

it('says what did not stick', () => {
  expect(notes).toEqual(['Options that did not stick: CONFIG_IKCONFIG=n instead of y']);
});

it('takes ordinary files and folders only, and none of the host’s', async () => {
  const names = await readdir(kernel.dir, { recursive: true });
  const kinds = await Promise.all(names.map((name) => lstat(join(kernel.dir, name))));
  expect(names.filter((_, i) => !kinds[i]!.isFile() && !kinds[i]!.isDirectory())).toEqual([]);
  const modules = await readdir(join(kernel.tree, 'usr/lib/modules/6.12.0-tiny'));
  expect(modules).toContain('modules.order');
  expect(modules).toContain('modules.dep');
  expect(modules).not.toContain('build');
  const led = await readFile(join(kernel.tree, 'boot/System.map-6.12.0-tiny'), 'utf8');
  expect(led).toBe(await readFile(join(rootfs.tree, 'etc/passwd'), 'utf8'));
});

it('writes nothing into the tree, and compiles once', async () => {
  expect(await readdir(join(dir, 'tree'))).toEqual(['Makefile']);
  expect((await compile('good', '/nowhere')).dir).toBe(kernel.dir);
});

it('tells the compiler’s first error, and keeps the log', async () => {
  const broken = join(dir, 'broken');
  await cp(join(dir, 'tree'), broken, { recursive: true });
  await writeFile(
    join(broken, 'broken.c'),
    'int first(void) { return nothing; }\nint second(void) { return less; }\n',
  );
  const trouble = await compile('broken', broken).then(
    () => null,
    (error: unknown) => error as Trouble,
  );
  expect(trouble).toBeInstanceOf(Trouble);
  expect(trouble!.message).toMatch(
    /did not build with the flavour tiny:\n\/kernel\/source\/broken\.c:1:\d+: error: .nothing. undeclared/,
  );
  expect(await readFile(trouble!.parts.log!, 'utf8')).toContain('$ make -C /kernel/source');
});
