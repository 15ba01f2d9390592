// SPDX-License-Identifier: GPL-2.0-only
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

const launcher = join(import.meta.dirname, 'multitap.cjs');
const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  version: string;
};

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'multitap-bin-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Runs a launcher to its end, with a cache and data of its own; nothing here may need them. */
async function run(args: string[], node = process.execPath, script = launcher) {
  const child = spawn(node, [script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: join(scratch, 'compiled'),
      MULTITAP_CACHE: join(scratch, 'cache'),
      MULTITAP_DATA: join(scratch, 'data'),
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, stdout, stderr };
}

describe('the command line', () => {
  test('tells its version', async () => {
    expect(await run(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('without a command is a mistake, answered with all that there are', async () => {
    const { code, stderr } = await run([]);
    expect(code).toBe(2);
    for (const name of ['run', 'results', 'shell', 'kernel', 'rootfs', 'doctor', 'serve'])
      expect(stderr).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
  });

  test.concurrent.for<[string[], RegExp]>([
    [['rnu'], /unknown command 'rnu'\n.*Did you mean run\?/],
    [['run', 'mptcp', '--kernal', 'deb:6.12'], /unknown option '--kernal'\n.*Did you mean --kernel\?/],
    [['run', 'mptcp', '--jobs', 'two'], /Expected a whole number from 1 to 64/],
    [['run', 'mtpcp'], /There is no suite "mtpcp"\.\nExpected: one of: mptcp/],
    [['run', 'mptcp', '--kernel', '6.12'], /"6\.12" is not a kernel reference\..*did you mean deb:6\.12\?/s],
  ])('%j: exit code 2, with what is wrong on stderr', async ([args, said], { expect }) => {
    const { code, stdout, stderr } = await run(args);
    expect(stderr).toMatch(said);
    expect(code).toBe(2);
    expect(stdout).toBe('');
  });

  test('results of nothing are no error', async () => {
    expect(await run(['results'])).toMatchObject({ code: 0, stdout: expect.stringContaining('No runs yet') });
  });

  test('needs nobody to read what it says on stderr', async () => {
    const child = spawn(process.execPath, [launcher, 'run', 'mtpcp'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr!.destroy();
    expect(await once(child, 'close')).toEqual([2, null]);
  });
});

/** An executable Node that is too old to run us, if this machine has one. */
function findOldNode(): string | null {
  const places = [...(process.env.PATH ?? '').split(':'), '/usr/bin', '/usr/local/bin', '/bin'];
  for (const place of places) {
    const node = join(place, 'node');
    if (!existsSync(node)) continue;
    const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
    if (Number(/^v(\d+)/.exec(stdout ?? '')?.[1] ?? 99) < 24) return node;
  }
  return null;
}
const oldNode = findOldNode();

/** A checkout with the launcher, the present Node where npm puts it, and a program of ours. */
function checkout(name: string, main: string | null, withNode = true): string {
  const root = join(scratch, name);
  mkdirSync(join(root, 'bin'), { recursive: true });
  copyFileSync(launcher, join(root, 'bin/multitap.cjs'));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  if (main !== null) writeFileSync(join(root, 'bin/main.ts'), main);
  if (withNode) {
    mkdirSync(join(root, 'node_modules/.bin'), { recursive: true });
    symlinkSync(process.execPath, join(root, 'node_modules/.bin/node'));
  }
  return join(root, 'bin/multitap.cjs');
}

describe('the launcher', () => {
  test('says what to do where the project’s packages are not installed', async () => {
    const script = checkout('no packages', "import 'commander';\n");
    const { code, stderr } = await run(['--version'], process.execPath, script);
    expect(stderr).toMatch(/could not be loaded: Cannot find package 'commander'.*Do: \(cd .* && npm ci\)/s);
    expect(code).toBe(3);
  });

  describe.skipIf(oldNode === null)('on a Node that is too old (skipped where this machine has none)', () => {
    test('hands over to the one that npm installed, with all arguments', async () => {
      expect(await run(['--version'], oldNode!)).toMatchObject({
        code: 0,
        stdout: `${version}\n`,
        stderr: '',
      });
      const script = checkout(
        'arguments',
        'console.log(JSON.stringify([process.version, ...process.argv.slice(2)]));',
      );
      const args = ['a b', '', '--x=ü', '*', '$HOME'];
      expect(JSON.parse((await run(args, oldNode!, script)).stdout)).toEqual([process.version, ...args]);
    });

    test.each([0, 1, 2, 3, 130])('passes on exit code %i', async (wanted) => {
      const script = checkout(`exit ${wanted}`, `process.exitCode = ${wanted};`);
      expect(await run([], oldNode!, script)).toMatchObject({ code: wanted, signal: null });
    });

    test('dies of the signal that the program died of', async () => {
      const script = checkout('killed', "process.kill(process.pid, 'SIGKILL');");
      expect(await run([], oldNode!, script)).toMatchObject({ code: null, signal: 'SIGKILL' });
    });

    test('says what to do where there is no newer Node', async () => {
      const script = checkout('no node', 'console.log(1);', false);
      const { code, stdout, stderr } = await run(['run', 'mptcp'], oldNode!, script);
      expect(stderr).toMatch(
        /needs Node 24 or newer; this is v\d+.*\nExpected: .*\nDo: \(cd .*no node && npm ci\)/,
      );
      expect([code, stdout]).toEqual([3, '']);
    });

    /** A program that says which process it is, and what happens to it. */
    const patient = `
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
        process.on(signal, () => { console.log(signal); process.exit(130); });
      process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
      setInterval(() => {}, 1000);
      console.log(process.pid);`;

    async function startPatient(): Promise<{ child: ChildProcess; pid: number; output: () => string }> {
      const script = checkout('patient', patient);
      const child = spawn(oldNode!, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
      let output = '';
      child.stdout!.on('data', (chunk) => {
        output += chunk;
      });
      await once(child.stdout!, 'data');
      const pid = Number.parseInt(output, 10);
      onTestFinished(() => {
        rmSync(join(scratch, 'patient'), { recursive: true });
        for (const one of [child.pid!, pid])
          try {
            process.kill(one, 'SIGKILL');
          } catch {
            // As it should be.
          }
      });
      return { child, pid, output: () => output };
    }

    test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('passes %s on', async (signal) => {
      const { child, output } = await startPatient();
      child.kill(signal);
      expect(await once(child, 'close')).toEqual([130, null]);
      expect(output()).toContain(signal);
    });

    test('killed for good, takes the program with it', async () => {
      const { child, pid } = await startPatient();
      child.kill('SIGKILL');
      await once(child, 'exit');
      await expect
        .poll(() => {
          try {
            process.kill(pid, 0);
            return readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2];
          } catch {
            return 'gone';
          }
        })
        .toBeOneOf(['gone', 'Z']);
    });
  });
});
