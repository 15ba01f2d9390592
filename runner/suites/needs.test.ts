// SPDX-License-Identifier: GPL-2.0-only
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unmetNeeds } from './needs.ts';

describe('what a suite needs', () => {
  let dir: string;
  const release = '6.12.0-test';
  const at = () => ({ kernel: { tree: join(dir, 'kernel'), release }, rootfs: { tree: join(dir, 'root') } });

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'multitap-needs-'));
    const modules = join(dir, 'kernel/usr/lib/modules', release);
    await mkdir(modules, { recursive: true });
    await mkdir(join(dir, 'kernel/boot'));
    await mkdir(join(dir, 'root/usr/sbin'), { recursive: true });
    const config = 'CONFIG_MPTCP=y\nCONFIG_VETH=m\n# CONFIG_KUNIT is not set\n';
    await writeFile(join(dir, 'kernel/boot', `config-${release}`), config);
    await writeFile(join(modules, 'modules.dep'), 'kernel/net/mptcp/mptcp_diag.ko.xz: kernel/net/a.ko.xz\n');
    await writeFile(join(modules, 'modules.builtin'), 'kernel/net/ipv4/tcp-cubic.ko\n');
    await writeFile(join(dir, 'root/usr/sbin/nft'), '');
  });
  afterAll(() => rm(dir, { recursive: true }));

  test('is there', async () => {
    const modules = ['mptcp_diag', 'tcp_cubic', 'mptcp-diag'];
    const needs = { options: ['CONFIG_MPTCP', 'CONFIG_VETH'], modules, tools: ['nft'] };
    expect(await unmetNeeds(needs, at())).toBeNull();
    expect(await unmetNeeds({}, at())).toBeNull();
  });

  test('or is told, with the fragment that would mend it', async () => {
    const needs = { options: ['CONFIG_KUNIT', 'CONFIG_MPTCP'], modules: ['none'], tools: ['nft', 'tshark'] };
    expect(await unmetNeeds(needs, at())).toBe(
      [
        '6.12.0-test is built without CONFIG_KUNIT',
        'this fragment of a configuration would mend it:',
        'CONFIG_KUNIT=y',
        '6.12.0-test has no module none',
        'the root file system has no tshark',
      ].join('\n'),
    );
  });

  test('is not held against a kernel whose configuration nobody has', async () => {
    const kernel = { tree: join(dir, 'elsewhere'), release };
    const needs = { options: ['CONFIG_MPTCP'], modules: ['mptcp_diag'] };
    expect(await unmetNeeds(needs, { ...at(), kernel })).toBeNull();
  });
});
