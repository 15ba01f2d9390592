// SPDX-License-Identifier: GPL-2.0-only
import { existsSync } from 'node:fs';
import { chmod, lstat, mkdtemp, readdir, readlink, rename, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Readable } from 'node:stream';
import { LimitTrouble } from './limits/limits.ts';
import type { Machine } from './machine.ts';
import type { Rootfs } from './rootfs/build.ts';
import { inSandbox } from './rootfs/sandbox.ts';
import { Trouble } from './trouble.ts';

export interface CopyLimits {
  /** Of the archive, and of the files that come out of it, each for itself and together. */
  bytes: number;
  /** Files, folders, links. */
  entries: number;
  /** Wall time. */
  timeoutMs: number;
}

export interface Copied {
  /** Where it is on the host. */
  path: string;
  files: number;
  bytes: number;
  /** What was left out, with the reason: links that lead out of the copy, devices, sockets, pipes. First 100. */
  left: string[];
}

const USUAL: CopyLimits = { bytes: 256 * 2 ** 20, entries: 20_000, timeoutMs: 120_000 };
const LEFT_MAX = 100;
const WORDS_MAX = 4096;
/** Of an archive, for each entry: headers, of which a long name needs two more, and padding. */
const OVERHEAD_BYTES = 4096;
const GRACE_MS = 15_000;
const SIGXFSZ = 25;

/**
 * Copies a file or a folder of the guest's into a folder of the host's, under its own name; bytes, names (also such
 * that are no text), folders, times and links inside it come out as they were; owners and special permissions do not.
 *
 * The guest is not believed: its archive is unpacked in the sandbox, which sees nothing but a new folder, and is
 * looked through before anything gets its name.
 *
 * @throws Trouble where the guest has no such path, sends nonsense, or more than the limits allow, or where the
 *   name is taken; nothing of it is left then. GuestGone where it dies.
 */
export async function copyOut(
  machine: Pick<Machine, 'exec'>,
  rootfs: Rootfs,
  guestPath: string,
  intoDir: string,
  limits: Partial<CopyLimits> = {},
): Promise<Copied> {
  const within = { ...USUAL, ...limits };
  const path = posix.resolve('/', guestPath);
  const name = posix.basename(path);
  const work = await mkdtemp(join(intoDir, '.copying-'));
  try {
    await transfer(machine, rootfs, path, work, within);
    const found = new Sifting(within);
    const root = Buffer.from(join(work, name));
    const fault = await found.sift(root, 0).catch((error: NodeJS.ErrnoException) => error);
    if (fault instanceof Error) throw refusal(path, `cannot be copied: ${fault.message}`);
    if (found.left.length > 0 && found.files + found.folders === 0)
      throw refusal(path, `cannot be copied: ${found.left[0]}`);
    const target = join(intoDir, name);
    if (existsSync(target)) throw refusal(path, `cannot be copied: there is a ${target} already`);
    await rename(join(work, name), target);
    return { path: target, files: found.files, bytes: found.bytes, left: found.left };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function refusal(path: string, fault: string, cause?: unknown): Trouble {
  return new Trouble({ happened: `The guest’s ${path} ${fault}`, cause });
}

/** The guest's tar into the sandbox's. */
async function transfer(
  machine: Pick<Machine, 'exec'>,
  rootfs: Rootfs,
  path: string,
  work: string,
  limits: CopyLimits,
): Promise<void> {
  const refused = Promise.withResolvers<never>();
  const refuse = (fault: string, cause?: unknown) => refused.reject(refusal(path, fault, cause));
  const tooMuch = `has more than ${limits.bytes} bytes`;
  const tooLong = `was not sent within ${limits.timeoutMs / 1000} s`;
  const tar = inSandbox(
    {
      root: rootfs.tree,
      writable: [work],
      cwd: work,
      limits: { diskBytes: limits.bytes, outputBytes: 2 ** 20 },
    },
    // -v: a line for each entry, to be counted before they fill the disk with nothing.
    ['tar', '-xvf', '-', '--no-same-owner', '--no-same-permissions', '--delay-directory-restore'],
    { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe', reject: false, buffer: { stdout: false } },
  );
  tar.stdin.on('error', () => {});
  countLines(tar.stdout, (lines) => {
    if (lines > limits.entries) refuse(`has more than ${limits.entries} entries`);
  });
  let bytes = 0;
  let words = '';
  const execution = machine.exec(
    {
      argv: ['tar', '-cf', '-', '-C', posix.dirname(path), '--', `./${posix.basename(path)}`],
      timeoutMs: limits.timeoutMs,
    },
    {
      onStdout: (chunk) => {
        bytes += chunk.length;
        if (bytes > limits.bytes + OVERHEAD_BYTES * limits.entries) refuse(tooMuch);
        else tar.stdin.write(chunk);
      },
      onStderr: (chunk) => {
        words = (words + chunk.toString('utf8')).slice(0, WORDS_MAX);
      },
    },
  );
  execution.end();
  // The guest's own clock and agent are not believed either.
  const timer = setTimeout(() => refuse(tooLong), limits.timeoutMs + GRACE_MS);
  const sent = execution.exit.then((exit) => {
    if (exit.timedOut) refuse(tooLong);
    // 1: a file changed while it was read, which is its writer's business.
    else if (exit.code > 1 || exit.signal)
      refuse(`could not be read: ${words.trim() || `tar ended with ${exit.code}`}`);
    tar.stdin.end();
  });
  const unpacked = tar.then(
    (result) => {
      // RLIMIT_FSIZE: a file with holes is larger than what there is of it.
      if (result.signal === 'SIGXFSZ' || result.exitCode === 128 + SIGXFSZ) refuse(tooMuch);
      else if (result.failed) refuse(`could not be unpacked: ${result.stderr.slice(0, WORDS_MAX)}`);
    },
    (error) => (error instanceof LimitTrouble ? refuse(tooMuch, error) : refused.reject(error)),
  );
  try {
    await Promise.race([refused.promise, Promise.all([sent, unpacked])]);
    // What refused in the same moment.
    await Promise.race([refused.promise, Promise.resolve()]);
  } finally {
    clearTimeout(timer);
    execution.kill(9);
    sent.catch(() => {});
    tar.kill('SIGKILL');
    await unpacked;
  }
}

function countLines(stream: Readable, onCount: (lines: number) => void): void {
  let lines = 0;
  stream.on('data', (chunk: Buffer) => {
    for (const byte of chunk) if (byte === 10) lines++;
    onCount(lines);
  });
}

/** Goes through an unpacked tree, following no link, and removes what must not stay. Names are bytes. */
class Sifting {
  files = 0;
  folders = 0;
  bytes = 0;
  readonly left: string[] = [];
  #entries = 0;
  #limits: CopyLimits;

  constructor(limits: CopyLimits) {
    this.#limits = limits;
  }

  /** @param depth of the entry below what is copied, which is 0 */
  async sift(path: Buffer, depth: number): Promise<void> {
    const stat = await lstat(path);
    if (++this.#entries > this.#limits.entries) throw new Error('more entries than tar told of');
    if (stat.isDirectory()) {
      this.folders++;
      await chmod(path, 0o755);
      for (const name of await readdir(path, { encoding: 'buffer' }))
        await this.sift(Buffer.concat([path, Buffer.from('/'), name]), depth + 1);
    } else if (stat.isFile()) {
      this.files++;
      this.bytes += stat.size;
      if (this.bytes > this.#limits.bytes) throw new Error(`more than ${this.#limits.bytes} bytes`);
      await chmod(path, stat.mode & 0o100 ? 0o755 : 0o644);
    } else if (stat.isSymbolicLink()) {
      const target = await readlink(path, { encoding: 'buffer' });
      if (!staysInside(target.toString('latin1'), depth))
        await this.#leave(path, `a link to ${target.toString('utf8')}`);
    } else await this.#leave(path, 'neither a file nor a folder');
  }

  async #leave(path: Buffer, why: string): Promise<void> {
    await rm(path);
    if (this.left.length < LEFT_MAX) this.left.push(`${path.toString('utf8').split('/').pop()}: ${why}`);
  }
}

/**
 * Whether a link `depth` levels below the top stays inside: relative, and upwards only at its beginning, where each
 * step leads to a real folder. What follows may go through other links, which are held to the same.
 */
export function staysInside(target: string, depth: number): boolean {
  if (target.startsWith('/')) return false;
  const steps = target.split('/').filter((step) => step !== '.' && step !== '');
  const up = steps.findIndex((step) => step !== '..');
  const ups = up < 0 ? steps.length : up;
  return ups < depth && !steps.slice(ups).includes('..');
}
