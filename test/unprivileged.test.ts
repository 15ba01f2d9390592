// SPDX-License-Identifier: GPL-2.0-only

import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { root } from './support/program.ts';
import { all } from './support/slow.ts';

const USER = 'multitap-test';

describe('without root', () => {
  it('builds a root file system in user namespaces, that its user can remove', async ({
    skip,
    onTestFinished,
  }) => {
    if (!all) skip('it adds a user to the machine: only with script/test --all');
    if (process.getuid?.() !== 0) skip('adding a user needs root');
    const added = await execa('useradd', ['--create-home', USER], { reject: false });
    if (added.failed) skip(`a user cannot be added here: ${added.stderr}`);
    onTestFinished(async () => {
      await execa('userdel', ['--remove', USER], { reject: false });
    });
    const script = `
      const { buildRootfs } = await import(${JSON.stringify(join(root, 'vm/rootfs/build.ts'))});
      const progress = { step: () => ({ update() {}, note() {}, done() {} }) };
      const { tree, image } = await buildRootfs(progress, { suite: 'trixie', packages: ['busybox-static', 'erofs-utils'] });
      process.stdout.write(JSON.stringify({ tree, image, uid: process.getuid() }));`;
    const asUser = (command: string[]) =>
      execa(
        'runuser',
        [
          '-u',
          USER,
          '--',
          'env',
          '-u',
          'MULTITAP_CACHE',
          '-u',
          'XDG_CACHE_HOME',
          `HOME=/home/${USER}`,
          ...command,
        ],
        { reject: false },
      );
    const built = await asUser([process.execPath, '--input-type=module', '-e', script]);
    expect(built.stderr).toBe('');
    const { tree, uid } = JSON.parse(built.stdout);
    expect(uid).not.toBe(0);
    const removed = await asUser(['rm', '-rf', tree]);
    expect(removed).toMatchObject({ exitCode: 0, stderr: '' });
  });
});
