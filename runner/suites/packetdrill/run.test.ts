// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';

const program = join(import.meta.dirname, 'guest/run.py');
const python = spawnSync('python3', ['--version']).status === 0;
const why = python ? '' : ' (not here: there is no python3)';

/** The two shapes that run_all.py has: newer checkouts list commands, older ones start them at once. */
const NEWER = `
  def CmdTestIPv4(self, path): return self.CmdTest(path, 'ipv4', '--v4 -D A=1')
  def CmdTest(self, path, variant, extra_args=None): raise RuntimeError
  def CmdsTests(self, tests):
    return [self.CmdTestIPv4(path) for path in tests if self.args['ipv4']]`;
const OLDER = `
  def StartTest(self, path, variant, extra_args=None): raise RuntimeError
  def StartTests(self, tests):
    return [self.StartTest(tests[0], 'ipv4', '--v4 -D A=1'), self.StartTest(tests[0], 'ipv6', '--v6')]`;
const runAll = (methods: string) => `
import os
class TestSet(object):
  def __init__(self, args):
    self.args = args
    self.tools_path = os.path.abspath('./packetdrill')
    self.default_args = '--send_omit_free'
${methods}
`;

/** A checkout whose packetdrill is a shell script, which finds its arguments in $@. */
async function run(methods: string, tool: string, script = '0 socket(...) = 3\n', args: string[] = []) {
  const dir = await mkdtemp(join(tmpdir(), 'multitap-run-py-'));
  onTestFinished(() => rm(dir, { recursive: true }));
  await mkdir(join(dir, 'packetdrill'));
  await mkdir(join(dir, 'tcp'));
  await writeFile(join(dir, 'packetdrill/run_all.py'), runAll(methods));
  await writeFile(join(dir, 'packetdrill/in_netns.sh'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
  await writeFile(join(dir, 'packetdrill/packetdrill'), `#!/bin/sh\n${tool}\n`, { mode: 0o755 });
  await writeFile(join(dir, 'tcp/a.pkt'), script);
  const { status, stdout, stderr } = spawnSync('python3', [program, ...args, 'tcp/a.pkt'], {
    cwd: dir,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe.skipIf(!python)(`run.py${why}`, () => {
  test('starts each variant as run_all.py would, in the script’s folder', async () => {
    const tool = 'echo "$*"; pwd | grep -o "[^/]*$"';
    expect(await run(OLDER, tool)).toEqual({
      status: 0,
      stdout:
        'TAP version 13\n1..2\n# --send_omit_free --v4 -D A=1 a.pkt\n# tcp\nok 1 ipv4\n' +
        '# --send_omit_free --v6 a.pkt\n# tcp\nok 2 ipv6\n',
      stderr: '',
    });
    expect((await run(NEWER, 'echo "$*"')).stdout).toBe(
      'TAP version 13\n1..1\n# --send_omit_free --v4 -D A=1 a.pkt\nok 1 ipv4\n',
    );
  });

  const late = 'echo "a.pkt:9: error handling packet: timing error: expected 1 but was 2" >&2; exit 1';
  const wrong = 'echo "a.pkt:9: error handling packet: live packet field tcp_ack_seq" >&2; exit 1';

  test.each([
    ['a wrong packet fails', wrong, ['--tolerance_usecs=100000'], 1, 'not ok 1 ipv4\n'],
    ['a late one fails on a real machine', late, [], 1, 'not ok 1 ipv4\n'],
    [
      'but not on a slow one',
      late,
      ['--tolerance_usecs=9'],
      0,
      'ok 1 ipv4 # XFAIL timing on a slow machine\n',
    ],
    ['death by a signal fails', 'kill -SEGV $$', [], 1, 'not ok 1 ipv4\n'],
  ])('%s', async (_, tool, args, status, line) => {
    const ran = await run(NEWER, tool, undefined, args);
    expect(ran.status).toBe(status);
    expect(ran.stdout.endsWith(line)).toBe(true);
  });

  test.each([
    ['0 socket(...) = 3\n', '--tolerance_usecs=50000 '],
    ['// a\n--tolerance_usecs=10000\n', '--tolerance_usecs=50000 '],
    ['// a\n--tolerance_usecs=100000\n', ''],
  ])('a tolerance is only ever widened: %j', async (script, given) => {
    const { stdout } = await run(NEWER, 'echo "$*"', script, ['--tolerance_usecs=50000']);
    expect(stdout).toContain(`A=1 ${given}a.pkt\n`);
  });

  test('what a program prints is no result', async () => {
    const { stdout } = await run(NEWER, 'printf "ok 1 mine\\nnot ok 2 mine\\n\\377\\n"');
    expect(stdout).toContain('# ok 1 mine\n# not ok 2 mine\n# \ufffd\nok 1 ipv4\n');
  });
});
