// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, hashOf } from '../cache.ts';
import { takeLock } from '../lock.ts';
import { nearest } from '../nearest.ts';
import type { Step } from '../progress.ts';
import type { Rootfs } from '../rootfs/build.ts';
import { aptProxyLines, debianMirror } from '../rootfs/mirror.ts';
import { inSandbox, type SandboxOptions } from '../rootfs/sandbox.ts';
import { Trouble, UsageTrouble } from '../trouble.ts';
import { usualSuites } from './reference.ts';

const INDEX_MAX_AGE_MS = 24 * 3600 * 1000;

/** apt of the root file system, looking at one suite of Debian; signatures are verified by apt itself. */
export interface Apt {
  suite: string;
  /** Package names with this beginning. */
  names(prefix: string): Promise<string[]>;
  /** Name → fields of the newest version, of those binary packages that can be downloaded. */
  show(names: string[]): Promise<Map<string, Record<string, string>>>;
  /** Downloads binary packages (`name` or `name=version`) into `dir`. */
  download(names: string[], dir: string, step: Step): Promise<void>;
  /** Downloads the upstream tarball and Debian's part of a source package into `dir`. */
  source(name: string, version: string, dir: string, step: Step): Promise<void>;
}

/** Nothing answers where the mirror should be: asking it for something else is no use. */
export class MirrorUnreachable extends Trouble {}

function networkTrouble(what: string, output: string): Trouble {
  // What apt fetched before it failed is of no interest.
  const errors = output.split('\n').filter((line) => /^[EW]: /.test(line));
  const tail = (errors.length > 0 ? errors : output.trim().split('\n')).slice(-2).join('\n');
  const full = /No space left on device/.test(output);
  const unreachable =
    /Could not connect|Unable to connect|Connection (refused|timed out|failed)|Could not resolve|Temporary failure|Network is unreachable/;
  const Kind = unreachable.test(output) ? MirrorUnreachable : Trouble;
  return new Kind({
    happened: `${what} failed${full ? ': the disk is full' : ''}.\n${tail}`,
    expected: 'Debian’s mirror as apt is configured for it, or MULTITAP_MIRROR',
    next: full ? 'free some space, or set MULTITAP_CACHE to a larger disk' : 'check with: apt-get update',
  });
}

function noSuite(suite: string): UsageTrouble {
  return new UsageTrouble({
    happened: `The mirror has no suite ${JSON.stringify(suite)}.`,
    expected: `a Debian suite, such as ${nearest(suite, usualSuites).slice(0, 3).join(', ')}`,
    next: 'multitap kernel list',
  });
}

/** Shows `dlstatus:1:20.58:…` of APT::Status-Fd, which counts in percent, as bytes of `total`. */
function followStatus(line: string, total: number, step: Step): void {
  const status = /^dlstatus:[^:]*:([\d.]+):/.exec(line);
  if (status)
    step.update({ text: 'downloading', done: (Number(status[1]) / 100) * total, total, unit: 'bytes' });
}

/** The sum of the sizes in `'URI' file size hash` lines of `--print-uris`. */
function totalBytes(uris: string): number {
  return [...uris.matchAll(/^'[^']*' \S+ (\d+)/gm)].reduce((sum, [, size]) => sum + Number(size), 0);
}

function fields(stanza: string): Record<string, string> {
  return Object.fromEntries([...stanza.matchAll(/^([A-Za-z0-9-]+): (.*)$/gm)].map((m) => [m[1]!, m[2]!]));
}

/**
 * Opens one suite. The index is fetched when it is missing or older than a day; without network an old one
 * is used, and said so.
 *
 * @throws Trouble where there is neither network nor index, or no such suite
 */
export async function openApt(rootfs: Rootfs, suite: string, step: Step): Promise<Apt> {
  if (!/^[a-z][a-z0-9-]*$/.test(suite)) throw noSuite(suite);
  const mirror = await debianMirror();
  const home = await cacheFolder('apt', `${suite}-${hashOf(mirror)}`);
  await mkdir(join(home, 'lists', 'partial'), { recursive: true });
  await mkdir(join(home, 'archives', 'partial'), { recursive: true });
  await writeFile(join(home, 'status'), '');
  const signed = '[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]';
  await writeFile(
    join(home, 'sources.list'),
    `deb ${signed} ${mirror} ${suite} main\ndeb-src ${signed} ${mirror} ${suite} main\n`,
  );
  const settings = {
    'Dir::State': home,
    'Dir::State::lists': join(home, 'lists'),
    'Dir::State::status': join(home, 'status'),
    'Dir::Cache': home,
    'Dir::Cache::archives': join(home, 'archives'),
    'Dir::Etc::SourceList': join(home, 'sources.list'),
    'Dir::Etc::SourceParts': '/dev/null',
    'APT::Sandbox::User': 'root',
    'APT::Architecture': 'amd64',
    'APT::Get::Assume-Yes': 'true',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '3',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";`);
  // A proxy's address may hold a password.
  await writeFile(join(home, 'apt.conf'), [...lines, ...(await aptProxyLines()), ''].join('\n'), {
    mode: 0o600,
  });
  const sandbox: SandboxOptions = {
    root: rootfs.tree,
    network: true,
    writable: [home],
    env: { APT_CONFIG: join(home, 'apt.conf'), DEBIAN_FRONTEND: 'noninteractive' },
  };

  const stamp = join(home, 'updated');
  const updatedAt = await stat(stamp).then(
    (found) => found.mtimeMs,
    () => 0,
  );
  if (Date.now() - updatedAt > INDEX_MAX_AGE_MS) {
    step.update({ text: `index of ${suite}` });
    const lock = await takeLock(join(home, 'lock'));
    const result = await inSandbox(
      sandbox,
      ['apt-get', '-o', 'Acquire::Retries=1', 'update', '--error-on=any'],
      {
        reject: false,
        all: true,
      },
    );
    await lock.release();
    if (!result.failed) await writeFile(stamp, '');
    else if (/does not have a Release file|404 +Not Found/.test(result.all)) throw noSuite(suite);
    else if (updatedAt === 0) throw networkTrouble(`Fetching the index of ${suite}`, result.all);
    else {
      step.note(
        `The index of ${suite} could not be renewed; using the one of ${new Date(updatedAt).toISOString()}.`,
      );
    }
  }

  /** Runs `apt-get ARGS…` in `dir`, following its downloads. */
  async function fetching(args: string[], dir: string, step: Step, what: string): Promise<void> {
    const { stdout: uris } = await inSandbox(sandbox, ['apt-get', '--print-uris', ...args], {
      reject: false,
    });
    const total = totalBytes(uris);
    const run = inSandbox(
      { ...sandbox, writable: [home, dir], cwd: dir },
      ['sh', '-c', 'exec "$@" 3>&1 1>&2', 'sh', 'apt-get', '-o', 'APT::Status-Fd=3', ...args],
      { reject: false, lines: false },
    );
    let rest = '';
    run.stdout.on('data', (chunk: Buffer) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) followStatus(line, total, step);
    });
    const result = await run;
    if (result.failed) throw networkTrouble(what, result.stderr);
  }

  return {
    suite,
    names: async (prefix) => {
      const { stdout } = await inSandbox(sandbox, ['apt-cache', 'pkgnames', prefix]);
      return stdout.split('\n').filter(Boolean).sort();
    },
    show: async (names) => {
      if (names.length === 0) return new Map();
      const { stdout } = await inSandbox(sandbox, ['apt-cache', 'show', '--no-all-versions', ...names], {
        reject: false,
      });
      const stanzas = stdout.split('\n\n').map(fields);
      return new Map(stanzas.flatMap((stanza) => (stanza.Package ? [[stanza.Package, stanza]] : [])));
    },
    download: (names, dir, step) =>
      fetching(['download', ...names], dir, step, `Downloading ${names.join(', ')}`),
    source: (name, version, dir, step) =>
      fetching(
        ['source', '--download-only', '--tar-only', `${name}=${version}`],
        dir,
        step,
        `Downloading the source of ${name} ${version}`,
      ),
  };
}
