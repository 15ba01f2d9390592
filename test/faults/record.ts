// SPDX-License-Identifier: GPL-2.0-only
// node test/faults/record.ts deb:6.1 deb:6.12 … [FAULT …]: provokes every fault that has a crash on each kernel, or those
// that are named, and writes the consoles to test/fixtures/crash/, each with the title that was recognised on top, to be
// read before it is committed. What a kernel has no means to report is not written.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepare } from '../../runner/setup.ts';
import { silent } from '../../vm/progress.ts';
import { root, temporaryFolder } from '../support/program.ts';
import { faults } from './faults.ts';
import { ofNewerKernels } from './kernel.ts';
import { meetFaults } from './matrix.ts';
import { matrixTable } from './table.ts';

const words = process.argv.slice(2);
const names = words.filter((word) => !word.includes(':'));
const crashing = [...faults, ...ofNewerKernels].filter(
  ({ name, crash }) => crash && (names.length === 0 || names.includes(name)),
);
for (const reference of words.filter((word) => word.includes(':'))) {
  const guest = { kernel: reference, cpus: 2, memoryMb: 1024, accel: 'auto' as const };
  const prepared = await prepare(guest, null, silent);
  const dir = await temporaryFolder('record');
  const met = await meetFaults(prepared, dir, crashing, { rounds: 1, jobs: 2, timeoutS: 90 });
  process.stdout.write(`${prepared.kernel.release}\n${matrixTable(met)}`);
  const folder = join(root, 'test/fixtures/crash', prepared.kernel.upstream);
  await mkdir(folder, { recursive: true });
  for (const { fault, report } of met) {
    const log = report?.logs.find(({ kind }) => kind === 'console');
    const first = report?.crashes?.find(({ kind }) => kind === fault.crash!.kind);
    if (!log || !first) continue;
    const head = `KIND: ${first.kind}\nTITLE: ${first.title}\nKERNEL: ${prepared.kernel.release} ${prepared.kernel.version}\n\n`;
    await writeFile(
      join(folder, `${fault.name}.txt`),
      Buffer.concat([Buffer.from(head), Buffer.from(log.content)]),
    );
  }
  await rm(dir, { recursive: true, force: true });
}
