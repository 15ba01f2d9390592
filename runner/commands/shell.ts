// SPDX-License-Identifier: GPL-2.0-only
import { Command, Option } from 'commander';
import { GuestGone } from '../../vm/guest/guest.ts';
import type { Machine } from '../../vm/machine.ts';
import { UsageTrouble } from '../../vm/trouble.ts';
import { exitCodes } from '../exit.ts';
import { handleInterrupts } from '../interrupt.ts';
import { terminalProgress } from '../progress/terminal.ts';
import { makeReady } from '../schedule/ready.ts';
import { prepare } from '../setup.ts';
import { suiteOfCollection } from '../suites/registry.ts';
import { type GuestFlags, guestOptions, kernelOption, wantedGuest } from './options.ts';
import { type SuiteFlags, suiteBuilder, suiteOptions } from './suite-options.ts';

interface ShellFlags extends GuestFlags, SuiteFlags {
  collection: string;
  exec?: string;
}

/** Joins our terminal with one in the guest; returns the shell's exit code. */
async function interact(machine: Machine, cwd: string): Promise<number> {
  const { stdin, stdout } = process;
  const size = () => ({ rows: stdout.rows ?? 24, columns: stdout.columns ?? 80 });
  const shell = machine.exec(
    {
      argv: ['/bin/bash', '-i'],
      cwd,
      env: { TERM: process.env.TERM ?? 'vt100', PS1: '\\u@\\h:\\w# ' },
      terminal: size(),
    },
    { onStdout: (chunk) => stdout.write(chunk) },
  );
  stdout.on('resize', () => shell.resize(size().rows, size().columns));
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on('data', (chunk) => shell.write(chunk));
  stdin.on('end', () => shell.write(Buffer.from([4])));
  try {
    const { code, signal } = await shell.exit;
    return signal ? 128 + signal : code;
  } finally {
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.destroy();
  }
}

async function runOnce(machine: Machine, cwd: string, command: string): Promise<number> {
  const streams = {
    onStdout: (chunk: Buffer) => process.stdout.write(chunk),
    onStderr: (chunk: Buffer) => process.stderr.write(chunk),
  };
  const execution = machine.exec({ argv: ['/bin/bash', '-c', command], cwd }, streams);
  execution.end();
  const { code, signal } = await execution.exit;
  return signal ? 128 + signal : code;
}

async function shell(flags: ShellFlags): Promise<void> {
  const wanted = wantedGuest(flags);
  const interrupts = handleInterrupts();
  const progress = terminalProgress();
  const suite = suiteOfCollection(flags.collection);
  const build = await suiteBuilder(suite, [flags.collection], [suite], flags);
  const prepared = await prepare(wanted.options, build, progress);
  const step = progress.step('Boot', 8_000);
  const machine = await wanted.driver.boot({
    rootfs: prepared.rootfs,
    plan: prepared.plan,
    timeoutMs: 300_000,
  });
  step.done(`${machine.hello.release}, ${prepared.plan.accel}`);
  interrupts.inOrder();
  interrupts.signal.addEventListener('abort', () => void machine.kill('interrupted'));
  const cwd = prepared.built!.folder(flags.collection);
  try {
    await makeReady(machine, wanted.preparation);
    process.exitCode =
      flags.exec === undefined ? await interact(machine, cwd) : await runOnce(machine, cwd, flags.exec);
  } catch (error) {
    if (error instanceof UsageTrouble) throw error;
    // Its last words may still be on their way.
    if (error instanceof GuestGone) await machine.ended;
    process.stderr.write(
      `multitap: ${(error as Error).message}\n${machine.console.tail().split('\n').slice(-12).join('\n')}\n`,
    );
    process.exitCode = interrupts.signal.aborted ? exitCodes.interrupted : exitCodes.infrastructure;
  } finally {
    await machine.stop();
    await machine.dispose();
  }
}

export const shellCommand = () =>
  guestOptions(
    suiteOptions(
      new Command('shell')
        .description('an interactive shell in the guest that tests run in; exits with the shell’s code')
        .addOption(kernelOption())
        .option('-c, --collection <name>', 'whose selftests are there', 'net/mptcp')
        .addOption(new Option('-e, --exec <command>', 'run this instead of an interactive shell')),
    ),
  ).action(shell);
