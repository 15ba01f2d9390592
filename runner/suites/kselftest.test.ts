// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { settingsTimeout, testRequest } from './kselftest.ts';

describe('the time-out of a collection', () => {
  let install: string;
  beforeAll(async () => {
    install = await mkdtemp(join(tmpdir(), 'multitap-settings-'));
    await mkdir(join(install, 'net/mptcp'), { recursive: true });
  });
  afterAll(() => rm(install, { recursive: true }));

  /** As runner.sh of Linux 6.12 reads it. */
  function runnerSays(): string {
    const script = `
      kselftest_timeout=45
      while read line ; do
        if echo "$line" | grep -q '^#'; then continue; fi
        field=$(echo "$line" | cut -d= -f1)
        value=$(echo "$line" | cut -d= -f2-)
        eval "kselftest_$field"="$value"
      done < "$1/net/mptcp/settings" 2>/dev/null
      echo "$kselftest_timeout"`;
    return spawnSync('/bin/sh', ['-c', script, 'sh', install], { encoding: 'utf8' }).stdout.trim();
  }

  test.each([
    ['timeout=1800\n', 1800],
    ['timeout=0\n', 0],
    ['# slow\n\ntimeout=90\n', 90],
    ['#timeout=1\nother=3\n', 45],
    ['  timeout=90  \n', 90],
    ['timeout=90 # a debug kernel needs this\n', 90],
    ['timeout="90"\n', 90],
    ["timeout='90'\n", 90],
    ['timeout=10\ntimeout=20\n', 20],
    ['mytimeout=10\n', 45],
    ['', 45],
  ])('%j is %i s, as for runner.sh', async (text, seconds) => {
    await writeFile(join(install, 'net/mptcp/settings'), text);
    expect(await settingsTimeout(install, 'net/mptcp')).toBe(seconds);
    expect(runnerSays()).toBe(String(seconds));
  });

  test.each([
    ['a missing line feed', 'timeout=70', 70],
    ['line ends of DOS', 'timeout=70\r\n', 70],
    ['what is no number', 'timeout=1h\n', 45],
    ['a command', 'timeout=$(reboot)\n', 45],
  ])('%s does no harm', async (_, text, seconds) => {
    await writeFile(join(install, 'net/mptcp/settings'), text);
    expect(await settingsTimeout(install, 'net/mptcp')).toBe(seconds);
  });

  test('is kselftest’s own where a collection has no settings', async () => {
    expect(await settingsTimeout(install, 'net/none')).toBe(45);
  });
});

describe('what is asked of the guest', () => {
  test('is to run in the collection’s folder with runner.sh’s environment', () => {
    expect(testRequest('net/mptcp', ['diag.sh'], { slow: true, timeoutMs: 90_500 })).toMatchObject({
      cwd: '/opt/kselftest/net/mptcp',
      env: { kselftest_timeout: '91', skip_rc: '4', timeout_rc: '124', KSFT_MACHINE_SLOW: 'yes' },
    });
    expect(testRequest('net', ['a'], { slow: false, timeoutMs: 0 }).env).not.toHaveProperty(
      'KSFT_MACHINE_SLOW',
    );
  });

  /** Runs the request's own command line in a folder with these files, as the agent would. */
  async function run(name: string, files: Record<string, { text: string; mode: number }>) {
    const dir = await mkdtemp(join(tmpdir(), 'multitap-kselftest-'));
    onTestFinished(() => rm(dir, { recursive: true }));
    for (const [file, { text, mode }] of Object.entries(files))
      await writeFile(join(dir, file), text, { mode });
    const { argv, env } = testRequest('net/mptcp', [name], { slow: false, timeoutMs: 5000 });
    const { status, signal, stdout, stderr } = spawnSync(argv[0]!, argv.slice(1), {
      cwd: dir,
      env: { PATH: process.env.PATH, ...env },
      encoding: 'utf8',
    });
    return { status, signal, stdout, stderr };
  }

  test('an executable runs, and its exit code and signal are its own', async () => {
    const text = '#!/bin/sh\necho "I am $0 $# $kselftest_timeout"; exit 4\n';
    expect(await run('a.sh', { 'a.sh': { text, mode: 0o755 } })).toEqual({
      status: 4,
      signal: null,
      stdout: 'I am ./a.sh 0 5\n',
      stderr: '',
    });
    const killed = await run('k.sh', { 'k.sh': { text: '#!/bin/sh\nkill -SEGV $$\n', mode: 0o755 } });
    expect(killed).toMatchObject({ status: null, signal: 'SIGSEGV' });
  });

  test('a script that is not executable runs by its interpreter, with a warning', async () => {
    const text = '#!/bin/sh -e\nfalse\necho "-e was lost"\n';
    expect(await run('b.sh', { 'b.sh': { text, mode: 0o644 } })).toMatchObject({
      status: 1,
      stdout: '# Warning: file b.sh is not executable\n',
      stderr: '',
    });
    const env = { text: '#!/usr/bin/env sh\necho "ran $0"\n', mode: 0o644 };
    expect(await run('c.sh', { 'c.sh': env })).toMatchObject({
      status: 0,
      stdout: '# Warning: file c.sh is not executable\nran ./c.sh\n',
    });
  });

  test('a collection’s own ksft_runner.sh goes before that', async () => {
    const runner = { text: '#!/bin/sh\necho "runner of $1"; exit 3\n', mode: 0o755 };
    const script = { text: '#!/bin/sh\necho never\n', mode: 0o644 };
    expect(await run('d.sh', { 'd.sh': script, 'ksft_runner.sh': runner })).toMatchObject({
      status: 3,
      stdout: 'runner of ./d.sh\n',
    });
  });

  test.each([
    ['a file that nobody can start', 'e', { e: { text: 'no shebang\n', mode: 0o644 } }, /not executable/],
    [
      'a binary that is not executable',
      'f',
      { f: { text: '\x7fELF\x00\x01', mode: 0o644 } },
      /not executable/,
    ],
    ['a missing file', 'gone.sh', {}, /^# Warning: file gone\.sh is missing!\n$/],
    ['an interpreter that is not there', 'g', { g: { text: '#!/nonexistent/sh\n', mode: 0o755 } }, /^$/],
  ])('%s fails', async (_, name, files, said) => {
    const { status, stdout } = await run(name, files as Record<string, { text: string; mode: number }>);
    expect(status).toBeGreaterThan(0);
    expect(stdout).toMatch(said);
  });

  test.each(['a b.sh', "it's.sh", '$(touch owned).sh', '; exit 9', '*.sh', 'ü.sh'])(
    'the name %j is a name and nothing else',
    async (name) => {
      const text = '#!/bin/sh\necho "ran $0"\n';
      expect(await run(name, { [name]: { text, mode: 0o755 } })).toMatchObject({
        status: 0,
        stdout: `ran ./${name}\n`,
      });
    },
  );
});
