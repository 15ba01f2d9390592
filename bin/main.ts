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

// `multitap run … | head`: who reads has seen enough, but the run goes on and is stored.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.exit(exitCodes.infrastructure);
});

// Progress that nobody reads any more must not end a run.
process.stderr.on('error', () => {});

/** On a terminal a step's unfinished line may stand there. */
function say(text: string): void {
  process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${text}\n`);
}

// Node's own exit code for these is 1, which says that a test failed.
process.on('uncaughtException', (error) => {
  say(explain(error));
  process.exit(exitCodes.infrastructure);
});

try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : exitCodes.usage;
  else {
    say(explain(error));
    process.exitCode = exitCodeOf(error);
  }
}
