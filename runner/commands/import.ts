// SPDX-License-Identifier: GPL-2.0-only
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { ImportFormat, ImportOptions, ImportProblem } from '../../results/imports/import.ts';
import { type ImportReport, importFile } from '../../results/imports/import-file.ts';
import { openImportFile } from '../../results/imports/read-file.ts';
import { importFormats } from '../../results/imports/registry.ts';
import type { VariantInput } from '../../results/store/types.ts';
import { exitCodes } from '../exit.ts';
import { importLine, importTold } from '../report/import.ts';
import { printable } from '../report/text.ts';
import { openResults } from '../schedule/record.ts';
import { dataOption } from './options.ts';

/** So that a long history is not silent. */
const progressRuns = 500;

interface ImportFlags extends ImportOptions {
  data: string;
  json?: boolean;
}

/** `arch=x86_64 accel=kvm cpus=4 flavour=debug`; other words are options of the variant. */
function variant(text: string): Partial<VariantInput> {
  const found: Partial<VariantInput> = {};
  const options: string[] = [];
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const [, key, value] = /^(arch|accel|cpus|flavour)=(.+)$/.exec(word) ?? [];
    const near = keys.find((one) => isNear(word, one));
    if (near !== undefined) throw new InvalidArgumentError(`Expected ${near}= and a value, not ${word}.`);
    if (key === undefined) options.push(word);
    else if (key !== 'cpus') found[key as 'arch' | 'accel' | 'flavour'] = value!;
    else if (/^\d{1,5}$/.test(value!)) found.cpus = Number(value);
    else throw new InvalidArgumentError('Expected a whole number behind cpus=.');
  }
  if (text.trim() === '')
    throw new InvalidArgumentError('Expected words like arch=x86_64 or mitigations=off.');
  return options.length > 0 ? { ...found, options: options.join(' ') } : found;
}

const keys = ['arch', 'accel', 'cpus', 'flavour'] as const;

/** `flavour=`, `archs=x86`, `cpu=2`: as an option of the kernel it would be stored and found by nobody. */
function isNear(word: string, key: string): boolean {
  const [, name, value] = /^(\w+)=(.*)$/.exec(word) ?? [];
  if (name === undefined) return false;
  if (name === key) return value === '';
  return name.length > 2 && (name.startsWith(key) || key.startsWith(name));
}

function name(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Expected a name.');
  return text;
}

function position(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

async function importFiles(formatName: string, files: string[], flags: ImportFlags): Promise<void> {
  const format = importFormats.find((one) => one.name === formatName)!;
  const store = await openResults(flags.data);
  const reports: ImportReport[] = [];
  try {
    for (const file of files) {
      const report = await importOne(store, format, file, flags, reports);
      if (!flags.json) process.stdout.write(`${importLine(report)}\n`);
    }
  } finally {
    await store.close();
    // Also where the disk is full in the middle: what is stored is stored.
    if (flags.json) process.stdout.write(`${JSON.stringify({ version: 1, files: reports }, null, 1)}\n`);
  }
  if (reports.some(({ refused }) => refused !== null)) process.exitCode = exitCodes.usage;
  else if (reports.some(isPartial)) process.exitCode = exitCodes.partial;
}

function isPartial({ runs, problems }: ImportReport): boolean {
  return runs.different > 0 || problems.length > 0;
}

async function importOne(
  store: Parameters<typeof importFile>[0],
  format: ImportFormat,
  file: string,
  { branch, suite, revision, position, variant: of }: ImportFlags,
  reports: ImportReport[],
): Promise<ImportReport> {
  const options: ImportOptions = {
    ...(branch === undefined ? {} : { branch }),
    ...(suite === undefined ? {} : { suite }),
    ...(revision === undefined ? {} : { revision }),
    ...(position === undefined ? {} : { position }),
    ...(of === undefined ? {} : { variant: of }),
  };
  const progress = {
    // Before it is done: an error of the store must not take away what it says.
    begins: (begun: ImportReport) => reports.push(begun),
    told(told: ImportProblem) {
      process.stderr.write(`${importTold(file, told)}\n`);
    },
    runs(count: number) {
      if (count % progressRuns === 0) process.stderr.write(`${printable(file)}: ${count} runs so far\n`);
    },
  };
  const report = await importFile(store, format, file, () => openImportFile(file), options, progress);
  if (report.notListed > 0)
    process.stderr.write(`${printable(file)}: and ${report.notListed} more of these\n`);
  if (report.refused !== null) process.stderr.write(`multitap: ${printable(`${file} ${report.refused}`)}\n`);
  return report;
}

export const importCommand = () =>
  new Command('import')
    .description('results of other programs, stored as runs')
    .addArgument(new Argument('<format>', 'whose they are').choices(importFormats.map((one) => one.name)))
    .argument('<file...>', 'what they wrote')
    .addOption(new Option('--branch <name>', 'the branch that they count for').argParser(name))
    .addOption(new Option('--suite <name>', 'the suite that they are of').argParser(name))
    .addOption(new Option('--revision <name>', 'what was tested').argParser(name))
    .addOption(
      new Option('--position <number>', 'where that stands on the branch; larger is newer').argParser(
        position,
      ),
    )
    .addOption(
      new Option('--variant <words>', 'how: arch=, accel=, cpus=, flavour=, and options').argParser(variant),
    )
    .option('--json', 'as JSON')
    .addOption(dataOption())
    .action(importFiles);
