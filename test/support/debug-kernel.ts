// SPDX-License-Identifier: GPL-2.0-only
import { dirname, join } from 'node:path';
import type { Prepared } from '../../runner/setup.ts';
import { readFlavour } from '../../vm/kernel/flavours.ts';
import { getSourceKernel } from '../../vm/kernel/source-kernel.ts';
import { silent } from '../../vm/progress.ts';
import { kernelWithModules, withKernel } from './external-module.ts';
import { FAULT_MODULE } from './fault-module.ts';
import { root } from './program.ts';

const MODULE = join(root, 'test/fixtures/fault-module');

/**
 * A kernel with KASAN, lockdep, kmemleak and gcov, and the fault module for it: `base` with that one instead.
 *
 * @throws Trouble where the source cannot be had or does not build
 */
export async function withDebugKernel(base: Prepared): Promise<Prepared> {
  const { rootfs, kernel } = base;
  const reference = { kind: 'source', suite: null, version: kernel.upstream } as const;
  const debug = await getSourceKernel(rootfs, reference, await readFlavour('debug'), silent);
  return withKernel(base, await kernelWithModules(rootfs, debug, MODULE, dirname(FAULT_MODULE)));
}
