// SPDX-License-Identifier: GPL-2.0-only
import { Command, Option } from 'commander';
import { dataOption, wholeNumber } from '../runner/commands/options.ts';
import { exitCodes } from '../runner/exit.ts';
import { openResults } from '../runner/schedule/record.ts';
import { Trouble } from '../vm/trouble.ts';

interface ServeFlags {
  port: number;
  host: string;
  data: string;
}

async function start(version: string, flags: ServeFlags): Promise<void> {
  // Only here: the other commands need not wait for express to load.
  const { serve } = await import('../dashboard/server.ts');
  const store = await openResults(flags.data);
  const serving = await serve({ reader: store, version, host: flags.host, port: flags.port }).catch(
    async (error: Error) => {
      await store.close();
      throw new Trouble({ happened: `The dashboard did not start: ${error.message}.` });
    },
  );
  process.stdout.write(`${serving.url}\n`);
  const [newest] = await store.runs({ limit: 1 });
  if (newest) process.stdout.write(`${serving.url}r/${newest.id}  the newest run\n`);
  process.stderr.write('Ctrl-C ends the dashboard.\n');
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, resolve);
  });
  await serving.close();
  await store.close();
  process.exitCode = exitCodes.ok;
}

/** Stands here and not in a room: it joins the dashboard, which knows no runner, with the command line. */
export const serveCommand = (version: string) =>
  new Command('serve')
    .description('the dashboard')
    .addOption(
      new Option('-p, --port <n>', 'port; 0 takes any free one')
        .argParser(wholeNumber(0, 65_535))
        .default(8080),
    )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addOption(dataOption())
    .action((flags: ServeFlags) => start(version, flags));
