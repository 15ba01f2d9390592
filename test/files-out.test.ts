// SPDX-License-Identifier: GPL-2.0-only
// Files out of a real guest, whose tar is not to be believed.
import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Prepared } from '../runner/setup.ts';
import { type Copied, type CopyLimits, copyOut } from '../vm/files-out.ts';
import type { Machine } from '../vm/machine.ts';
import { inSandbox } from '../vm/rootfs/sandbox.ts';
import { Trouble } from '../vm/trouble.ts';
import { bootGuest, capture, preparedGuest } from './support/guest.ts';
import { folderForTest } from './support/program.ts';
import { all } from './support/slow.ts';

let prepared: Prepared;
let machine: Machine;

beforeAll(async () => {
  prepared = await preparedGuest();
  machine = await bootGuest(prepared);
});

afterAll(async () => {
  await machine?.dispose();
});

type Tree = Map<string, Buffer | Tree>;

/** A tree's paths, as bytes, with what is there. */
async function listing(path: Buffer, into: string[] = []): Promise<string[]> {
  const stat = await lstat(path);
  const at = path.toString('hex');
  if (stat.isDirectory()) {
    into.push(`${at} folder`);
    const names = await readdir(path, { encoding: 'buffer' });
    for (const name of names.sort(Buffer.compare))
      await listing(Buffer.concat([path, Buffer.from('/'), name]), into);
  } else if (stat.isSymbolicLink()) into.push(`${at} → ${await readlink(path)}`);
  else into.push(`${at} ${stat.mode & 0o100 ? 'x ' : ''}${(await readFile(path)).toString('hex')}`);
  return into;
}

async function plant(path: Buffer, tree: Tree): Promise<void> {
  await mkdir(path);
  for (const [hex, entry] of tree) {
    const below = Buffer.concat([path, Buffer.from('/'), Buffer.from(hex, 'hex')]);
    if (entry instanceof Map) await plant(below, entry);
    else await writeFile(below, entry, { mode: entry.length % 2 ? 0o755 : 0o600 });
  }
}

/** Names of any bytes that a file system takes. */
const name = fc
  .uint8Array({ minLength: 1, maxLength: 200 })
  .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0 || byte === 47 ? 10 : byte))).toString('hex'))
  .filter((hex) => hex !== '2e' && hex !== '2e2e');
const { tree } = fc.letrec<{ tree: Tree; entry: Buffer | Tree }>((tie) => ({
  entry: fc.oneof(
    { depthSize: 'small' },
    fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
    tie('tree'),
  ),
  tree: fc.array(fc.tuple(name, tie('entry')), { maxLength: 5 }).map((entries) => new Map(entries)),
}));

describe('what comes out of a guest', () => {
  it('is what was in it, whatever its names and bytes', async () => {
    const dir = await folderForTest('copy');
    let n = 0;
    await fc.assert(
      fc.asyncProperty(tree, async (made) => {
        const work = join(dir, String(n++));
        await mkdir(join(work, 'out'), { recursive: true });
        await plant(Buffer.from(join(work, 'tree')), made);
        await symlink('../tree', join(work, 'tree/up')).catch(() => {});
        await symlink('no/such/file', join(work, 'tree/dangling')).catch(() => {});
        const expected = await listing(Buffer.from(join(work, 'tree')));
        const sandbox = { root: prepared.rootfs.tree, readable: [work] };
        const archive = await inSandbox(sandbox, ['tar', '-C', work, '-cf', '-', 'tree'], {
          encoding: 'buffer',
        });
        const unpack = 'rm -rf /tmp/in && mkdir -p /tmp/in && tar -C /tmp/in -xf -';
        await capture(machine, ['sh', '-c', unpack], {}, archive.stdout);
        const copied = await copyOut(machine, prepared.rootfs, '/tmp/in/tree', join(work, 'out'));
        const prefix = Buffer.from(join(work, 'out')).toString('hex');
        const found = (await listing(Buffer.from(copied.path))).map((line) =>
          line.replace(prefix, Buffer.from(work).toString('hex')),
        );
        // `up` leads from the top of the copy to its parent: the one link that must not come out.
        expect(found).toEqual(expected.filter((line) => !line.endsWith('→ ../tree')));
        expect(copied.left).toEqual(['up: a link to ../tree']);
      }),
      { numRuns: all ? 200 : 5 },
    );
  });

  it('is one file where one was asked for, which cannot be there twice', async () => {
    const dir = await folderForTest('one');
    const bytes = randomBytes(100_000);
    await capture(machine, ['sh', '-c', 'cat > "/tmp/-one file"'], {}, bytes);
    const copied = await copyOut(machine, prepared.rootfs, '/tmp/-one file', dir);
    expect(copied).toEqual({ path: join(dir, '-one file'), files: 1, bytes: 100_000, left: [] });
    expect((await readFile(copied.path)).equals(bytes)).toBe(true);
    await expect(copyOut(machine, prepared.rootfs, '/tmp/-one file', dir)).rejects.toThrow(/already/);
    const missing = copyOut(machine, prepared.rootfs, '/no/such', dir);
    await expect(missing).rejects.toThrow(/^The guest’s \/no\/such could not be read: tar: .*Cannot/);
    expect(await readdir(dir)).toEqual(['-one file']);
  });
});

/** A header of POSIX’s ustar, and what follows it. */
function entry(
  path: string,
  type: string,
  { link = '', size = 0, content = Buffer.alloc(size) } = {},
): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(path, 0, 100, 'latin1');
  header.write(octal(0o4777, 7), 100);
  header.write(octal(0, 7) + octal(0, 7), 108);
  header.write(octal(size || content.length, 11), 124);
  header.write(octal(0, 11), 136);
  header.write(`        ${type}`, 148);
  header.write(link, 157, 100, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.write(octal(1, 7) + octal(3, 7), 329);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return Buffer.concat([header, content, padding]);
}

const text = { content: Buffer.from('escaped\n') };
const end = Buffer.alloc(1024);

describe('a guest whose tar lies', () => {
  /** Copies what `script` says instead of tar; what lies beside the copy is told, too. */
  async function copyLie(script: string, limits: Partial<CopyLimits> = {}, archive: Buffer[] = []) {
    const dir = await folderForTest('lie');
    const into = join(dir, 'into');
    await mkdir(into);
    await capture(machine, ['sh', '-c', 'cat > /tmp/lie.tar'], {}, Buffer.concat([...archive, end]));
    const lie = `printf '#!/bin/sh\\n%s\\n' "$1" > /usr/local/bin/tar; chmod 755 /usr/local/bin/tar`;
    await capture(machine, ['sh', '-c', lie, 'sh', script]);
    const outcome = await copyOut(machine, prepared.rootfs, '/tmp/name', into, limits).catch(
      (error) => error,
    );
    await capture(machine, ['rm', '/usr/local/bin/tar']);
    expect(await readdir(dir)).toEqual(['into']);
    return { outcome: outcome as Copied | Error, into, names: await readdir(into) };
  }

  it.each<[string, Buffer[]]>([
    ['upwards', [entry('name', '5'), entry('name/../../escaped', '0', text)]],
    ['to an absolute path', [entry('name', '5'), entry('/tmp/escaped', '0', text)]],
    [
      'through a link',
      [entry('name', '5'), entry('name/l', '2', { link: '..' }), entry('name/l/escaped', '0', text)],
    ],
    [
      'through an absolute link',
      [entry('name', '5'), entry('name/l', '2', { link: '/tmp' }), entry('name/l/escaped', '0', text)],
    ],
    ['by a hard link', [entry('name', '5'), entry('name/passwd', '1', { link: '/etc/passwd' })]],
    ['beside what was asked for', [entry('name', '5'), entry('other', '0', text)]],
    ['as a device', [entry('name', '5'), entry('name/mem', '3')]],
  ])('writes nothing %s', async (_, archive) => {
    const { outcome, into, names } = await copyLie('cat /tmp/lie.tar', {}, archive);
    if (outcome instanceof Error) {
      expect(outcome).toBeInstanceOf(Trouble);
      expect(names).toEqual([]);
    } else {
      expect(names).toEqual(['name']);
      expect(await readdir(join(into, 'name'))).toEqual([]);
    }
  });

  it('sends links and pipes: they are left out, and told', async () => {
    const archive = [
      entry('name', '5'),
      entry('name/kept', '0', text),
      entry('name/passwd', '2', { link: '/etc/passwd' }),
      entry('name/up', '2', { link: 'x/../../..' }),
      entry('name/pipe', '6'),
    ];
    const { outcome, into } = await copyLie('cat /tmp/lie.tar', {}, archive);
    expect(outcome).toMatchObject({ files: 1 });
    expect((outcome as Copied).left.sort()).toEqual([
      'passwd: a link to /etc/passwd',
      'pipe: neither a file nor a folder',
      'up: a link to x/../../..',
    ]);
    expect(await readdir(join(into, 'name'))).toEqual(['kept']);
    expect((await lstat(join(into, 'name/kept'))).mode & 0o7777).toBe(0o755);
  });

  it.each<[string, string, Buffer[], RegExp]>([
    [
      '10 GB',
      'cat /tmp/lie.tar; cat /dev/zero',
      [entry('name', '0', { size: 8 ** 11 - 1, content: Buffer.alloc(0) })],
      /bytes/,
    ],
    ['a thousand files', 'cat /tmp/lie.tar', Array(1000).fill(entry('name', '0')), /more than 500 entries/],
    ['an archive without end', 'while :; do cat /tmp/lie.tar; done', [entry('name', '5')], /bytes|not sent/],
    ['nothing, for ever', 'sleep 1000', [], /was not sent within 5 s/],
    ['nonsense', 'echo this is no archive', [], /could not be unpacked/],
    ['an empty archive', 'head -c 10240 /dev/zero', [], /cannot be copied/],
  ])('sends %s: refused, and nothing of it stays', async (_, script, archive, why) => {
    const { outcome, names } = await copyLie(
      script,
      { bytes: 2 ** 20, entries: 500, timeoutMs: 5000 },
      archive,
    );
    expect(outcome).toBeInstanceOf(Trouble);
    expect((outcome as Error).message).toMatch(why);
    expect(names).toEqual([]);
  });
});
