// SPDX-License-Identifier: GPL-2.0-only
import { Command, Option } from 'commander';
import type { RunDetail, RunSummary } from '../../results/store/types.ts';
import { isBad } from '../../results/words.ts';
import { UsageTrouble } from '../../vm/trouble.ts';
import { testLines } from '../report/test-lines.ts';
import { countsLine, printable } from '../report/text.ts';
import { openResults } from '../schedule/record.ts';
import { dataOption, wholeNumber } from './options.ts';

interface ResultsFlags {
  data: string;
  json?: boolean;
  limit: number;
  branch?: string;
}

function summaryLine(run: RunSummary): string {
  const when = new Date(run.startedAt).toISOString().slice(0, 16).replace('T', ' ');
  const state =
    run.state === 'complete' ? '' : `  ${run.state}${run.reason ? `: ${printable(run.reason)}` : ''}`;
  return `${String(run.id).padStart(4)}  ${when}Z  ${run.branch} ${run.revision} (${run.variant})  ${run.suite}: ${countsLine(run.tests)}; subtests ${countsLine(run.subtests)}${state}`;
}

function detailLines(run: RunDetail): string[] {
  const failing = run.results.filter(
    (test) => isBad(test.outcome) || test.subtests.some(({ outcome }) => isBad(outcome)),
  );
  const others = run.results.filter((test) => !failing.includes(test));
  return [
    summaryLine(run),
    `      repeat: ${run.command}`,
    '',
    ...[...failing, ...others].flatMap(testLines),
  ];
}

export function noSuchRun(which: string, data: string): UsageTrouble {
  return new UsageTrouble({
    happened: `There is no run ${JSON.stringify(which)} in ${data}.`,
    expected: 'a run’s number, its UUID, or the beginning of one that fits only one run',
    next: 'multitap results',
  });
}

async function results(which: string | undefined, flags: ResultsFlags): Promise<void> {
  const store = await openResults(flags.data);
  try {
    if (which === undefined) {
      const runs = await store.runs({
        limit: flags.limit,
        ...(flags.branch ? { branch: flags.branch } : {}),
      });
      if (flags.json) process.stdout.write(`${JSON.stringify(runs, null, 1)}\n`);
      else if (runs.length === 0) process.stdout.write('No runs yet: multitap run mptcp --quick\n');
      else process.stdout.write(`${runs.map(summaryLine).join('\n')}\n`);
      return;
    }
    const run = await store.run(which);
    if (!run) throw noSuchRun(which, flags.data);
    process.stdout.write(
      flags.json ? `${JSON.stringify(run, null, 1)}\n` : `${detailLines(run).join('\n')}\n`,
    );
  } finally {
    await store.close();
  }
}

export const resultsCommand = () =>
  new Command('results')
    .description('stored runs, or one of them: the same as the dashboard’s page, in the terminal')
    .argument('[run]', 'number or UUID')
    .option('--json', 'as JSON')
    .addOption(new Option('-n, --limit <n>', 'how many runs').argParser(wholeNumber(1, 1000)).default(20))
    .option('--branch <name>', 'only runs that count for this branch')
    .addOption(dataOption())
    .action(results);
