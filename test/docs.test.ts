// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import Database from 'better-sqlite3';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { serveCommand } from '../bin/serve.ts';
import { createApp } from '../dashboard/server.ts';
import { formats } from '../results/formats/registry.ts';
import { glyphs } from '../results/glyphs.ts';
import { importFormats } from '../results/imports/registry.ts';
import { openStore } from '../results/store/index.ts';
import type { ResultReader } from '../results/store/types.ts';
import { badOutcomes, outcomes } from '../results/words.ts';
import { commands } from '../runner/commands/registry.ts';
import { exitCodes } from '../runner/exit.ts';
import { exportFormats } from '../runner/report/exports/registry.ts';
import { reportFormats } from '../runner/report/registry.ts';
import { testRequest } from '../runner/suites/kselftest.ts';
import { suites } from '../runner/suites/registry.ts';
import { AGENT_VERSION } from '../vm/guest/protocol.ts';
import { usualSuites } from '../vm/kernel/reference.ts';

// The documents against the code, both ways: what is there is documented, what is documented is there.

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const reference = (name: string) => read(`docs/reference/${name}.md`);

/** Files below a folder, without what is not ours. */
function filesBelow(folder: string, wanted: RegExp): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !['node_modules', '.git', 'coverage', 'reports'].includes(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path, wanted);
      return wanted.test(entry.name) ? [path] : [];
    });
}

/** All that is run, without its tests. */
function productFiles(): string[] {
  return [
    ...['bin', 'vm', 'runner', 'results', 'dashboard'].flatMap((folder) =>
      filesBelow(folder, /\.(ts|cjs|js)$/),
    ),
    ...filesBelow('script', /./),
  ].filter((file) => !file.endsWith('.test.ts'));
}

/** What a heading and all below it say, up to the next heading of its rank or higher. */
function section(markdown: string, heading: string): string {
  const lines = markdown.split('\n');
  const start = lines.findIndex((line) => line.replace(/^#+ /, '') === heading && line.startsWith('#'));
  if (start < 0) throw new Error(`no heading "${heading}"`);
  const rank = /^#+/.exec(lines[start]!)![0].length;
  const end = lines.findIndex((line, i) => i > start && (/^(#+) /.exec(line)?.[1]?.length ?? 99) <= rank);
  return lines.slice(start, end < 0 ? undefined : end).join('\n');
}

/** The same without the headings inside it. */
function ownPart(markdown: string, heading: string): string {
  const [first, ...rest] = section(markdown, heading).split('\n');
  const next = rest.findIndex((line) => /^#+ /.test(line));
  return [first, ...(next < 0 ? rest : rest.slice(0, next))].join('\n');
}

/** The rows of all tables in a text: their cells. */
function rows(markdown: string): string[][] {
  const lines = markdown.split('\n');
  return lines
    .filter((line, i) => line.startsWith('| ') && !lines[i + 1]?.startsWith('|--'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

const code = (text: string) => /^`([^`]*)`$/.exec(text)?.[1] ?? text;
const firstCells = (markdown: string) => rows(markdown).map(([first]) => code(first!));
const sorted = (list: Iterable<string>) => [...new Set(list)].sort();

/** Compares two lists so that a failure names what is missing on either side. */
function expectSame(documented: Iterable<string>, there: Iterable<string>): void {
  const inDocs = sorted(documented);
  const inCode = sorted(there);
  expect({
    undocumented: inCode.filter((name) => !inDocs.includes(name)),
    'documented, but not there': inDocs.filter((name) => !inCode.includes(name)),
  }).toEqual({ undocumented: [], 'documented, but not there': [] });
}

interface CommandEntry {
  name: string;
  command: Command;
}

function tree(command: Command, path: string): CommandEntry[] {
  const name = `${path} ${command.name()}`;
  return [{ name, command }, ...command.commands.flatMap((child) => tree(child as Command, name))];
}

const entries = [...commands.map((create) => create()), serveCommand('0')].flatMap((command) =>
  tree(command, 'multitap'),
);
const cli = reference('cli');

describe('docs/reference/cli.md', () => {
  test('has a heading for every command, and none for others', () => {
    const headings = [...cli.matchAll(/^##+ (multitap .*)$/gm)].map((match) => match[1]!);
    expectSame(
      headings,
      entries.map(({ name }) => name),
    );
  });

  test('the program has the commands that are looked at here', () => {
    const help = execFileSync(process.execPath, [join(root, 'bin/multitap.cjs'), '--help'], {
      encoding: 'utf8',
    });
    const names = [...help.split('Commands:')[1]!.matchAll(/^ {2}([a-z]+)/gm)].map((match) => match[1]!);
    expectSame(names, [...commands.map((create) => create().name()), 'serve', 'help']);
    for (const flags of help.split('Commands:')[0]!.matchAll(/^ {2}(-\w, --[\w-]+)/gm))
      expect(cli).toContain(flags[1]!);
  });

  test.each(entries)('$name: arguments and options', ({ name, command }) => {
    const argument = (arg: { name(): string; required: boolean; variadic: boolean }) => {
      const shown = `${arg.name()}${arg.variadic ? '...' : ''}`;
      return arg.required ? `<${shown}>` : `[${shown}]`;
    };
    expectSame(firstCells(ownPart(cli, name)), [
      ...command.registeredArguments.map(argument),
      ...command.options.map(({ flags }) => flags),
    ]);
  });

  test.each(entries)('$name: defaults and choices', ({ name, command }) => {
    const table = new Map(rows(ownPart(cli, name)).map((cells) => [code(cells[0]!), cells]));
    for (const option of command.options) {
      const [, shown, meaning] = table.get(option.flags) ?? [];
      const { defaultValue, defaultValueDescription } = option;
      const none = defaultValue === undefined || defaultValue === false || Array.isArray(defaultValue);
      const expected = defaultValueDescription ?? (none ? null : `\`${defaultValue}\``);
      if (expected !== null) expect(shown, option.flags).toBe(expected);
      else if (!/\(default: .+\)/.test(option.description)) expect(shown, option.flags).toBe('–');
      for (const choice of option.argChoices ?? []) expect(meaning, option.flags).toContain(`\`${choice}\``);
    }
  });

  test('every suite with its collection and quick selection', () => {
    const table = rows(ownPart(reference('suites'), 'Suites'));
    expectSame(
      table.map((cells) => cells.join(' · ')),
      suites.map(({ name, collections, quick }) =>
        [
          `\`${name}\``,
          collections.map((one) => `\`${one}\``).join(', '),
          quick.map((test) => `\`${test}\``).join(', '),
        ].join(' · '),
      ),
    );
  });

  test('every report format', () => {
    expectSame(
      firstCells(section(cli, 'Report formats')),
      reportFormats.map(({ name }) => name),
    );
  });

  test('every export format', () => {
    const table = rows(ownPart(cli, 'Export formats'));
    expectSame(
      table.filter((cells) => cells.length === 2).map((cells) => cells.join(' ')),
      exportFormats.map(({ name, summary }) => `\`${name}\` ${summary}`),
    );
    expectSame(
      table.filter((cells) => cells.length > 2).map(([outcome]) => code(outcome!)),
      outcomes,
    );
  });

  test('every import format', () => {
    const table = rows(ownPart(cli, 'Import formats'));
    const documented = table.filter((cells) => cells.length === 2).map((cells) => cells.join(' '));
    expectSame(
      documented,
      importFormats.map(({ name, summary }) => `\`${name}\` ${summary}`),
    );
    expectSame(
      table.filter((cells) => cells.length > 2).map((cells) => `${cells[0]} ${cells.at(-1)}`),
      importFormats.map(({ name, maxBytes }) => `of \`${name}\` ${maxBytes / 2 ** 20} MiB`),
    );
  });

  test('the options of the scripts', () => {
    // In the shell scripts an option is a branch of a `case`; in the others an entry for parseArgs.
    const inShell = (text: string) =>
      [...text.matchAll(/^\t(--[^)]*)\)/gm)].flatMap((m) => m[1]!.split(' | '));
    const inParseArgs = (text: string) =>
      [...text.matchAll(/(\w+): \{ type: '(?:boolean|string)'/g)].map((match) => `--${match[1]}`);
    const found = {
      quickstart: inShell(read('script/quickstart')).filter((option) => option !== '--help'),
      test: inParseArgs(read('script/test.ts')),
      bench: inParseArgs(read('script/bench.ts')),
    };
    for (const [script, options] of Object.entries(found))
      expectSame(
        firstCells(section(cli, `script/${script}`)).map((flags) => flags.split(' ')[0]!),
        options,
      );
  });
});

describe('docs/reference/environment.md', () => {
  test('every variable that the code reads', () => {
    const asked = productFiles().flatMap((file) => {
      const text = read(file);
      return [
        ...[...text.matchAll(/\benv\.([A-Z][A-Z0-9_]*)/g)].map((match) => match[1]!),
        ...(/\btmpdir\(\)/.test(text) ? ['TMPDIR'] : []),
        ...(/\bhomedir\(\)/.test(text) ? ['HOME'] : []),
      ];
    });
    // Our own ones also where they are only set, and in tests.
    const rooms = ['bin', 'vm', 'runner', 'results', 'dashboard', 'test'];
    const own = [...productFiles(), ...rooms.flatMap((room) => filesBelow(room, /\.ts$/))]
      .filter((file) => file !== relative(root, import.meta.filename))
      .flatMap((file) => read(file).match(/\bMULTITAP_[A-Z0-9_]+\b/g) ?? []);
    expectSame(firstCells(section(reference('environment'), 'Read by multitap')), [...asked, ...own]);
  });

  test('every variable that a test is given', () => {
    const { env } = testRequest('net/mptcp', ['diag.sh'], { slow: true, timeoutMs: 1000 });
    expectSame(firstCells(section(reference('environment'), 'What a test is given')), Object.keys(env ?? {}));
  });
});

describe('docs/reference/pages.md', () => {
  // Nothing is asked of it: only the routes are looked at.
  const app = createApp({ reader: {} as ResultReader, version: '0' });
  const stack = app.router.stack as { route?: { path: string } }[];
  const paths = stack.flatMap(({ route }) => (route ? [route.path] : []));
  const table = rows(reference('pages')).filter(([first]) => first!.startsWith('`/'));

  test('every route', () => {
    expectSame(
      table.flatMap(([page, twin]) => [page!, twin!].filter((cell) => cell.startsWith('`/')).map(code)),
      paths,
    );
  });

  test('every parameter of a page', () => {
    const asked = filesBelow('dashboard/pages', /^(query|route)\.ts$/).map(read);
    const names = asked.flatMap((text) => [
      ...[...text.matchAll(/\bquery\('(\w+)'\)/g)].map((match) => `${match[1]}=`),
      ...[...text.matchAll(/const \{ (\w+) \} = request\.query/g)].map((match) => `${match[1]}=`),
    ]);
    expectSame(
      firstCells(reference('pages')).filter((cell) => cell.endsWith('=')),
      names,
    );
  });
});

test('docs/reference/exit-codes.md: every exit code', () => {
  expectSame(
    rows(reference('exit-codes')).map(([number, name]) => `${number} ${name}`),
    Object.entries(exitCodes).map(([name, number]) => `${number} \`${name}\``),
  );
});

describe('docs/reference/outcomes.md', () => {
  const table = rows(section(reference('outcomes'), 'Outcomes').split('\n## ')[0]!);

  test('every outcome with its sign, and whether it is bad', () => {
    expectSame(
      table.map(([outcome, sign, look]) => `${outcome} ${sign} ${look}`),
      outcomes.map(
        (outcome) => `\`${outcome}\` ${glyphs[outcome]} ${badOutcomes.includes(outcome) ? 'yes' : 'no'}`,
      ),
    );
  });

  test('every result format', () => {
    expectSame(
      rows(section(reference('outcomes'), 'Result formats')).map((cells) => cells.join(' ')),
      formats.map(({ name, summary }) => `\`${name}\` ${summary}`),
    );
  });
});

test('docs/reference/database.md: every table and column', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'multitap-docs-'));
  try {
    await (await openStore(folder)).close();
    const database = new Database(join(folder, 'multitap.db'), { readonly: true });
    const tables = database
      .prepare(
        `SELECT name FROM pragma_table_list
         WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite%'`,
      )
      .all() as { name: string }[];
    const counts: readonly string[] = outcomes;
    const there = tables.flatMap(({ name }) => {
      const columns = database.pragma(`table_info(${name})`) as { name: string }[];
      return columns
        .filter((column) => !counts.includes(column.name))
        .map((column) => `${name}.${column.name}`);
    });
    database.close();
    const documented = rows(reference('database'))
      .filter((cells) => cells.length === 3)
      .flatMap(([name, , columns]) =>
        [...columns!.matchAll(/`(\w+)`(?! \d)/g)].map((match) => `${code(name!)}.${match[1]}`),
      );
    expectSame(documented, there);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe('docs/reference/kernels.md', () => {
  test('the suites in the order in which they are searched', () => {
    const listed = [...section(reference('kernels'), 'Suites').matchAll(/^\d+\. `(.+)`$/gm)];
    expect(listed.map((match) => match[1])).toEqual([...usualSuites]);
  });

  test('every kind of cache entry', () => {
    const kinds = productFiles().flatMap((file) =>
      [...read(file).matchAll(/(?:cacheFolder|keepUntilBoot)\('([\w-]+)'/g)].map((match) => `${match[1]}/`),
    );
    expectSame(firstCells(section(reference('kernels'), 'Cache')), kinds);
  });
});

describe('docs/explanation/guest.md', () => {
  const guest = read('docs/explanation/guest.md');

  test('every frame of the channel', () => {
    const frames = read('vm/guest/agent.h').matchAll(/^#define FRAME_(\w+) '(.)'/gm);
    expectSame(
      rows(section(guest, 'Channel')).map(([type, name]) => `${code(type!)} ${name}`),
      [...frames].map(([, name, type]) => `${type} ${name}`),
    );
  });

  test('the version of the channel', () => {
    expect(section(guest, 'Channel')).toContain(`version ${AGENT_VERSION}:`);
  });
});

test('docs/decisions/0011: every dependency', () => {
  const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string> | undefined>;
  const { dependencies, optionalDependencies, devDependencies } = manifest;
  const lines = read('docs/decisions/0011-dependencies.md').matchAll(/^- `(.+?)`: .+/gm);
  expectSame(
    [...lines].map((match) => match[1]!),
    Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies }),
  );
});

test('docs/decisions: every decision is in the list, and numbers are unique', () => {
  const files = filesBelow('docs/decisions', /^\d.*\.md$/).map((file) => file.split('/').at(-1)!);
  expectSame(
    [...read('docs/decisions/README.md').matchAll(/\]\((\d[^)]+)\)/g)].map((match) => match[1]!),
    files,
  );
  expect(new Set(files.map((file) => file.slice(0, 4))).size).toBe(files.length);
});

const documents = filesBelow('.', /\.md$/);

/** As forges make them of headings. */
function anchors(markdown: string): string[] {
  return [...markdown.replace(/^```.*?^```/gms, '').matchAll(/^#+ (.+)$/gm)].map((match) =>
    match[1]!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('every document', () => {
  /** Runs over all documents at once; a failure names the document. */
  const inAll = (find: (text: string, file: string) => string[]) =>
    documents.flatMap((file) => find(read(file), file).map((found) => `${file}: ${found}`));

  test('links lead somewhere', () => {
    const dead = inAll((text, file) =>
      [...text.replace(/^```.*?^```/gms, '').matchAll(/\]\(([^)\s]+)\)/g)]
        .map((match) => match[1]!)
        .filter((link) => !/^[a-z]+:/.test(link) && !leads(link, file)),
    );
    expect(dead).toEqual([]);
  });

  test('no path of somebody’s machine', () => {
    expect(inAll((text) => text.match(/\/(?:root|work|home\/\w+)\/\S*/g) ?? [])).toEqual([]);
  });

  test('the commands and options in examples are there', () => {
    expect(inAll((text) => callsIn(text).flatMap(unknownIn))).toEqual([]);
  });
});

function leads(link: string, file: string): boolean {
  const [path, anchor] = link.split('#');
  const target = path ? resolve(root, dirname(file), path) : join(root, file);
  if (!existsSync(target)) return false;
  if (anchor === undefined) return true;
  return !statSync(target).isDirectory() && anchors(readFileSync(target, 'utf8')).includes(anchor);
}

/** What stands behind `multitap` in the examples. */
function callsIn(markdown: string): string[] {
  const blocks = [...markdown.matchAll(/^```(?:sh|console)\n(.*?)^```/gms)].map((match) => match[1]!);
  return blocks.flatMap((block) =>
    block.split('\n').flatMap((line) => /^(?:\$ )?(?:bin\/)?multitap(?:\.cjs)? (.+)$/.exec(line)?.[1] ?? []),
  );
}

function unknownIn(call: string): string[] {
  const words = call.split(/\s+/);
  const named = (length: number) =>
    entries.find(({ name }) => name === `multitap ${words.slice(0, length).join(' ')}`);
  const entry = named(2) ?? named(1);
  if (!entry) return [call];
  const flags = entry.command.options.flatMap(({ short, long }) => [short, long]);
  const options = call.replace(/'[^']*'|\|.*|>.*|#.*/g, '').match(/(?<=\s)--?[a-z][\w-]*/g) ?? [];
  return options.filter((option) => !flags.includes(option)).map((option) => `${call}: ${option}`);
}
