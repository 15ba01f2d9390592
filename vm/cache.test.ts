// SPDX-License-Identifier: GPL-2.0-only
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { cached, cacheFolder, cacheRoot, dropDamaged, type EntryPlan, hashOf, listEntries } from './cache.ts';
import type { Progress } from './progress.ts';
import { Trouble } from './trouble.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'multitap-cache-'));
  vi.stubEnv('MULTITAP_CACHE', root);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});

/** What was said, by kind. */
function listener() {
  const said: { titles: string[]; expected: (number | undefined)[]; notes: string[]; ends: string[] } = {
    titles: [],
    expected: [],
    notes: [],
    ends: [],
  };
  const progress: Progress = {
    step: (title, expectedMs) => {
      said.titles.push(title);
      said.expected.push(expectedMs);
      return {
        update: () => {},
        note: (text) => said.notes.push(text),
        done: (text) => said.ends.push(text),
      };
    },
  };
  return { said, progress };
}

interface Facts {
  made: number;
}

/** An entry of two files; `made` counts how often it was. */
async function plan(change: Partial<EntryPlan<Facts>> = {}) {
  const { said, progress } = listener();
  let made = 0;
  const entry: EntryPlan<Facts> = {
    dir: join(await cacheFolder('things'), 'thing'),
    title: 'Thing',
    expectedMs: 1000,
    needBytes: 1,
    progress,
    build: async (dir) => {
      made++;
      await writeFile(join(dir, 'small'), `made ${made}\n`);
      await writeFile(join(dir, 'large'), Buffer.alloc(300_000, `${made}`));
      return { facts: { made }, files: ['small', 'large'], said: 'made' };
    },
    ...change,
  };
  return { entry, said, made: () => made };
}

describe('where things are', () => {
  test('the cache’s root', () => {
    expect(cacheRoot({ MULTITAP_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
    expect(cacheRoot({ XDG_CACHE_HOME: '/b' })).toBe('/b/multitap');
    expect(cacheRoot({ XDG_CACHE_HOME: '' })).toMatch(/\/\.cache\/multitap$/);
  });

  test('a folder is made where it is asked for', async () => {
    expect(await cacheFolder('x', 'y')).toBe(join(root, 'x', 'y'));
    expect((await stat(join(root, 'x', 'y'))).isDirectory()).toBe(true);
  });
});

test.each(['/proc/no/such', '/dev/null/below'])('a cache that cannot be made: %s', async (path) => {
  vi.stubEnv('MULTITAP_CACHE', path);
  const failed = expect(cacheFolder('x')).rejects;
  await failed.toThrow(Trouble);
  await failed.toThrow(/^The cache cannot be used: .*/);
});

describe('hashOf', () => {
  test('is 16 digits and tells texts and bytes by their content', () => {
    expect(hashOf('a')).toMatch(/^[0-9a-f]{16}$/);
    expect(hashOf('a')).toBe(hashOf(Buffer.from('a')));
  });

  test('tells where one part ends and the next begins', () => {
    const parts = fc.array(fc.string({ unit: fc.constantFrom('a', '1', ':', '2') }));
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(hashOf(...a) === hashOf(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });
});

describe('an entry', () => {
  test('is built once, and found from then on without a word', async () => {
    const { entry, said, made } = await plan();
    expect(await cached(entry)).toEqual({ dir: entry.dir, facts: { made: 1 }, built: true });
    expect(said).toMatchObject({ titles: ['Thing'], ends: ['made'] });
    expect(await cached(entry)).toEqual({ dir: entry.dir, facts: { made: 1 }, built: false });
    expect(made()).toBe(1);
    expect(said.titles).toHaveLength(1);
    expect(await readFile(join(entry.dir, 'small'), 'utf8')).toBe('made 1\n');
  });

  test('takes as long as the last one of its kind', async () => {
    const { entry, said } = await plan();
    await cached(entry);
    await cached({ ...entry, dir: `${entry.dir}-2` });
    expect(said.expected[0]).toBe(1000);
    expect(said.expected[1]).toBeLessThan(900);
  });

  test('of another sort takes its own time', async () => {
    const one = await plan();
    await cached(one.entry);
    const other = await plan({ dir: join(await cacheFolder('things'), 'slow thing'), alike: 'slow' });
    await cached(other.entry);
    expect(other.said.expected).toEqual([1000]);
  });

  test('that could not be built is not there, and can be built the next time', async () => {
    const { entry, made } = await plan();
    const build: typeof entry.build = async (dir) => {
      await writeFile(join(dir, 'half'), 'x');
      throw new Trouble({ happened: 'No network.' });
    };
    await expect(cached({ ...entry, build })).rejects.toThrow('No network.');
    expect((await readdir(join(root, 'things'))).filter((name) => !name.endsWith('.lock'))).toEqual([]);
    expect((await cached(entry)).built).toBe(true);
    expect(made()).toBe(1);
  });

  test('that names a file which it did not make is not kept', async () => {
    const { entry } = await plan({ build: async () => ({ facts: { made: 1 }, files: ['none'], said: '' }) });
    await expect(cached(entry)).rejects.toThrow(/ENOENT/);
    await expect(stat(entry.dir)).rejects.toThrow(/ENOENT/);
  });

  test('without disk for it is not begun', async () => {
    const { entry, made } = await plan({ needBytes: 2 ** 60 });
    const failure = await cached(entry).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(Trouble);
    expect((failure as Trouble).message).toMatch(
      / MiB free\.\nExpected: 1099511627776 MiB .*\nDo: .*MULTITAP_CACHE/,
    );
    expect(made()).toBe(0);
  });

  test('of which a guest is booted can be read in full, and is built again where it changed in its middle', async () => {
    const { entry, made } = await plan({ hashed: true });
    const [small, large] = ['small', 'large'].map((name) => join(entry.dir, name)) as [string, string];
    await cached(entry);
    expect(await dropDamaged([small, large, join(root, 'no', 'entry')])).toBeNull();
    await writeFile(large, Buffer.alloc(300_000, '1').fill('x', 100_000, 100_001));
    expect((await cached(entry)).built).toBe(false);
    expect(await dropDamaged([small, large])).toBe(large);
    expect((await cached(entry)).built).toBe(true);
    expect(made()).toBe(2);
  });

  test('that nobody hashed is not taken for damaged', async () => {
    const { entry } = await plan();
    await cached(entry);
    await writeFile(join(entry.dir, 'large'), 'x');
    expect(await dropDamaged([join(entry.dir, 'large')])).toBeNull();
  });

  test('is listed with its facts; a broken one without', async () => {
    const { entry } = await plan();
    await cached(entry);
    await cached({ ...entry, dir: join(root, 'things', 'other') });
    await truncate(join(root, 'things', 'other', 'small'), 1);
    const listed = await listEntries<Facts>('things');
    expect(listed.map(({ name, facts }) => [name, facts])).toEqual([
      ['other', null],
      ['thing', { made: 1 }],
    ]);
    expect(await listEntries('nothing')).toEqual([]);
  });
});

describe('a damaged entry is noticed, said and built again', () => {
  test.each<[string, (dir: string) => Promise<void>, RegExp]>([
    ['truncated', (dir) => truncate(join(dir, 'large'), 1000), /large has 1000 bytes instead of 300000/],
    ['emptied', (dir) => truncate(join(dir, 'large'), 0), /large has 0 bytes/],
    [
      'overwritten with as many bytes',
      (dir) => writeFile(join(dir, 'small'), 'MADE 1\n'),
      /small is not the file that was written/,
    ],
    [
      'overwritten, with its time put back',
      async (dir) => {
        const { atime, mtime } = await stat(join(dir, 'large'));
        await writeFile(join(dir, 'large'), Buffer.alloc(300_000, 'x'));
        await utimes(join(dir, 'large'), atime, mtime);
      },
      /large is not the file/,
    ],
    [
      'with its end zeroed, as after a crash of the host',
      async (dir) => {
        await truncate(join(dir, 'large'), 290_000);
        await truncate(join(dir, 'large'), 300_000);
      },
      /large is not the file/,
    ],
    ['without a file', (dir) => rm(join(dir, 'small')), /ENOENT/],
    ['without its manifest', (dir) => rm(join(dir, 'entry.json')), /ENOENT/],
    ['with half a manifest', (dir) => truncate(join(dir, 'entry.json'), 20), /JSON/],
    ['with an empty manifest', (dir) => writeFile(join(dir, 'entry.json'), '{}'), /broken/],
    [
      'that is a file',
      async (dir) => {
        await rm(dir, { recursive: true });
        await writeFile(dir, '');
      },
      /ENOTDIR/,
    ],
  ])('%s', async (_, damage, fault) => {
    const { entry, said } = await plan();
    await cached(entry);
    await damage(entry.dir);
    expect(await cached(entry)).toMatchObject({ built: true, facts: { made: 2 } });
    expect(said.notes).toHaveLength(1);
    expect(said.notes[0]).toMatch(fault);
    expect(said.notes[0]).toContain(`${entry.dir} is broken`);
    expect(await readFile(join(entry.dir, 'small'), 'utf8')).toBe('made 2\n');
    expect((await cached(entry)).built).toBe(false);
  });
});

/** Another multitap that builds the same entry, and appends a line to `log` for every build that it begins. */
function builder(dir: string, log: string, buildMs: number): ChildProcess {
  const code = `
    import { appendFileSync, writeFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    const { cached } = await import(${JSON.stringify(join(import.meta.dirname, 'cache.ts'))});
    const { silent } = await import(${JSON.stringify(join(import.meta.dirname, 'progress.ts'))});
    const entry = await cached({
      dir: ${JSON.stringify(dir)}, title: 'Thing', expectedMs: 1, needBytes: 1, progress: silent,
      build: async (dir) => {
        appendFileSync(${JSON.stringify(log)}, 'began\\n');
        writeFileSync(dir + '/half', 'x'.repeat(100));
        console.log('building');
        await sleep(${buildMs});
        writeFileSync(dir + '/whole', String(process.pid));
        return { facts: process.pid, files: ['whole'], said: '' };
      },
    });
    console.log(JSON.stringify(entry));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

async function lastLine(child: ChildProcess): Promise<{ facts: number; built: boolean }> {
  let output = '';
  for await (const chunk of child.stdout!) output += chunk;
  return JSON.parse(output.trim().split('\n').at(-1)!);
}

describe('several multitaps', () => {
  test('that want the same entry build it once', async () => {
    const dir = join(await cacheFolder('things'), 'shared');
    const log = join(root, 'log');
    const results = await Promise.all([1, 2, 3].map(() => lastLine(builder(dir, log, 300))));
    expect(await readFile(log, 'utf8')).toBe('began\n');
    expect(results.filter(({ built }) => built)).toHaveLength(1);
    expect(new Set(results.map(({ facts }) => facts)).size).toBe(1);
  });

  test('one that is killed leaves no half entry, and the next removes what it left', async () => {
    const dir = join(await cacheFolder('things'), 'killed');
    const log = join(root, 'log');
    const child = builder(dir, log, 60_000);
    await once(child.stdout!, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    await expect(stat(dir)).rejects.toThrow(/ENOENT/);
    const left = await readdir(join(root, 'things'));
    expect(left.some((name) => name.startsWith('.building-killed-'))).toBe(true);
    expect(await listEntries('things')).toEqual([]);

    expect((await lastLine(builder(dir, log, 0))).built).toBe(true);
    const now = await readdir(join(root, 'things'));
    expect(now.filter((name) => name.startsWith('.building-'))).toEqual([]);
    expect(await readdir(dir)).toEqual(['entry.json', 'half', 'whole']);
  });

  test('one leaves alone what another builds under a longer name', async () => {
    const { entry } = await plan();
    const others = join(root, 'things', '.building-thing-debug-AbC123');
    await mkdir(others);
    await mkdir(join(root, 'things', '.building-thing-AbC123'));
    await cached(entry);
    const left = (await readdir(join(root, 'things'))).filter((name) => name.startsWith('.building-'));
    expect(left).toEqual(['.building-thing-debug-AbC123']);
  });
});
