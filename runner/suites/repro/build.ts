// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, cacheFolder, hashOf } from '../../../vm/cache.ts';
import { LimitTrouble } from '../../../vm/limits/limits.ts';
import type { Progress } from '../../../vm/progress.ts';
import type { Rootfs } from '../../../vm/rootfs/build.ts';
import { inSandbox } from '../../../vm/rootfs/sandbox.ts';

/** Where reproducers are in the guest. */
export const GUEST_REPRO = '/opt/repro';

/** A reproducer's source. */
export interface Source {
  /** Of its file, without the folder: `crash.c`. */
  name: string;
  text: Buffer;
}

/** What came of compiling them: for each, in order, null or what the compiler said. */
export interface Compiled {
  layer: string;
  key: string;
  errors: (string | null)[];
}

/** Of each way; what it says is worth no more. */
const MAX_WORDS = 2000;

/** As syzkaller's own csource builds them; dynamic where a library has no static half. -w: their warnings are many. */
const WAYS = [['-static'], []];

/** The program of the nth reproducer: its own name may be anything. */
export const programOf = (index: number) => `repro${index}`;

/**
 * Compiles reproducers in the sandbox, one after the other, into one erofs layer; cached by their text. One that does
 * not compile does not stop the others.
 */
export async function compile(
  rootfs: Rootfs,
  sources: readonly Source[],
  progress: Progress,
): Promise<Compiled> {
  const key = hashOf(rootfs.hash, '1', ...sources.flatMap(({ name, text }) => [name, text]));
  const entry = await cached<Pick<Compiled, 'errors'>>({
    hashed: true,
    dir: join(await cacheFolder('repro'), key),
    title: `Reproducers ${key}`,
    expectedMs: 2_000 * sources.length,
    needBytes: sources.length * 2 ** 22,
    progress,
    build: async (dir, step) => {
      const layer = join(dir, 'layer', GUEST_REPRO);
      await mkdir(layer, { recursive: true });
      const errors: (string | null)[] = [];
      for (const [i, { name, text }] of sources.entries()) {
        step.update({ text: name, done: i, total: sources.length });
        errors.push(await compileOne(rootfs, dir, { name, text }, join(layer, programOf(i))));
      }
      await inSandbox({ root: rootfs.tree, writable: [dir] }, [
        'mkfs.erofs',
        '-d1',
        '--all-root',
        '-T0',
        join(dir, 'repro.erofs'),
        join(dir, 'layer'),
      ]);
      const failed = errors.filter((error) => error !== null).length;
      const said = `${sources.length - failed} compiled${failed > 0 ? `, ${failed} not` : ''}`;
      return { facts: { errors }, files: ['repro.erofs'], said };
    },
  });
  return { layer: join(entry.dir, 'repro.erofs'), key, errors: entry.facts.errors };
}

/** Null, or the compiler's words, its last attempt's. */
async function compileOne(
  rootfs: Rootfs,
  dir: string,
  { name, text }: Source,
  to: string,
): Promise<string | null> {
  const folder = join(dir, 'work');
  await mkdir(folder, { recursive: true });
  // Under its own name: the compiler's words have it.
  const source = join(folder, name);
  await writeFile(source, text);
  let words = '';
  for (const way of WAYS) {
    const argv = ['gcc', ...way, '-O1', '-w', '-pthread', '-o', to, name];
    const sandbox = { root: rootfs.tree, readable: [folder], writable: [join(dir, 'layer')], cwd: folder };
    try {
      const made = await inSandbox({ ...sandbox, limits: { wallMs: 120_000, diskBytes: 2 ** 28 } }, argv, {
        ...{ reject: false, all: true },
      });
      if (!made.failed) return null;
      words = made.all;
    } catch (error) {
      if (!(error instanceof LimitTrouble)) throw error;
      words = error.message;
    }
  }
  return words.slice(0, MAX_WORDS).trim() || 'gcc failed without a word';
}
