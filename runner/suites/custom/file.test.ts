// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { UsageTrouble } from '../../../vm/trouble.ts';
import { parseCustom, readCustom } from './file.ts';

const whole = `name: mine
files: [src, run.sh]
build: make -C src
output: src/out
env: {LEVEL: 3, DEBUG: yes}
needs:
  options: [CONFIG_VETH]
  modules: [dummy]
  tools: [ip]
tests:
  - name: first
    run: ./run.sh | tee log
    format: ktap
    timeout: 90
  - name: second
    run: [./out/prog, --all]
    format: gtest
    env: {LEVEL: "4"}
`;

const custom = (text: string) => {
  const read = parseCustom(text);
  if ('faults' in read) throw new Error(JSON.stringify(read.faults));
  return read.custom;
};
const faults = (text: string) => {
  const read = parseCustom(text);
  if (!('faults' in read)) throw new Error('it was taken');
  return read.faults.map(({ line, text: words }) => `${line}: ${words}`);
};
/** The file with one line replaced. */
const change = (line: number, by: string) =>
  whole
    .split('\n')
    .map((old, i) => (i + 1 === line ? by : old))
    .join('\n');

test('all that a file may hold', () => {
  expect(custom(whole)).toEqual({
    name: 'mine',
    files: ['src', 'run.sh'],
    ...{ build: 'make -C src', output: 'src/out', env: { LEVEL: '3', DEBUG: 'yes' } },
    needs: { options: ['CONFIG_VETH'], modules: ['dummy'], tools: ['ip'] },
    tests: [
      {
        ...{ name: 'first', run: './run.sh | tee log', format: 'ktap', timeout: 90, env: {} },
        needs: { options: [], modules: [], tools: [] },
      },
      {
        ...{
          name: 'second',
          run: ['./out/prog', '--all'],
          format: 'gtest',
          timeout: 45,
          env: { LEVEL: '4' },
        },
        needs: { options: [], modules: [], tools: [] },
      },
    ],
  });
});

test.each([
  [
    1,
    'nam: mine',
    ['1: name: Invalid input: expected string, received undefined', '1: nam: there is no such key'],
  ],
  [1, 'name: ../mine', ['1: name: a name of letters, digits and _.+-']],
  [1, 'name: 1.0', ['1: name: Invalid input: expected string, received number']],
  [2, 'files: [src, ../etc]', ['2: files.1: a path below the folder of the file, without ..']],
  [2, 'files: [/etc/passwd]', ['2: files.0: a path below the folder of the file, without ..']],
  [2, 'host: rm', ['2: host: there is no such key']],
  [3, 'build: [make]', ['3: build: Invalid input: expected string, received array']],
  [3, '', ['4: output: only together with build']],
  [4, 'output: a/../../b', ['4: output: a path below the folder of the file, without ..']],
  [5, 'env: {"LD PRELOAD": x}', ['5: env.LD PRELOAD: a name of letters, digits and _']],
  [7, '  options: ["CONFIG_(a+)+"]', ['7: needs.options.0: an option such as CONFIG_VETH']],
  [9, '  tools: [../../bin/ip]', ['9: needs.tools.0: a program’s name']],
  [11, '  - name: "a b"', ['11: tests.0.name: a name of letters, digits and _.+=@-']],
  [11, '  - name: second', ['11: tests: tests with names of their own']],
  [12, '    run: 12', ['12: tests.0.run: a shell line, or a list of a program and its arguments']],
  [12, '    run: "a\\0b"', ['12: tests.0.run: no NUL']],
  [14, '    timeout: 1 h', ['14: tests.0.timeout: Invalid input: expected number, received string']],
  [14, '    timeout: 100000', ['14: tests.0.timeout: Too big: expected number to be <=21600']],
  [
    17,
    '    format: junit',
    [expect.stringMatching(/^17: tests\.1\.format: one of tap, ktap, .*gtest, exit$/)],
  ],
  [18, '    environment: {}', ['18: tests.1.environment: there is no such key']],
  [1, 'name: mine\nname: other', ['2: Map keys must be unique']],
  [2, 'files: [src', [expect.stringMatching(/^\d+: /)]],
  [12, '    run: !!js/function "() => 1"', [expect.stringMatching(/^12: Unresolved tag/)]],
])('line %i: %j is refused', (line, by, expected) => {
  expect(faults(change(line, by))).toEqual(expected);
});

describe('a hostile file', () => {
  test('aliases of aliases', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefgh'.split('').map((name, i) => {
        const before = 'abcdefgh'[i];
        return `${name}: &${name} [${Array(9).fill(`*${before}`).join(',')}]`;
      }),
    ].join('\n');
    expect(faults(bomb)).toEqual([expect.stringMatching(/^1: Excessive alias count/)]);
  });

  test('nesting without end', () => {
    expect(faults('['.repeat(100_000))).toHaveLength(1);
    expect(faults(`name: ${'['.repeat(20_000)}${']'.repeat(20_000)}`).length).toBeGreaterThan(0);
  });

  test('names that JavaScript knows', () => {
    expect(faults(`${whole}__proto__: {name: other}\n`).length).toBeGreaterThan(0);
    expect(faults(`${whole}constructor: 1\n`)).toEqual(['19: constructor: there is no such key']);
  });

  test('anything at all is understood or refused', () => {
    const pieces = fc.constantFrom(
      ...whole.split('\n'),
      ...'{}[]&*!|>%@`"\':,#?-\t\0'.split(''),
      '&a ',
      '*a',
      '<<: *a',
      '---',
      '\ud800',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 30 }), (parts) => {
        for (const text of [parts.join('\n'), parts.join('')]) {
          const read = parseCustom(text);
          if ('faults' in read) {
            expect(read.faults.length).toBeGreaterThan(0);
            for (const { line } of read.faults) expect(line).toBeGreaterThan(0);
          }
        }
      }),
      { numRuns: process.env.MULTITAP_TEST_ALL ? 20_000 : 300 },
    );
  });

  test('a valid one stays valid or is refused, whatever is done to it', () => {
    const edit = fc.record({
      at: fc.nat({ max: whole.length }),
      less: fc.nat({ max: 20 }),
      more: fc.string({ maxLength: 12 }),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const text = edits.reduce(
          (old, { at, less, more }) => old.slice(0, at) + more + old.slice(at + less),
          whole,
        );
        const read = parseCustom(text);
        if ('faults' in read) return;
        const { files, output, name } = read.custom;
        for (const path of [...files, output ?? '.']) expect(path).not.toMatch(/^\/|(^|\/)\.\.(\/|$)|[\0\n]/);
        expect(name).toMatch(/^[\w.+-]+$/);
      }),
      { numRuns: process.env.MULTITAP_TEST_ALL ? 20_000 : 300 },
    );
  });
});

describe('--custom', () => {
  async function folder(): Promise<string> {
    const dir = await mkdtemp(join(tmpdir(), 'multitap-custom-'));
    onTestFinished(() => rm(dir, { recursive: true }));
    return dir;
  }

  test('names a file, or the folder that it is in', async () => {
    const dir = await folder();
    await writeFile(join(dir, 'multitap.yaml'), whole);
    await writeFile(join(dir, 'other.yaml'), change(1, 'name: other'));
    expect(await readCustom(dir)).toMatchObject({ name: 'mine', folder: dir });
    expect(await readCustom(join(dir, 'other.yaml'))).toMatchObject({ name: 'other', folder: dir });
  });

  test('is refused with file and line', async () => {
    const dir = await folder();
    const file = join(dir, 'multitap.yaml');
    await writeFile(file, change(14, '    timeout: soon'));
    await expect(readCustom(dir)).rejects.toThrow(UsageTrouble);
    await expect(readCustom(dir)).rejects.toThrow(
      `${file}:14: tests.0.timeout: Invalid input: expected number`,
    );
    await writeFile(file, `${whole}${'#'.repeat(300_000)}`);
    await expect(readCustom(dir)).rejects.toThrow('more than 262144');
    await rm(file);
    await mkdir(file);
    await expect(readCustom(dir)).rejects.toThrow('is no file');
  });
});
