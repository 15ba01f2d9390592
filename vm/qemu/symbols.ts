// SPDX-License-Identifier: GPL-2.0-only
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cacheFolder } from '../cache.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Machine } from '../machine.ts';

const TIMEOUT_MS = 60_000;
const BYTES_MAX = 64 * 2 ** 20;
/** The upper half of every address in an x86-64 kernel's image (Documentation/arch/x86/x86_64/mm.rst). */
const KERNEL = 0xffffffffn;
const MODULES = 0xc0000000n;

async function fileOf(kernel: Kernel): Promise<string> {
  return join(await cacheFolder('symbols'), basename(kernel.dir));
}

/**
 * Asks a guest for its kernel's functions and keeps them: where a guest hangs it is too late to ask. They are at the
 * same addresses in each boot (`nokaslr`). Debian has System.map in the packages of debug information only.
 */
export async function learnSymbols(guest: Pick<Machine, 'exec'>, kernel: Kernel): Promise<void> {
  const file = await fileOf(kernel);
  if (await stat(file).catch(() => null)) return;
  const chunks: Buffer[] = [];
  let bytes = 0;
  const execution = guest.exec(
    { argv: ['grep', '-i', '^ffffffff.* [tw] [^[]*$', '/proc/kallsyms'], timeoutMs: TIMEOUT_MS },
    {
      onStdout: (chunk) => {
        bytes += chunk.length;
        if (bytes < BYTES_MAX) chunks.push(Buffer.from(chunk));
      },
    },
  );
  const { code } = await execution.exit;
  if (code !== 0) return;
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, Buffer.concat(chunks));
  await rename(temporary, file);
}

/** A kernel's functions by address. */
export class Symbols {
  #starts: number[] = [];
  #names: string[] = [];

  /** @param map lines of `ffffffff81000000 T _text`, as in /proc/kallsyms and System.map */
  constructor(map: string) {
    const found = [...map.matchAll(/^ffffffff([0-9a-f]{8}) [tTwW] (\S+)$/gm)]
      .map(([, address, name]) => [Number.parseInt(address!, 16), name!] as const)
      .sort(([a], [b]) => a - b);
    const end = found.find(([, name]) => name === '_etext')?.[0] ?? Number.POSITIVE_INFINITY;
    for (const [address, name] of found) {
      // What follows is there while booting only, or data that some kernels call text.
      if (address > end) break;
      // Of several names for one place the kernel uses the first, too.
      if (address === this.#starts.at(-1)) continue;
      this.#starts.push(address);
      this.#names.push(name);
    }
  }

  /** `do_idle+0x1a/0x40`; a module's address as such; null for what is in the text of neither. */
  at(address: bigint): string | null {
    if (address >> 32n === KERNEL && (address & KERNEL) >= MODULES)
      return `0x${address.toString(16)} (a module)`;
    const found = this.#find(address);
    return found && `${found.name}+0x${found.offset.toString(16)}/0x${found.size.toString(16)}`;
  }

  /** `do_idle`; null outside of the kernel's own text. */
  functionAt(address: bigint): string | null {
    return this.#find(address)?.name ?? null;
  }

  #find(address: bigint): { name: string; offset: number; size: number } | null {
    if (address >> 32n !== KERNEL || this.#starts.length === 0) return null;
    const low = Number(address & KERNEL);
    let from = 0;
    let to = this.#starts.length;
    while (to - from > 1) {
      const middle = (from + to) >> 1;
      if (this.#starts[middle]! <= low) from = middle;
      else to = middle;
    }
    const start = this.#starts[from]!;
    const next = this.#starts[to];
    if (low < start || next === undefined) return null;
    return { name: this.#names[from]!, offset: low - start, size: next - start };
  }
}

/** What was learnt of a kernel; null where nothing was. */
export async function loadSymbols(kernel: Kernel): Promise<Symbols | null> {
  const map = await readFile(await fileOf(kernel), 'utf8').catch(() => null);
  return map === null ? null : new Symbols(map);
}
