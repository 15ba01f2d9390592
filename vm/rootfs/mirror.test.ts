// SPDX-License-Identifier: GPL-2.0-only
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Trouble } from '../trouble.ts';
import { aptProxyLines, debianMirror } from './mirror.ts';

afterEach(() => vi.unstubAllEnvs());

const hasApt = spawnSync('apt-get', ['--version']).status === 0;

/** Configures the real apt with these sources and nothing of the host's; it needs no network for this. */
async function aptWith(sources: string, conf = ''): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'multitap-apt-'));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  await writeFile(join(dir, 'sources.list'), sources);
  const settings = [
    `Dir::Etc::SourceList "${dir}/sources.list";`,
    'Dir::Etc::SourceParts "/dev/null";',
    'Dir::Etc::Parts "/dev/null";',
    `Dir::State "${dir}";`,
    `Dir::Cache "${dir}";`,
    conf,
  ];
  await writeFile(join(dir, 'apt.conf'), settings.join('\n'));
  vi.stubEnv('APT_CONFIG', join(dir, 'apt.conf'));
}

describe('the mirror', () => {
  test('is MULTITAP_MIRROR where that is set', async () => {
    expect(await debianMirror({ MULTITAP_MIRROR: 'https://mirror.example/debian' })).toBe(
      'https://mirror.example/debian',
    );
  });

  test.for([
    ['plain', 'deb http://ftp.example.org/debian trixie main\n'],
    ['with a slash at its end', 'deb http://ftp.example.org/debian/ trixie main contrib\n'],
    [
      'behind the security archive and other vendors',
      [
        'deb http://security.example.org/debian-security trixie-security main',
        'deb https://download.example.com/linux/debian-other trixie stable',
        'deb https://download.example.com/linux/debian trixie stable',
        'deb-src http://other.example.org/debian trixie main',
        'deb [arch=amd64] http://ftp.example.org/debian trixie-updates main',
        '',
      ].join('\n'),
    ],
  ] as const)('is found in apt’s configuration: %s', async ([, sources], { skip }) => {
    skip(!hasApt, 'apt-get is not on this machine');
    await aptWith(sources);
    expect(await debianMirror({})).toBe('http://ftp.example.org/debian');
  });

  test.for([
    ['nothing', ''],
    ['Ubuntu', 'deb http://archive.example.org/ubuntu noble main\n'],
    ['the security archive alone', 'deb http://security.example.org/debian-security trixie-security main\n'],
    ['what apt cannot read', 'deb http://[::1 trixie\n'],
  ] as const)('is asked for where apt is configured for %s', async ([, sources], { skip }) => {
    skip(!hasApt, 'apt-get is not on this machine');
    await aptWith(sources);
    const failure = await debianMirror({}).catch((error: Error) => error);
    expect(failure).toBeInstanceOf(Trouble);
    expect((failure as Trouble).message).toMatch(
      /No Debian mirror.*\n.*\nDo: name one with MULTITAP_MIRROR=URL/,
    );
  });

  test('is asked for where there is no apt', async () => {
    vi.stubEnv('PATH', '/nonexistent');
    await expect(debianMirror({})).rejects.toThrow(/MULTITAP_MIRROR/);
  });
});

describe('the proxies of apt', () => {
  test('are taken over, and nothing else is', async ({ skip }) => {
    skip(!hasApt, 'apt-get is not on this machine');
    await aptWith(
      '',
      [
        'Acquire::http::Proxy "http://proxy.example:3128/";',
        'Acquire::https::Proxy::mirror.example "DIRECT";',
        'Acquire::http::Pipeline-Depth "0";',
        'APT::Update::Pre-Invoke { "touch /tmp/never"; };',
      ].join('\n'),
    );
    expect(await aptProxyLines()).toEqual([
      'Acquire::http::Proxy "http://proxy.example:3128/";',
      'Acquire::https::Proxy::mirror.example "DIRECT";',
    ]);
  });

  test('are none where there is no apt', async () => {
    vi.stubEnv('PATH', '/nonexistent');
    expect(await aptProxyLines()).toEqual([]);
  });
});
