// SPDX-License-Identifier: GPL-2.0-only
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { makeFolder } from '../../results/store/make-folder.ts';
import { Trouble } from '../../vm/trouble.ts';
import type { ExportFormat, ExportOptions, ExportSource } from '../report/exports/export.ts';
import { exportFormats } from '../report/exports/registry.ts';
import { openResults } from '../schedule/record.ts';
import { dataOption } from './options.ts';
import { noSuchRun } from './results.ts';

interface ExportFlags {
  data: string;
  format: string;
  output?: string;
  origin: string;
  url?: string;
  published?: string;
}

async function exportRun(which: string, flags: ExportFlags): Promise<void> {
  const format = exportFormats.find(({ name }) => name === flags.format)!;
  const options = { origin: flags.origin, url: flags.url ?? null, published: flags.published ?? null };
  const store = await openResults(flags.data);
  try {
    const run = await store.head(which);
    if (!run) throw noSuchRun(which, flags.data);
    const source = { run, tests: () => store.tests(run.id) };
    if (flags.output === undefined) await print(format.document(source, options));
    else await writeTo(flags.output, format, source, options);
  } finally {
    await store.close();
  }
}

async function print(document: AsyncIterable<string>): Promise<void> {
  // `| head` has seen enough: bin/main.ts knows.
  await pipeline(Readable.from(document), process.stdout, { end: false }).catch((error) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/** A folder gets a file under the format's name for it; whoever looks meanwhile sees the old one or the new one. */
async function writeTo(output: string, format: ExportFormat, source: ExportSource, options: ExportOptions) {
  const isFolder = output.endsWith('/') || (await stat(output).catch(() => null))?.isDirectory();
  const name = format.fileName(source.run);
  const file = isFolder ? join(output, name) : output;
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await makeFolder(dirname(file));
    await pipeline(Readable.from(format.document(source, options)), createWriteStream(temporary));
    await rename(temporary, file);
    if (isFolder) await format.index?.(output, name, source.run, options);
  } catch (cause) {
    await rm(temporary, { force: true });
    if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
    throw new Trouble({
      happened: `${file} cannot be written: ${(cause as Error).message}`,
      expected: 'a folder with space, that this user may write to',
      next: 'name another --output',
      cause,
    });
  }
  process.stderr.write(`${file}\n`);
}

/** KCIDB's rule for the names of those who submit. */
function origin(text: string): string {
  if (!/^[a-z0-9_]+$/.test(text))
    throw new InvalidArgumentError('Expected lower-case letters, digits and _ only.');
  return text;
}

function address(text: string): string {
  if (!/^https?:\/\/\S+$/.test(text) || !URL.canParse(text))
    throw new InvalidArgumentError('Expected an http(s) address.');
  return text.replace(/\/+$/, '');
}

export const exportCommand = () =>
  new Command('export')
    .description('a stored run in the format of another program')
    .argument('<run>', 'number or UUID')
    .addOption(
      new Option('-f, --format <name>', 'what is written')
        .choices(exportFormats.map(({ name }) => name))
        .makeOptionMandatory(),
    )
    .option(
      '-o, --output <path>',
      'a file, or a folder (`/` at its end makes one); without it, standard output',
    )
    .addOption(
      new Option('--origin <name>', 'who says so: KCIDB’s origin, the beginning of NIPA’s executor')
        .argParser(origin)
        .default('multitap'),
    )
    .addOption(new Option('--url <address>', 'the dashboard that has the run, for links').argParser(address))
    .addOption(
      new Option('--published <address>', 'nipa: where the folder is served, for its manifest').argParser(
        address,
      ),
    )
    .addOption(dataOption())
    .action(exportRun);
