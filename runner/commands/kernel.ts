// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { Command } from 'commander';
import { openApt } from '../../vm/kernel/apt.ts';
import { cachedKernels, getDebKernel } from '../../vm/kernel/deb.ts';
import { type DebCandidate, debKernels } from '../../vm/kernel/deb-search.ts';
import { getDebugInfo } from '../../vm/kernel/debug-info.ts';
import { decodeTrace } from '../../vm/kernel/decode.ts';
import { flavours, readFlavour } from '../../vm/kernel/flavours.ts';
import { wantedKernel } from '../../vm/kernel/get.ts';
import { parseDebReference, usualSuites } from '../../vm/kernel/reference.ts';
import { cachedSourceKernels } from '../../vm/kernel/source-kernel.ts';
import { upstreamOf } from '../../vm/kernel/version.ts';
import { buildRootfs } from '../../vm/rootfs/build.ts';
import { checkSandbox } from '../../vm/rootfs/sandbox.ts';
import { Trouble, UsageTrouble } from '../../vm/trouble.ts';
import { handleInterrupts } from '../interrupt.ts';
import { terminalProgress } from '../progress/terminal.ts';
import { flavourOption, KERNEL_FORMS } from './options.ts';

async function list(flags: { cached?: boolean; suite?: string }): Promise<void> {
  handleInterrupts();
  const cached = await cachedKernels();
  if (flags.cached) {
    for (const { reference, release, version } of [...cached, ...(await cachedSourceKernels())])
      process.stdout.write(`${reference}  ${release}  ${version}\n`);
    return;
  }
  await checkSandbox();
  const progress = terminalProgress();
  const rootfs = await buildRootfs(progress);
  for (const suite of flags.suite ? [flags.suite] : usualSuites) {
    const step = progress.step(`Kernels of ${suite}`);
    let kernels: DebCandidate[];
    try {
      kernels = await debKernels(await openApt(rootfs, suite, step));
    } catch (error) {
      if (flags.suite) throw error;
      step.done(`left out: ${(error as Error).message.split('\n').slice(0, 4).join(' ')}`);
      continue;
    }
    step.done(`${kernels.length}`);
    for (const { version } of kernels) {
      const here = cached.some((kernel) => kernel.version === version) ? '  (in the cache)' : '';
      process.stdout.write(`deb:${suite}/${upstreamOf(version)}  ${version}${here}\n`);
    }
  }
}

const DEBUG_INFO = 'Debug information is a package of Debian’s, for Debian’s kernels.';

async function get(reference: string, flags: { debugInfo?: boolean; flavour?: string }): Promise<void> {
  handleInterrupts();
  const packaged = flags.debugInfo ? parseDebReference(reference, DEBUG_INFO) : null;
  const getKernel = await wantedKernel(reference, flags.flavour);
  await checkSandbox();
  const progress = terminalProgress();
  const rootfs = await buildRootfs(progress);
  const kernel = await getKernel(rootfs, progress);
  if (packaged) await getDebugInfo(rootfs, await getDebKernel(rootfs, packaged, progress), progress);
  process.stdout.write(`${kernel.release}  ${kernel.dir}\n`);
}

async function showFlavour(name?: string): Promise<void> {
  if (name !== undefined) {
    process.stdout.write((await readFlavour(name)).fragment);
    return;
  }
  for (const [known, { summary }] of Object.entries(flavours))
    process.stdout.write(`${known.padEnd(8)} ${summary}\n`);
}

async function decode(reference: string, file: string | undefined): Promise<void> {
  handleInterrupts();
  const parsed = parseDebReference(reference, DEBUG_INFO);
  const bytes = await (file === undefined ? buffer(process.stdin) : readFile(file)).catch((cause) => {
    throw new UsageTrouble({
      happened: `${file} cannot be read: ${cause.message}`,
      next: 'name a log, or pipe it in',
    });
  });
  await checkSandbox();
  const progress = terminalProgress();
  const rootfs = await buildRootfs(progress);
  const kernel = await getDebKernel(rootfs, parsed, progress);
  const debug = await getDebugInfo(rootfs, kernel, progress);
  const step = progress.step('Decoding', 30_000);
  const decoded = await decodeTrace(rootfs, debug, bytes.toString('utf8'));
  step.done(kernel.release);
  if (decoded === null)
    throw new Trouble({
      happened: 'The trace could not be decoded.',
      expected: 'a kernel log with a trace of at most 256 KiB, decoded within five minutes',
      next: 'cut the log to the report itself',
    });
  process.stdout.write(`${decoded}\n`);
}

export const kernelCommand = () =>
  new Command('kernel')
    .description('kernels that can be booted')
    .addCommand(
      new Command('list')
        .description('Debian’s cloud kernels, by the references that name them')
        .option('--cached', 'only those that are in the cache; needs no network')
        .option('--suite <name>', 'of one suite of Debian')
        .action(list),
    )
    .addCommand(
      new Command('get')
        .description('download and unpack a kernel, or compile it')
        .argument('<reference>', KERNEL_FORMS)
        .addOption(flavourOption())
        .option('--debug-info', 'also what traces are decoded with: 300 MB')
        .action(get),
    )
    .addCommand(
      new Command('flavour')
        .description('the configurations that kernels are compiled with here')
        .argument('[name]', 'print this one, as a fragment; several with + between them')
        .action(showFlavour),
    )
    .addCommand(
      new Command('decode')
        .description('name the source lines in a kernel’s trace')
        .argument('<reference>', 'deb:[SUITE/]VERSION of the kernel that printed it')
        .argument('[file]', 'the log; without one, standard input')
        .action(decode),
    );
