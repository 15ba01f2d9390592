// SPDX-License-Identifier: GPL-2.0-only
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Trouble } from '../trouble.ts';
import { checkSandbox, inSandbox, sandboxCommand } from './sandbox.ts';

/** `--kind FROM TO` of a bubblewrap command line, before the command itself; without what covers files of /proc. */
function mounts(command: string[], kind: string): [string, string][] {
  const own = command.slice(command.indexOf('bwrap'), command.indexOf('--'));
  return own
    .flatMap((word, i) => (word === kind ? [[own[i + 1]!, own[i + 2]!] as [string, string]] : []))
    .filter(([from, to]) => from !== '/dev/null' || !to.startsWith('/proc/'));
}

/** What is run in the sandbox, behind the shell that prepares it. */
function payload(command: string[]): string[] {
  const [bash, dashC, , name, processes, ...rest] = command.slice(command.indexOf('--') + 1);
  expect([bash, dashC, name, processes]).toEqual(['bash', '-c', 'sandbox', '4096']);
  return rest;
}

describe('the command line', () => {
  const plain = sandboxCommand({ root: '/root-fs' }, ['make', '-j2']);

  test('shares nothing with the host, keeps no capability, and dies with us', () => {
    for (const word of ['--unshare-all', '--die-with-parent', '--new-session', '--clearenv'])
      expect(plain).toContain(word);
    expect(plain.join(' ')).toContain('--cap-drop ALL');
    expect(plain).not.toContain('--share-net');
    expect(payload(plain)).toEqual(['make', '-j2']);
  });

  test('gives bubblewrap an empty environment, a filter and a place in memory of a known size', () => {
    expect(plain.slice(0, 3)).toEqual(['env', '-i', `PATH=${process.env.PATH}`]);
    expect(plain.join(' ')).toContain('--seccomp 9');
    for (const [i, word] of plain.entries()) if (word === '--tmpfs') expect(plain[i - 2]).toBe('--size');
    const sizes = sandboxCommand({ root: '/r', limits: { memoryBytes: 1000 } }, ['true']).join(' ');
    expect(sizes).toContain('--size 500 --tmpfs /tmp');
    expect(plain.join(' ')).toMatch(/--remount-ro \/proc --remount-ro \/dev --remount-ro \/ --chdir/);
  });

  test('binds nothing of the host but what is listed', () => {
    expect(mounts(plain, '--bind')).toEqual([]);
    expect(mounts(plain, '--dev-bind')).toEqual([]);
    for (const [from] of [...mounts(plain, '--ro-bind'), ...mounts(plain, '--ro-bind-try')])
      expect(from).toMatch(/^\/root-fs\//);

    const more = sandboxCommand(
      { root: '/root-fs', readable: ['/src'], writable: ['/out', '/out 2'], devices: ['/dev/kvm'] },
      ['true'],
    );
    expect(mounts(more, '--bind')).toEqual([
      ['/out', '/out'],
      ['/out 2', '/out 2'],
    ]);
    expect(mounts(more, '--dev-bind')).toEqual([['/dev/kvm', '/dev/kvm']]);
    expect(mounts(more, '--ro-bind')).toEqual([...mounts(plain, '--ro-bind'), ['/src', '/src']]);
  });

  test('gives network, and what names are looked up with, only where asked', () => {
    const online = sandboxCommand({ root: '/root-fs', network: true }, ['apt-get', 'update']);
    expect(online).toContain('--share-net');
    for (const [from] of mounts(online, '--ro-bind-try'))
      expect(from).toMatch(/^\/root-fs\/|^\/etc\/(resolv\.conf|hosts|ssl\/certs)$/);
  });

  test('sets its own environment and the one that is asked for', () => {
    vi.stubEnv('SECRET_TOKEN', 'hunter2');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const command = sandboxCommand({ root: '/r', env: { A: 'b c', HOME: '/h' }, cwd: '/src' }, ['env']);
    expect(command.join('|')).toContain('--setenv|A|b c');
    expect(command.join('|')).toContain('--setenv|HOME|/h');
    expect(command.join('|')).toContain('--chdir|/src');
    expect(command.join('|')).not.toContain('hunter2');
  });

  test('ends its options before a command that looks like one', () => {
    const command = sandboxCommand({ root: '/r' }, ['--bind', '/', '/']);
    expect(mounts(command, '--bind')).toEqual([]);
    expect(payload(command)).toEqual(['--bind', '/', '/']);
  });
});

/** A root that has this machine's programs, for which no root file system has to be built. */
describe('a real sandbox', () => {
  let root: string;
  let outside: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'multitap-root-'));
    await symlink('/usr', join(root, 'usr'));
    await mkdir(join(root, 'etc'));
    await mkdir(join(root, 'var/lib/dpkg'), { recursive: true });
    await writeFile(join(root, 'var/lib/dpkg/status'), 'the root’s\n');
    outside = await mkdtemp(join(tmpdir(), 'multitap-outside-'));
    await writeFile(join(outside, 'secret'), 'the host’s\n');
  });
  afterAll(async () => {
    await rm(root, { recursive: true, force: true });
    await rm(outside, { recursive: true, force: true });
  });
  const sh = (options: Partial<Parameters<typeof inSandbox>[0]>, script: string) =>
    inSandbox({ root, ...options }, ['sh', '-c', script], { reject: false });

  test('sees neither the host’s files nor its network nor its processes', async () => {
    const { stdout } = await sh(
      {},
      `cat ${outside}/secret 2>/dev/null; ls /sys/class/net /home /root 2>/dev/null
       tail -n +3 /proc/net/dev | cut -d: -f1; ls -d /proc/[0-9]* | wc -l; cat /var/lib/dpkg/status`,
    );
    const [device, processes, status] = stdout.split('\n').map((line) => line.trim());
    expect(device).toBe('lo');
    expect(Number(processes)).toBeLessThan(8);
    expect(status).toBe('the root’s');
  });

  test('writes where it may, reads where it may not write', async () => {
    const { stdout, exitCode } = await sh(
      { readable: [outside] },
      `cat ${outside}/secret; echo x > ${outside}/secret`,
    );
    expect(stdout).toBe('the host’s');
    expect(exitCode).not.toBe(0);
    expect((await sh({ writable: [outside] }, `echo x > ${outside}/made`)).exitCode).toBe(0);
    expect(existsSync(join(outside, 'made'))).toBe(true);
    expect((await sh({}, 'touch /usr/x || touch /etc/x')).exitCode).not.toBe(0);
  });

  test('works for folders of the host below /var', async () => {
    const dir = await mkdtemp('/var/tmp/multitap-outside-');
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    const { stderr, exitCode } = await sh({ writable: [dir] }, `echo x > ${dir}/made`);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(existsSync(join(dir, 'made'))).toBe(true);
  });

  test('hides what we were started with: environment, descriptors, the host’s settings', async () => {
    vi.stubEnv('SECRET_TOKEN', 'hunter2');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const { stdout } = await sh(
      {},
      `grep -sc hunter2 /proc/[0-9]*/environ | grep -cv ':0'; ls /proc/self/fd | tr '\\n' ' '; echo
       for f in /proc/sys/kernel/core_pattern /proc/sys/vm/swappiness /dev/new /new; do (: >>$f) 2>/dev/null && echo wrote $f; done
       true`,
    );
    expect(stdout.split('\n').map((line) => line.trim())).toEqual(['0', '0 1 2 3']);
  });

  test('refuses system calls that a build has no use for', async () => {
    const { stderr } = await sh({}, 'unshare -U true; unshare -r true; chroot /usr true; dmesg');
    expect(stderr.match(/not permitted/g)).toHaveLength(4);
  });

  test('passes on exit codes and both outputs', async () => {
    const { stdout, stderr, exitCode } = await sh({}, 'echo out; echo err >&2; exit 7');
    expect([stdout, stderr, exitCode]).toEqual(['out', 'err', 7]);
  });

  test('checkSandbox is content with it, and says what to install where it is not there', async () => {
    await checkSandbox();
    vi.stubEnv('PATH', outside);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const failure = await checkSandbox().catch((error: Error) => error);
    expect(failure).toBeInstanceOf(Trouble);
    expect((failure as Trouble).message).toMatch(
      /bubblewrap is not installed.*Do: apt-get install bubblewrap$/s,
    );
  });
});
