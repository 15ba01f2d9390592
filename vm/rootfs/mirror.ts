// SPDX-License-Identifier: GPL-2.0-only
import { execa } from 'execa';
import { Trouble } from '../trouble.ts';

/**
 * The Debian mirror to use: `$MULTITAP_MIRROR`, else the first one in the host's own apt configuration that
 * carries Debian itself (not its security archive, nor another vendor's).
 */
export async function debianMirror(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  if (env.MULTITAP_MIRROR) return env.MULTITAP_MIRROR;
  const { stdout } = await execa(
    'apt-get',
    // Without release info: images of containers come with apt's lists removed.
    [
      'indextargets',
      '--no-release-info',
      '--format',
      '$(SITE) $(RELEASE) $(COMPONENT)',
      'Created-By: Packages',
    ],
    { reject: false },
  );
  const candidates = stdout
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([site, release, component]) => {
      const path = site?.replace(/\/+$/, '').split('/').pop();
      return component === 'main' && path === 'debian' && !release?.includes('security');
    });
  const site = candidates[0]?.[0];
  if (site) return site.replace(/\/+$/, '');
  throw new Trouble({
    happened: 'No Debian mirror was found in the configuration of apt.',
    expected: 'a line for Debian’s main archive in /etc/apt/sources.list or below /etc/apt/sources.list.d',
    next: 'name one with MULTITAP_MIRROR=URL',
  });
}

/** The host's own proxy settings for apt, as configuration lines, so that apt in the sandbox goes the same way. */
export async function aptProxyLines(): Promise<string[]> {
  const { stdout } = await execa('apt-config', ['dump'], { reject: false });
  return stdout.split('\n').filter((line) => /^Acquire::(http|https)::Proxy(::\S+)? ".+";$/.test(line));
}
