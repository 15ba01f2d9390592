// SPDX-License-Identifier: GPL-2.0-only
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, type Options } from 'execa';
import { onTestFinished } from 'vitest';

export const root = join(import.meta.dirname, '../..');
export const launcher = join(root, 'bin/multitap.cjs');

/** A folder that is gone when the test (or the suite's hook) is over. */
export async function temporaryFolder(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), `multitap-test-${name}-`));
}

export async function folderForTest(name: string): Promise<string> {
  const dir = await temporaryFolder(name);
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Starts the program as a user would; its result never rejects. */
export function multitap<T extends Options = Record<never, never>>(
  args: string[],
  env: Record<string, string> = {},
  options?: T,
) {
  return execa(launcher, args, { reject: false, stdin: 'ignore', env, ...options } as const);
}

/** Process ids of QEMUs whose command line names the folder prefix of our machines and `mark`. */
export async function qemus(mark: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (line.startsWith('qemu-system-x86_64\0') && line.includes(mark)) found.push(Number(name));
  }
  return found;
}

/** Polls until the condition holds; throws with `what` after `timeoutMs`. */
export async function until(
  what: string,
  timeoutMs: number,
  condition: () => Promise<boolean>,
): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
