// SPDX-License-Identifier: GPL-2.0-only
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kinds } from '../../results/crash/index.ts';
import { outcomes } from '../../results/words.ts';

const root = join(import.meta.dirname, '../..');
const fixture = 'results/formats/tap/fixtures/runner-userspace_pm-failed.tap';
const splat = 'test/fixtures/crash/6.12.107/oops.txt';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'multitap-parse-'));
});
afterAll(() => rm(scratch, { recursive: true }));

/** Runs the command as a person would, from the root of the checkout. */
function parse(args: string[], input = ''): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(root, 'bin/multitap.cjs'), 'parse', ...args],
      { cwd: root, maxBuffer: 1 << 26 },
      (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }),
    );
    child.stdin!.on('error', () => {});
    child.stdin!.end(input);
  });
}

describe('what the reference shows', () => {
  test('is what the command prints', async () => {
    const page = await readFile(join(root, 'docs/reference/parse.md'), 'utf8');
    const [plain, json] = await Promise.all([parse([fixture]), parse([fixture, '--json'])]);
    expect(page).toContain(`$ multitap parse ${fixture}\n${plain.out}\`\`\``);
    expect(page).toContain(`\`\`\`json\n${json.out}\`\`\``);
    expect([plain.code, json.code]).toEqual([1, 1]);
  });

  test('every field is described', async () => {
    const page = await readFile(join(root, 'docs/reference/parse.md'), 'utf8');
    const { files } = JSON.parse((await parse([fixture, splat, '--json'])).out);
    const fields = [files[0], files[0].tests[0], files[1].crashes[0], files[1].crashes[0].occurrences[0]];
    for (const name of fields.flatMap(Object.keys)) expect(page).toContain(`\`${name}\``);
  });
});

type Check = (value: unknown) => boolean;
const isString: Check = (value) => typeof value === 'string';
const isBoolean: Check = (value) => typeof value === 'boolean';
const isNumber: Check = (value) => typeof value === 'number' && value >= 0;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const oneOf =
  (words: readonly string[]): Check =>
  (value) =>
    words.includes(value as string);
const valuesOf =
  (check: Check): Check =>
  (value) =>
    typeof value === 'object' && value !== null && Object.values(value).every(check);
/** Exactly these fields, each as it must be. */
const object =
  (fields: Record<string, Check>): Check =>
  (value) =>
    JSON.stringify(Object.keys(value as object).sort()) === JSON.stringify(Object.keys(fields).sort()) &&
    Object.entries(fields).every(([name, check]) => check((value as Record<string, unknown>)[name]));

const diagnostics = listOf(object({ line: isNumber, text: isString }));
const isTest: Check = (value) =>
  object({
    ...{ name: isString, collection: orNull(isString), outcome: oneOf(outcomes), reason: isString },
    ...{ durationMs: orNull(isNumber), exitCode: orNull(isNumber), markedFlaky: isBoolean, line: isNumber },
    ...{ lastLine: isNumber, unnamed: valuesOf(isNumber), metadata: valuesOf(isString), diagnostics },
    ...{ crashes: listOf(isString), subtests: listOf(isTest) },
  })(value);
const occurrence = object({
  ...{ line: isNumber, lastLine: isNumber, kernelTimeMs: orNull(isNumber), test: orNull(listOf(isString)) },
});
const crash = object({
  ...{ signature: isString, kind: oneOf(Object.keys(kinds)), title: isString, function: orNull(isString) },
  ...{ frames: listOf(isString), fatal: isBoolean, count: isNumber, occurrences: listOf(occurrence) },
});
const file = object({
  ...{ file: isString, format: isString, lines: isNumber, complete: isBoolean, plan: orNull(isNumber) },
  ...{ bailOut: orNull(isString), skipAll: orNull(isString), unnamed: valuesOf(isNumber) },
  ...{ counts: object({ tests: valuesOf(isNumber), subtests: valuesOf(isNumber) }) },
  ...{ metadata: valuesOf(isString), tests: listOf(isTest), crashes: listOf(crash), problems: diagnostics },
});

test('the JSON has the shape that is documented, and no other field', async () => {
  const { out } = await parse([fixture, splat, '-', '--json'], '{"success":3,"failed":0,"results":[]}');
  const report = JSON.parse(out);
  expect(object({ version: (value) => value === 1, files: listOf(file) })(report)).toBe(true);
  expect(report.files.map(({ format }: { format: string }) => format)).toEqual([
    'tap',
    'console',
    'test_progs_json',
  ]);
});

test('standard input, a format by its other name, all well', async () => {
  const { code, out } = await parse(['-', '--format', 'ktap'], 'KTAP version 1\n1..1\nok 1 \x1b[31ma\n');
  expect(out).toBe('-: tap, 3 lines, 1 planned: 1 pass\n✓ pass    a\n');
  expect(code).toBe(0);
});

test.each<[string, string, number]>([
  ['a log that is cut', '1..2\nok 1 a\n', 1],
  ['a failure inside', '1..1\n  not ok 1 b\nok 1 a\n', 1],
  ['a fault of the kernel', 'ok 1 a\n[    1.000000] Kernel panic - not syncing: x\n', 1],
  ['our own error', 'not ok 1 selftests: bpf: test_progs # exit=3\n', 3],
  ['all skipped', '1..0 # SKIP no root\n', 0],
])('%s: exit code', async (_what, input, code) => {
  expect((await parse(['-'], input)).code).toBe(code);
});

test.each([
  ['1..2\nok 1 a\nBail out!\n', '; bailed out; incomplete'],
  ['1..2\nok 1 a\nBail out! no memory\n', '; bailed out: no memory; incomplete'],
  ['1..0 # SKIP\n', '; all skipped'],
])('how a log ended early: %j', async (input, ending) => {
  const { out } = await parse(['-'], input);
  expect(out.split('\n')[0]!.slice(-ending.length)).toBe(ending);
});

describe('a file that is no log', () => {
  test.each<[string, string | Buffer | null, RegExp]>([
    ['not-there', null, /not-there cannot be read: there is no such file/],
    ['empty', '', /empty is empty\.\nExpected: a log with results/],
    ['prose', 'hello\nworld\n', /prose holds no result and no crash, in 2 lines/],
    ['garbage', Buffer.from([0, 1, 2, 255, 0]), /garbage is no text/],
    ['packed', gzipSync('ok 1 a\n'), /packed is packed\..*\nExpected: .*\nDo: unpack it first, with gunzip/],
  ])('%s', async (name, content, said) => {
    const path = join(scratch, name);
    if (content !== null) await writeFile(path, content);
    const { code, out, err } = await parse([path]);
    expect(err).toMatch(said);
    expect([code, out]).toEqual([2, '']);
  });

  test('a folder', async () => {
    expect(await parse([scratch])).toMatchObject({ code: 2, err: expect.stringContaining('a directory') });
  });
});
