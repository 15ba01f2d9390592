// SPDX-License-Identifier: GPL-2.0-only
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { hashOf } from '../../vm/cache.ts';
import type { Machine } from '../../vm/machine.ts';
import { UsageTrouble } from '../../vm/trouble.ts';
import type { PlannedTest } from '../suites/planned-test.ts';
import { runInGuest } from './guest-command.ts';
import { signalName } from './outcome.ts';

/** A hook prepares or tidies up; one that takes longer hangs. */
const TIMEOUT_MS = 300_000;
const OUTPUT_MAX = 1 << 20;
const SIZE_MAX = 1 << 20;

/** A script of the user's that runs in the guest around each test. */
export interface Hook {
  when: 'pre' | 'post';
  /** The file's name, for messages. */
  name: string;
  content: Buffer;
  /** Of the content, for the run's environment. */
  hash: string;
}

/** @throws UsageTrouble where the file cannot be read or is no script of reasonable size */
export async function readHook(when: Hook['when'], path: string): Promise<Hook> {
  const content = await readFile(path).catch((cause) => {
    throw new UsageTrouble({
      happened: `--${when} ${path} cannot be read: ${(cause as Error).message}`,
      expected: 'a script on this machine; it is copied into the guest',
      cause,
    });
  });
  if (content.length > SIZE_MAX)
    throw new UsageTrouble({
      happened: `--${when} ${path} has ${content.length} bytes.`,
      expected: `a script of at most ${SIZE_MAX}: what is larger belongs into the root file system`,
    });
  return { when, name: basename(path), content, hash: hashOf(content.toString('latin1')) };
}

export interface HookResult {
  /** Empty where the script ended with 0. */
  failed: string;
  /** Standard output and standard error as they came, at most 1 MiB. */
  output: Buffer;
}

/**
 * Copies the script into the guest and runs it there, by its first line's interpreter or else by sh. Both go through
 * one program, since starting programs is what is slow in an emulated guest.
 *
 * @throws GuestGone where the guest dies meanwhile
 */
export async function runHook(
  machine: Machine,
  hook: Hook,
  test: PlannedTest,
  outcome?: string,
): Promise<HookResult> {
  // Not below /tmp or /: a test that filled the disk must not take its own post script with it.
  const file = `/dev/shm/multitap-${hook.when}`;
  const { output, ...exit } = await runInGuest(machine, {
    argv: ['/bin/sh', '-c', 'cat > "$0" && chmod 700 "$0" && exec "$0" < /dev/null', file],
    env: {
      TEST_NAME: test.name,
      TEST_COLLECTION: test.collection,
      ...(outcome ? { TEST_OUTCOME: outcome } : {}),
    },
    stdin: hook.content,
    timeoutMs: TIMEOUT_MS,
    outputMax: OUTPUT_MAX,
  });
  const how = exit.timedOut
    ? `no end within ${TIMEOUT_MS / 1000} s`
    : exit.signal
      ? `killed by ${signalName(exit.signal)}`
      : exit.code !== 0
        ? `exit code ${exit.code}`
        : '';
  return { failed: how && `--${hook.when} ${hook.name}: ${how}`, output };
}
