// SPDX-License-Identifier: GPL-2.0-only

import { cp, readdir, rm, truncate } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, relative } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, vi } from 'vitest';
import { cacheRoot } from '../vm/cache.ts';
import type { Progress } from '../vm/progress.ts';
import { silent } from '../vm/progress.ts';
import { bootQemu } from '../vm/qemu/machine.ts';
import { buildRootfs } from '../vm/rootfs/build.ts';
import { Trouble } from '../vm/trouble.ts';
import { preparedGuest } from './support/guest.ts';
import { borrowEntries, linkTree } from './support/own-cache.ts';
import { folderForTest, multitap, until } from './support/program.ts';

/** Nothing listens there: connections are refused at once. */
const NO_MIRROR = 'http://127.0.0.1:9/debian';
/** Enough to make an image with: half a minute to build. */
const SMALL = { suite: 'trixie', packages: ['busybox-static', 'erofs-utils'] };

describe('a machine that lacks something', () => {
  it('without network: says so for what is not in the cache, and changes nothing', async () => {
    const cache = await folderForTest('offline');
    const { exitCode, stderr } = await multitap(['rootfs', 'build'], {
      MULTITAP_CACHE: cache,
      MULTITAP_MIRROR: NO_MIRROR,
    });
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/Debian’s mirror could not be reached\.[\s\S]*Do: check with: apt-get update/);
    expect((await readdir(join(cache, 'rootfs'))).filter((name) => !name.endsWith('.lock'))).toEqual([]);
  });

  it('without network: goes on with a kernel that is in the cache', async () => {
    await preparedGuest();
    const { exitCode, stderr } = await multitap(['kernel', 'get', 'deb:6.12'], {
      MULTITAP_MIRROR: NO_MIRROR,
    });
    expect(stderr).toContain('from the cache: the mirror could not be asked');
    expect(exitCode).toBe(0);
    const missing = await multitap(['kernel', 'get', 'deb:9.99'], { MULTITAP_MIRROR: NO_MIRROR });
    expect(missing.exitCode).toBe(3);
    expect(missing.stderr).toContain('Fetching the index of trixie failed');
  });

  it('without QEMU: an error of ours, not a kernel that does not boot', async () => {
    const prepared = await preparedGuest();
    const tree = join(await folderForTest('no-qemu'), 'tree');
    await linkTree(prepared.rootfs.tree, tree);
    await rm(join(tree, 'usr/bin/qemu-system-x86_64'));
    const failure = await bootQemu({
      rootfs: { ...prepared.rootfs, tree },
      plan: prepared.plan,
      timeoutMs: 30_000,
    }).catch((error) => error);
    expect(failure).toBeInstanceOf(Trouble);
    expect(failure.message).toMatch(
      /^QEMU did not start: .*qemu-system-x86_64.*(No such file|not found)[\s\S]*multitap doctor/,
    );
  });

  it('with a port that is taken: says which, and which option changes it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const { exitCode, stderr } = await multitap([
      'serve',
      '--port',
      String(port),
      '--data',
      await folderForTest('port'),
    ]);
    server.close();
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(new RegExp(`port ${port} on 127\\.0\\.0\\.1 is taken[^]*--port`));
  });
});

describe('a broken cache', () => {
  it('is noticed, told and built again', async () => {
    const prepared = await preparedGuest('net/mptcp');
    // Hard links to what is not broken; its own copy of what apt rewrites and of what gets broken.
    const cache = await folderForTest('broken');
    await borrowEntries(cache, [prepared.rootfs.tree, prepared.kernel.dir, ...prepared.built!.layers]);
    for (const path of [join(cacheRoot(), 'apt'), dirname(prepared.plan.initramfs)])
      await cp(path, join(cache, relative(cacheRoot(), path)), { recursive: true, verbatimSymlinks: true });
    await truncate(join(cache, relative(cacheRoot(), prepared.plan.initramfs)), 1000);

    const args = ['run', 'mptcp', '--kernel', 'deb:6.12', '--dry-run', '--accel', 'tcg'];
    const { exitCode, stderr, stdout } = await multitap(args, { MULTITAP_CACHE: cache });
    expect(stderr).toMatch(
      /The cache entry .*initramfs.* is broken \(initramfs has 1000 bytes instead of \d+\): building it again\./,
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain('net/mptcp:diag.sh');
  });
});

describe('building a root file system', () => {
  it('that fills the disk leaves no half root, and says what to do', async ({ skip }) => {
    const cache = await folderForTest('full');
    // Plenty of bytes, few inodes: the check beforehand passes, and unpacking meets the real ENOSPC.
    const mounted = await execa('mount', ['-t', 'tmpfs', '-o', 'size=5g,nr_inodes=500', 'tmpfs', cache], {
      reject: false,
    });
    if (mounted.failed) skip(`a small disk cannot be mounted here: ${mounted.stderr}`);
    vi.stubEnv('MULTITAP_CACHE', cache);
    try {
      const failure = await buildRootfs(silent, SMALL).catch((error) => error);
      expect(failure).toBeInstanceOf(Trouble);
      expect(failure.message).toMatch(/The disk filled up[\s\S]*nothing half-built was left/);
      expect((await readdir(join(cache, 'rootfs'))).filter((name) => !name.endsWith('.lock'))).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
      await execa('umount', ['-l', cache]);
    }
  });

  it('that is killed leaves nothing that counts, and the next one cleans up and succeeds', async () => {
    const cache = await folderForTest('killed-build');
    const script = `import('${join(import.meta.dirname, '../vm/rootfs/build.ts')}').then(async ({ buildRootfs }) => {
      await buildRootfs({ step: () => ({ update: () => {}, note: () => {}, done: () => {} }) }, ${JSON.stringify(SMALL)});
    })`;
    const builder = execa(process.execPath, ['-e', script], {
      env: { MULTITAP_CACHE: cache },
      reject: false,
    });
    await until('a build has begun', 30_000, async () =>
      (await readdir(join(cache, 'rootfs')).catch(() => [])).some((name) => name.startsWith('.building')),
    );
    await new Promise((resolve) => setTimeout(resolve, 3000));
    builder.kill('SIGKILL');
    await builder;
    const folders = async () =>
      (await readdir(join(cache, 'rootfs'))).filter(
        (name) => !name.endsWith('.lock') && !name.startsWith('.took'),
      );
    expect((await folders()).every((name) => name.startsWith('.building'))).toBe(true);

    vi.stubEnv('MULTITAP_CACHE', cache);
    const notes: string[] = [];
    const progress: Progress = {
      step: () => ({ update: () => {}, note: (text) => notes.push(text), done: () => {} }),
    };
    try {
      // Two at once: one builds, the other waits and finds it.
      const [one, two] = await Promise.all([buildRootfs(progress, SMALL), buildRootfs(progress, SMALL)]);
      expect(one.image).toBe(two.image);
      expect(await folders()).toEqual([one.hash]);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
