// SPDX-License-Identifier: GPL-2.0-only
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { commands } from '../runner/commands/registry.ts';
import { exitCodeOf, exitCodes, explain } from '../runner/exit.ts';
import { serveCommand } from './serve.ts';

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));

/** The whole command line: the runner's commands, and the one that starts the dashboard. */
export function program(): Command {
  const root = new Command('multitap')
    .description('Boots Linux kernels, runs their own selftests in them, remembers every result.')
    .version(version)
    .showHelpAfterError('(multitap --help tells more)')
    .showSuggestionAfterError();
  for (const command of [...commands.map((create) => create()), serveCommand(version)])
    root.addCommand(command);
  const strict = (command: Command) => {
    command.exitOverride().allowExcessArguments(false);
    command.commands.forEach((child) => {
      child.copyInheritedSettings(command);
      strict(child as Command);
    });
  };
  strict(root);
  return root;
}

// The launcher that handed over to us was killed: so are we, and with us all that we started.
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.channel?.unref();

// `multitap results | head`: the reader has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? 0 : exitCodes.infrastructure),
);

// Progress that nobody reads any more must not end a run.
process.stderr.on('error', () => {});

// Node's own exit code for these is 1, which says that a test failed.
process.on('uncaughtException', (error) => {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(exitCodes.infrastructure);
});

try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage;
  else {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
