// SPDX-License-Identifier: GPL-2.0-only
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root, temporaryFolder } from './support/program.ts';
import { all, whyNot } from './support/slow.ts';

// Follows docs/how-to/add-a-suite.md in a copy of the tree. Its own test of the suite boots once more: --all.

let copy: string;
let page: string;

/** The code blocks of the page: their language and text, and the file that the line above names. */
function blocks(): { language: string; file: string | null; text: string }[] {
  return [...page.matchAll(/([^\n]*)\n\n```(\w+)\n(.*?)^```/gms)].map(([, before, language, text]) => ({
    ...{ language: language!, text: text! },
    file: /`([\w./-]+\.ts)`:$/.exec(before!)?.[1] ?? null,
  }));
}

/** Applies a diff whose hunks tell no line numbers: what they show has to be there once. */
async function apply(diff: string): Promise<void> {
  const [, file] = /^\+\+\+ b\/(.+)$/m.exec(diff)!;
  let text = await readFile(join(copy, file!), 'utf8');
  for (const hunk of diff.split(/^@@\n/m).slice(1)) {
    const lines = hunk.split('\n').slice(0, -1);
    const side = (mark: string) =>
      lines
        .flatMap((line) =>
          line[0] === mark || line[0] !== (mark === '-' ? '+' : '-') ? [`${line.slice(1)}\n`] : [],
        )
        .join('');
    expect(text.split(side('-')).length, `${file} has\n${side('-')}`).toBe(2);
    text = text.replace(side('-'), () => side('+'));
  }
  await writeFile(join(copy, file!), text);
}

/** What does not depend on the machine, the day, what is in the cache already, or which stream was read first. */
function normal(terminal: string): string[] {
  return terminal
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(\$ |… |✓ (?!pass|Run)| {2}VM )/.test(line))
    .map((line) =>
      line
        .replace(/\(\d+(\.\d+)? m?s\)/, '(TIME)')
        .replace(/\(\d+:\d\d\)/, '(TIME)')
        .replace(/\d+\.\d+\.\d+-[\w.+~]+/, 'VERSION'),
    )
    .sort();
}

const inCopy = (file: string, args: string[]) =>
  execa(file, args, { cwd: copy, reject: false, all: true, preferLocal: true, localDir: root });

beforeAll(async () => {
  page = await readFile(join(root, 'docs/how-to/add-a-suite.md'), 'utf8');
  copy = await temporaryFolder('add-a-suite');
  await cp(root, copy, {
    recursive: true,
    filter: (path) => !/^(node_modules|\.git|coverage|reports)(\/|$)/.test(relative(root, path)),
  });
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const { language, file, text } of blocks()) {
    if (language === 'diff') await apply(text);
    if (language !== 'ts') continue;
    await mkdir(dirname(join(copy, file!)), { recursive: true });
    await writeFile(join(copy, file!), text);
  }
});
afterAll(() => rm(copy, { recursive: true, force: true }));

it('what the page has is what a suite consists of', () => {
  expect(blocks().map(({ language, file }) => [language, file].filter(Boolean).join(' '))).toEqual([
    'sh',
    'ts runner/suites/exec.ts',
    'diff',
    'diff',
    'ts test/suite-exec.test.ts',
    'console',
  ]);
});

it('its types are right, and it is documented', async () => {
  for (const [file, args] of [
    ['tsc', ['--noEmit']],
    ['biome', ['lint', '--error-on-warnings', 'runner/suites/exec.ts', 'test/suite-exec.test.ts']],
    ['vitest', ['run', '--project', 'program', 'test/docs.test.ts', '-t', 'every suite|links lead']],
  ] as const) {
    const ran = await inCopy(file, [...args]);
    expect(ran.exitCode, ran.all).toBe(0);
  }
});

it('it runs, and prints what the page shows', async () => {
  const { text } = blocks().find(({ language }) => language === 'console')!;
  const [, command] = /^\$ multitap (.+)$/m.exec(text)!;
  const ran = await inCopy('bin/multitap.cjs', [
    ...command!.split(' '),
    '--accel',
    'tcg',
    '--data',
    join(copy, 'data'),
  ]);
  expect(ran.exitCode, ran.all).toBe(0);
  expect(normal(ran.all)).toEqual(normal(text));
});

it.skipIf(!all)(`its own test passes${whyNot()}`, async () => {
  const ran = await inCopy('vitest', ['run', '--project', 'program', 'test/suite-exec.test.ts']);
  expect(ran.exitCode, ran.all).toBe(0);
});
