// SPDX-License-Identifier: GPL-2.0-only
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../results/store/make-folder.ts';
import type { Kernel } from '../../vm/kernel/kernel.ts';
import type { Machine } from '../../vm/machine.ts';
import type { Rootfs } from '../../vm/rootfs/build.ts';
import { inSandbox } from '../../vm/rootfs/sandbox.ts';
import { UsageTrouble } from '../../vm/trouble.ts';
import { isBuiltWith } from '../kernel-config.ts';
import type { Prepared } from '../setup.ts';
import type { PlannedTest } from '../suites/planned-test.ts';
import { shellInGuest } from './guest-command.ts';
import { lcovOf } from './lcov.ts';

const GCOV = '/sys/kernel/debug/gcov';
const PATIENCE_MS = 600_000;
/** Room for the JSON of a kernel that is profiled whole, and an end for one that has none. */
const MAX_TRACE_BYTES = 512 * 2 ** 20;

/**
 * The files have no size, so that tar would find them empty: they are copied first, as the script of
 * Documentation/dev-tools/gcov.rst does. The links beside them lead to the notes (.gcno) of the build.
 */
const GATHER = `
set -e
dir=$(mktemp -d /dev/shm/gcov.XXXXXX)
cd ${GCOV}
find . -type d -exec mkdir -p "$dir/{}" \\;
find . -name '*.gcda' -exec sh -c 'for f; do cat "$f" > "$0/$f"; done' "$dir" {} +
find . -name '*.gcno' -exec cp -d {} "$dir/{}" \\;
tar -C "$dir" -cf - .
rm -rf "$dir"
`;

export interface CoverageCollector {
  folder: string;
  rootfs: Rootfs;
  /** Where the kernel's notes are. */
  build: Kernel['build'];
}

/**
 * @throws UsageTrouble where the kernel counts nothing, before anything runs on it
 */
export async function checkCoverage(
  { kernel, rootfs }: Prepared,
  folder: string,
): Promise<CoverageCollector> {
  if ((await isBuiltWith(kernel, 'CONFIG_GCOV_KERNEL')) === false)
    throw new UsageTrouble({
      happened: `${kernel.release} was built without CONFIG_GCOV_KERNEL: it counts no coverage.`,
      expected:
        'a kernel with CONFIG_GCOV_KERNEL=y, and CONFIG_GCOV_PROFILE_ALL=y or GCOV_PROFILE in the Makefiles',
      next: 'leave out --coverage; none of Debian’s kernels has it',
    });
  await makeFolder(folder);
  return { folder, rootfs, build: kernel.build };
}

/** Sets all counters to zero. @throws GuestGone where the guest dies meanwhile */
export async function resetCoverage(machine: Machine): Promise<void> {
  await shellInGuest(machine, `echo 1 > ${GCOV}/reset`, PATIENCE_MS);
}

/**
 * Writes `TEST.ATTEMPT.tar`, the counters as gcov reads them, and, where the notes of the build can be read, the
 * lcov trace file `TEST.ATTEMPT.info`.
 *
 * @returns what did not work, which is not the test's fault
 * @throws GuestGone where the guest dies meanwhile
 */
export async function collectCoverage(
  machine: Machine,
  { collection, name, attempt }: PlannedTest & { attempt: number },
  collector: CoverageCollector,
): Promise<string[]> {
  const stem = join(collector.folder, `${collection}.${name}.${attempt}`.replaceAll('/', '.'));
  const failed = await gather(machine, `${stem}.tar`);
  if (failed) return [`coverage: ${failed}`];
  try {
    await writeFile(`${stem}.info`, await tracefile(collector, `${stem}.tar`, name));
    return [];
  } catch (error) {
    return [`coverage: ${stem}.tar could not be turned into an lcov trace file: ${(error as Error).message}`];
  }
}

async function gather(machine: Machine, file: string): Promise<string> {
  const out = createWriteStream(file);
  let said = '';
  const execution = machine.exec(
    { argv: ['/bin/sh', '-c', GATHER], timeoutMs: PATIENCE_MS },
    {
      onStdout: (chunk) => void out.write(Buffer.from(chunk)),
      onStderr: (chunk) => {
        said = `${said}${chunk}`.slice(-500);
      },
    },
  );
  execution.end();
  try {
    const { code, signal } = await execution.exit;
    return code === 0 && signal === 0 ? '' : `the counters could not be read: ${said.trim() || code}`;
  } finally {
    await new Promise((resolve) => out.end(resolve));
  }
}

/** `$1`: the archive. The links to the notes lead to where the kernel was built, `$2`, which is `$3` now. */
const TRACE = `
set -e
tar -C "$0" -xf "$1"
cd "$0"
find . -type l -name '*.gcno' -exec sh -c 'at=$0; now=$1; shift; for link; do
	notes=$(readlink "$link")
	case $notes in "$at"/*) ln -sfn "$now/\${notes#"$at"/}" "$link" ;; esac
done' "$2" "$3" {} +
find . -name '*.gcda' -print0 | xargs -0 -r gcov --json-format --stdout
`;

/** In the sandbox: what comes out of a guest is not trusted, and gcov reads binary files. */
export async function tracefile(
  { folder, rootfs, build }: CoverageCollector,
  tar: string,
  test: string,
): Promise<string> {
  const dir = await mkdtemp(join(folder, '.gcov-'));
  const readable = build ? [build.now] : [];
  try {
    const { stdout } = await inSandbox(
      { root: rootfs.tree, readable, writable: [folder] },
      ['/bin/sh', '-c', TRACE, dir, tar, build?.at ?? '/nowhere', build?.now ?? '/nowhere'],
      { maxBuffer: MAX_TRACE_BYTES },
    );
    return lcovOf(String(stdout), test);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
