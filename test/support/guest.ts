// SPDX-License-Identifier: GPL-2.0-only
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Builder, type Prepared, prepare } from '../../runner/setup.ts';
import { buildSuite } from '../../runner/suites/build.ts';
import { kselftest, settingsTimeout } from '../../runner/suites/kselftest.ts';
import type { PlannedTest } from '../../runner/suites/planned-test.ts';
import { suiteOfCollection } from '../../runner/suites/registry.ts';
import type { ExitReport } from '../../vm/guest/protocol.ts';
import { GUEST_KSELFTEST } from '../../vm/kernel/selftests.ts';
import type { Machine } from '../../vm/machine.ts';
import { silent } from '../../vm/progress.ts';
import { bootQemu } from '../../vm/qemu/machine.ts';
import { inSandbox } from '../../vm/rootfs/sandbox.ts';

/** Debian's 6.12, the root file system and a collection, from the cache that script/test has filled. */
export function preparedGuest(collection: string | null = null): Promise<Prepared> {
  const guest = { kernel: 'deb:6.12', cpus: 2, memoryMb: 1024, accel: 'auto' } as const;
  const build: Builder = ({ kernel, ...at }) =>
    buildSuite(suiteOfCollection(collection!), {
      ...{ ...at, kernel, source: kernel, collections: [collection!], options: {} },
    });
  return prepare(guest, collection === null ? null : build, silent);
}

export function bootGuest(prepared: Prepared, append: string[] = [], timeoutMs = 300_000): Promise<Machine> {
  return bootQemu({ rootfs: prepared.rootfs, plan: { ...prepared.plan, append }, timeoutMs });
}

interface Output extends ExitReport {
  stdout: Buffer;
  stderr: Buffer;
}

/** Runs a program in the guest to its end. */
export async function capture(
  machine: Machine,
  argv: string[],
  more: Partial<Parameters<Machine['exec']>[0]> = {},
  stdin?: Uint8Array,
): Promise<Output> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const execution = machine.exec(
    { argv, ...more },
    {
      onStdout: (chunk) => stdout.push(Buffer.from(chunk)),
      onStderr: (chunk) => stderr.push(Buffer.from(chunk)),
    },
  );
  if (stdin) execution.write(stdin);
  execution.end();
  const exit = await execution.exit;
  return { ...exit, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) };
}

/**
 * A collection of our own scripts, built into a layer as the kernel's are, and a `Prepared` that runs it.
 * `settings` is kselftest's file of that name.
 */
export async function withCollection(
  prepared: Prepared,
  dir: string,
  scripts: Record<string, string>,
  settings = 'timeout=45\n',
): Promise<{ prepared: Prepared; tests: PlannedTest[] }> {
  const install = join(dir, 'layer', GUEST_KSELFTEST);
  const collection = join(install, 'own');
  await mkdir(collection, { recursive: true });
  await writeFile(join(collection, 'settings'), settings);
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(collection, name), `#!/bin/bash\n${script}\n`);
    await chmod(join(collection, name), 0o755);
  }
  const layer = join(dir, 'own.erofs');
  await inSandbox({ root: prepared.rootfs.tree, writable: [dir] }, [
    'mkfs.erofs',
    '-d1',
    '--all-root',
    layer,
    join(dir, 'layer'),
  ]);
  const timeoutS = await settingsTimeout(install, 'own');
  const tests = Object.keys(scripts).map((name) => kselftest('own', name, { timeoutS, seconds: 1 }));
  return {
    prepared: {
      ...prepared,
      built: { version: 'own', layers: [layer], tests, folder: (of) => `${GUEST_KSELFTEST}/${of}` },
      plan: { ...prepared.plan, layers: [...prepared.plan.layers, layer] },
    },
    tests,
  };
}
