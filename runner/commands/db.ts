// SPDX-License-Identifier: GPL-2.0-only
import { Command, Option } from 'commander';
import {
  backupStore,
  checkStore,
  pruneStore,
  restoreStore,
  storeStats,
  upgradeStore,
} from '../../results/store/index.ts';
import { exitCodes } from '../exit.ts';
import { printable } from '../report/text.ts';
import { dataOption, wholeNumber } from './options.ts';

const dayMs = 86_400_000;
const print = (text: string) => process.stdout.write(`${text}\n`);

/** `1.4 GiB`, `12 KiB`, `0 B`. */
function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

async function check(flags: { data: string; quick?: boolean }): Promise<void> {
  const report = await checkStore(flags.data, { content: !flags.quick });
  for (const problem of report.problems) print(`✗ ${printable(problem)}`);
  if (report.problems.length > 0) process.exitCode = exitCodes.infrastructure;
  const unused =
    report.unusedFiles > 0 ? `; ${report.unusedFiles} files that nothing names (multitap db prune)` : '';
  const verdict = report.problems.length > 0 ? `${report.problems.length} problems` : '✓ no damage';
  print(`${verdict}: ${report.runs} runs, ${report.logs} logs${unused}`);
}

async function backup(target: string, flags: { data: string }): Promise<void> {
  told(await backupStore(flags.data, target), target);
}

async function restore(source: string, flags: { data: string; force?: boolean }): Promise<void> {
  told(await restoreStore(source, flags.data, flags.force ?? false), flags.data);
}

function told(copy: Awaited<ReturnType<typeof backupStore>>, where: string): void {
  const missing = copy.missing > 0 ? `; ${copy.missing} logs were gone` : '';
  print(
    `${where}: database ${size(copy.databaseBytes)}, ${copy.copied} logs copied, ${copy.kept} there already${missing}`,
  );
}

interface PruneFlags {
  data: string;
  passingLogs: number;
  allLogs?: number;
  dryRun?: boolean;
}

async function prune(flags: PruneFlags): Promise<void> {
  const now = Date.now();
  const { tests, files, bytes } = await pruneStore(flags.data, {
    passingLogsBefore: now - flags.passingLogs * dayMs,
    allLogsBefore: flags.allLogs === undefined ? null : now - flags.allLogs * dayMs,
    dryRun: flags.dryRun ?? false,
  });
  const verb = flags.dryRun ? 'would be removed' : 'removed';
  print(`logs of ${tests} tests, ${files} files, ${size(bytes)} ${verb}; results and sums stay`);
}

async function stats(flags: { data: string; json?: boolean }): Promise<void> {
  const found = await storeStats(flags.data);
  if (flags.json) return void print(JSON.stringify(found, null, 1));
  print(`${found.runs} runs, ${found.results} results of ${found.series} series`);
  print(`database ${size(found.databaseBytes)}, of which ${size(found.freeBytes)} free`);
  print(`${found.bytesPerResult.toFixed(1)} bytes per result, all tables and indexes`);
  const { count, bytes, unpackedBytes } = found.logs;
  print(`${count} logs, ${size(bytes)} (${size(unpackedBytes)} unpacked)\n`);
  for (const { name, bytes: used, rows } of found.tables) {
    print(`${size(used).padStart(10)}  ${name.padEnd(32)}${rows === null ? '' : ` ${rows} rows`}`);
  }
}

async function upgrade(flags: { data: string }): Promise<void> {
  const { made, bytesBefore, bytesAfter } = await upgradeStore(flags.data);
  if (made.length === 0) return void print('✓ nothing to do: these are the tables of this version');
  print(`✓ ${made.join(', ')}: database ${size(bytesBefore)}, now ${size(bytesAfter)}`);
}

const days = wholeNumber(0, 100_000);

export const dbCommand = () =>
  new Command('db')
    .description('looks after the stored results')
    .addCommand(
      new Command('check')
        .description('look for damage in the database and the logs')
        .option('--quick', 'logs only have to be there; without it, each is unpacked and compared')
        .addOption(dataOption())
        .action(check),
    )
    .addCommand(
      new Command('backup')
        .description('copy all results to a folder, also while runs are going on')
        .argument('<folder>', 'where to; a backup that is there is brought up to date')
        .addOption(dataOption())
        .action(backup),
    )
    .addCommand(
      new Command('restore')
        .description('put a backup in the place of the results')
        .argument('<folder>', 'the backup')
        .option('--force', 'also where there are results: they are put aside')
        .addOption(dataOption())
        .action(restore),
    )
    .addCommand(
      new Command('prune')
        .description('give up old logs; results, failures and sums stay')
        .addOption(
          new Option('--passing-logs <days>', 'keep logs of passing tests for so long')
            .argParser(days)
            .default(30),
        )
        .addOption(
          new Option('--all-logs <days>', 'keep all other logs for so long; without it, for ever').argParser(
            days,
          ),
        )
        .option('--dry-run', 'only tell what would go')
        .addOption(dataOption())
        .action(prune),
    )
    .addCommand(
      new Command('stats')
        .description('how much there is, and which table takes how much')
        .option('--json', 'as JSON')
        .addOption(dataOption())
        .action(stats),
    )
    .addCommand(
      new Command('upgrade')
        .description('bring the tables of an older multitap up to date, as any run does')
        .addOption(dataOption())
        .action(upgrade),
    );
