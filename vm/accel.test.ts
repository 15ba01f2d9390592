// SPDX-License-Identifier: GPL-2.0-only
import { constants, existsSync } from 'node:fs';
import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { knownAccel, kvmObstacle, probeAccel } from './accel.ts';
import { cacheFolder } from './cache.ts';
import type { Progress } from './progress.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'multitap-accel-'));
  vi.stubEnv('MULTITAP_CACHE', root);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
});

async function verdictFile(bootId?: string): Promise<string> {
  const current = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  return join(await cacheFolder('accel'), `${bootId ?? current}.json`);
}

test('a verdict is known for this boot of the host only, and where it can be read', async () => {
  expect(await knownAccel()).toBeNull();
  const verdict = { accel: 'tcg', reason: '/dev/kvm is there but does not work: TCG' };
  await writeFile(await verdictFile('00000000-0000-0000-0000-000000000000'), JSON.stringify(verdict));
  expect(await knownAccel()).toBeNull();
  await writeFile(await verdictFile(), JSON.stringify(verdict));
  expect(await knownAccel()).toEqual(verdict);
  await writeFile(await verdictFile(), '{"accel"');
  expect(await knownAccel()).toBeNull();
});

test('a known verdict boots nothing and says nothing', async () => {
  const verdict = { accel: 'kvm', reason: 'KVM works' };
  await writeFile(await verdictFile(), JSON.stringify(verdict));
  const progress: Progress = {
    step: () => {
      throw new Error('probed again');
    },
  };
  expect(await probeAccel(null as never, null as never, progress)).toEqual(verdict);
});

test('what stands in the way of KVM is told', async () => {
  const obstacle = await kvmObstacle();
  if (!existsSync('/dev/kvm')) expect(obstacle).toBe('/dev/kvm does not exist');
  else if (obstacle !== null) expect(obstacle).toContain('add yourself to the group kvm');
  else await access('/dev/kvm', constants.R_OK | constants.W_OK);
});
