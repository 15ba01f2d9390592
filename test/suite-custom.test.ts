// SPDX-License-Identifier: GPL-2.0-only
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../results/store/index.ts';
import type { RunDetail } from '../results/store/types.ts';
import { folderForTest, multitap, temporaryFolder } from './support/program.ts';

// Leaves out a whole tree of somebody's: what a suite can be made of is here, in tests that take no time.

const yaml = `name: mine
files: [src, check.sh, .]
build: |
  make -C src CC=gcc GREETING="$GREETING"
  mkdir out; cp check.sh src/prog out
  ls / > out/root; cat /etc/hostname >> out/root || true
output: out
env: {GREETING: hello}
needs: {tools: [ip]}
tests:
  - name: shell-line
    run: echo "1..2"; echo "ok 1 $GREETING"; echo "not ok 2 bad"; exit 1
    format: ktap
  - name: program
    run: [./prog]
    format: gtest
    env: {SECOND: FAILED}
  - name: passes
    run: [./check.sh, "0"]
    format: exit
  - name: fails
    run: [./check.sh, "2"]
    format: exit
  - name: needs-more
    run: "true"
    format: exit
    needs: {options: [CONFIG_NOPE], modules: [nope], tools: [nope]}
  - name: crashes
    run: "echo ok 1 before; echo c > /proc/sysrq-trigger; sleep 100"
    format: tap
  - name: hangs
    run: sleep 1000
    format: exit
    timeout: 1
`;

const program = `#include <stdio.h>
#include <stdlib.h>
int main(void)
{
	puts("[==========] Running 2 tests from 1 test suite.");
	puts("[ RUN      ] A." GREETING "\\n[       OK ] A." GREETING " (0 ms)");
	printf("[ RUN      ] A.second\\nwhy\\n[  %s  ] A.second (1 ms)\\n", getenv("SECOND"));
	puts("[==========] 2 tests from 1 test suite ran. (1 ms total)");
	puts("[  PASSED  ] 1 test.\\n[  FAILED  ] 1 test, listed below:\\n[  FAILED  ] A.second");
	return 1;
}
`;

let tree: string;
let data: string;
let stdout: string;
let run: RunDetail;
const raw: Record<string, string> = {};
const named = (name: string) => run.results.find((one) => one.name === name)!;

beforeAll(async () => {
  tree = await temporaryFolder('custom');
  data = await temporaryFolder('custom-data');
  await mkdir(join(tree, 'src'));
  await mkdir(join(tree, '.git'));
  await writeFile(join(tree, 'multitap.yaml'), yaml);
  await writeFile(join(tree, 'src/prog.c'), program);
  await writeFile(
    join(tree, 'src/Makefile'),
    'prog: prog.c\n\t$(CC) -DGREETING=\'"$(GREETING)"\' -o $@ $<\n',
  );
  await writeFile(join(tree, 'check.sh'), '#!/bin/sh\necho "$GREETING"; cat root; exit $1\n');
  await chmod(join(tree, 'check.sh'), 0o755);
  await symlink('/etc/hostname', join(tree, 'src/link'));
  const ran = await multitap(['run', 'custom', '--custom', tree, '--accel', 'tcg', '--data', data]);
  stdout = String(ran.stdout);
  expect(ran.exitCode, String(ran.stderr)).toBe(1);
  const store = await openStore(data);
  run = (await store.run(1))!;
  for (const { name, logs } of run.results) {
    const output = logs.find(({ kind }) => kind === 'output');
    if (output) raw[name] = String(await store.log(output.hash));
  }
  await store.close();
});
afterAll(async () => {
  for (const dir of [tree, data]) await rm(dir, { recursive: true, force: true });
});

it('each test ends as it should', () => {
  expect(run).toMatchObject({ suite: 'custom', state: 'complete', plannedTests: 7 });
  expect(run.results.map(({ collection }) => collection)).toEqual(Array(7).fill('custom/mine'));
  expect(Object.fromEntries(run.results.map(({ name, outcome }) => [name, outcome]))).toEqual({
    ...{ 'shell-line': 'fail', program: 'fail', passes: 'pass', fails: 'fail', 'needs-more': 'skip' },
    ...{ crashes: 'crash', hangs: 'timeout' },
  });
  expect(named('fails').message).toContain('exit code 2');
  expect(named('needs-more').message).toContain(
    'this fragment of a configuration would mend it:\nCONFIG_NOPE=y',
  );
  expect(stdout).toContain('☠ crash   custom/mine: crashes');
});

it('what the build made is there, and nothing of the host', () => {
  // Of the sandbox's root, where the copy of the tree is.
  const root = raw.passes!.split('\n');
  expect(root[0]).toBe('hello');
  expect(root).toContain('build');
  for (const name of ['home', 'root', 'work', 'mnt']) expect(root).not.toContain(name);
});

it('results in the database are the lines that count in the raw logs', () => {
  const awk = `
    /^(not )?ok [0-9]/ && !/ program/ { results++ }
    /\\[ +(OK|FAILED) +\\] .* ms\\)$/ { results++ }
    END { print results + 0 }`;
  const count = (name: string) =>
    Number(execFileSync('awk', [awk], { input: raw[name] ?? '', encoding: 'utf8' }));
  for (const { name, subtests } of run.results)
    expect(`${name} ${subtests.length}`).toBe(`${name} ${count(name)}`);
  expect(run.subtests).toMatchObject({ pass: 3, fail: 2 });
  expect(named('program').subtests.map(({ name, outcome }) => `${outcome} ${name}`)).toEqual([
    'pass A.hello',
    'fail A.second',
  ]);
});

describe('on the command line', () => {
  it('a test is chosen by its collection or without, and repeated by the command that is stored', async () => {
    expect(run.command).toContain(`run custom --kernel deb:6.12 --custom ${tree}`);
    for (const args of [
      ['run', '-t', 'custom/mine:pa*'],
      ['run', 'custom', '-t', 'pa*'],
    ]) {
      const { stdout: plan } = await multitap([...args, '--custom', tree, '--accel', 'tcg', '--dry-run']);
      expect(plan).toMatch(/^tests {6}1, .*\n {2}custom\/mine:passes$/m);
    }
  });

  it('a build that fails is told with the compiler’s words', async () => {
    const dir = await folderForTest('custom-broken');
    await writeFile(join(dir, 'bad.c'), 'int main(void) { return nothing; }\n');
    const broken =
      'name: broken\nfiles: [bad.c]\nbuild: gcc bad.c\ntests: [{name: a, run: ./a.out, format: exit}]\n';
    await writeFile(join(dir, 'multitap.yaml'), broken);
    const { exitCode, stderr } = await multitap([
      'run',
      'custom',
      '--custom',
      dir,
      '--accel',
      'tcg',
      '--dry-run',
    ]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('Building the tests broken failed at gcc bad.c:\nbad.c:1:25: error:');
  });

  it('what all of it needs is one skip', async () => {
    const dir = await folderForTest('custom-unmet');
    const unmet =
      'name: unmet\nneeds: {options: [CONFIG_NOPE]}\ntests: [{name: a, run: "true", format: exit}]\n';
    await writeFile(join(dir, 'own.yaml'), unmet);
    const args = ['run', 'custom', '--custom', join(dir, 'own.yaml'), '--accel', 'tcg', '--data', data];
    const { exitCode, stdout: told } = await multitap(args);
    expect(exitCode).toBe(0);
    expect(told).toMatch(/skip +custom\/unmet: needs.*\n.*is built without CONFIG_NOPE/);
  });
});
