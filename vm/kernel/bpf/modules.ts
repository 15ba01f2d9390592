// SPDX-License-Identifier: GPL-2.0-only
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Step } from '../../progress.ts';
import { inSandbox, type SandboxOptions } from '../../rootfs/sandbox.ts';
import { makeWithHeaders } from '../headers.ts';
import type { Kernel } from '../kernel.ts';

/** Where the modules that test_progs loads have their sources: one folder since Linux 6.14, one each before. */
const FOLDERS = [
  'test_kmods',
  'bpf_testmod',
  'bpf_test_no_cfi',
  'bpf_test_modorder_x',
  'bpf_test_modorder_y',
];

/**
 * Builds the modules beside the tests in `bpf`, the folder of the BPF selftests in a copy of the source. Those that do
 * not build are left out: test_progs skips the tests that need them.
 *
 * @param work where a Makefile may be written
 * @param said gets what make says
 */
export async function buildModules(
  { sandbox, bpf, headers, work }: { sandbox: SandboxOptions; bpf: string; headers: string; work: string },
  kernel: Kernel,
  step: Step,
  said: string[],
): Promise<void> {
  const make = await makeWithHeaders(headers, kernel, join(work, 'Kbuild.mk'));
  for (const folder of FOLDERS.filter((name) => existsSync(join(bpf, name, 'Makefile')))) {
    step.update({ text: `modules of ${folder}` });
    const script = '"$@" && cp "$0"/*.ko .';
    const made = await inSandbox(
      { ...sandbox, readable: [...(sandbox.readable ?? []), headers] },
      ['sh', '-c', script, folder, ...make, `M=${join(bpf, folder)}`, 'modules'],
      { reject: false, all: true },
    );
    said.push(`$ make M=${folder} modules\n${made.all}\n`);
  }
}
