// SPDX-License-Identifier: GPL-2.0-only
import { type Command, Option } from 'commander';
import type { Json } from '../../results/store/types.ts';
import { UsageTrouble } from '../../vm/trouble.ts';
import { isBuiltWith } from '../kernel-config.ts';
import { admit, freeMemory } from '../schedule/admission.ts';
import { checkCoverage } from '../schedule/coverage.ts';
import { readHook } from '../schedule/hooks.ts';
import { defaultIsolation, type Isolation } from '../schedule/machines.ts';
import type { RunOptions } from '../schedule/run.ts';
import type { Prepared } from '../setup.ts';
import { collect, type GuestFlags, wantedGuest, wholeNumber } from './options.ts';

/** How tests are run, the same for every command that runs some. */
export interface ScheduleFlags extends GuestFlags {
  jobs: number;
  isolation?: Isolation;
  timeout?: number;
  idle?: number;
  pre?: string;
  post?: string;
  coverage?: string;
  env?: string[];
}

/** @param usual the isolation without `--isolation`, in words */
export function scheduleOptions(command: Command, usual: string): Command {
  return command
    .addOption(new Option('-j, --jobs <n>', 'how many VMs at once').argParser(wholeNumber(1, 64)).default(1))
    .addOption(
      new Option(
        '--isolation <unit>',
        `test: a guest of its own for each; vm: shared until spoiled (default: ${usual})`,
      ).choices(['test', 'vm']),
    )
    .addOption(
      new Option('-o, --timeout <seconds>', 'for every test, instead of its own').argParser(
        wholeNumber(1, 86_400),
      ),
    )
    .addOption(
      new Option('--idle <seconds>', 'end a test that is silent for so long').argParser(
        wholeNumber(1, 86_400),
      ),
    )
    .option('--pre <file>', 'a script of this machine, run in the guest before each test')
    .option('--post <file>', 'the same after each test')
    .option('--env <name=value>', 'of every test’s environment; may be repeated', collect)
    .option('--coverage <folder>', 'write an lcov trace file for each test (kernels with gcov)');
}

export type Scheduled = Omit<RunOptions, 'queue' | 'deadlineMinutes' | 'signal' | 'on'>;

/** @throws UsageTrouble for what is no assignment */
function variable(text: string): [name: string, value: string] {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined) return [name, value!];
  throw new UsageTrouble({
    happened: `--env ${JSON.stringify(text)} is no variable.`,
    expected: 'NAME=VALUE, such as SELFTESTS_MPTCP_LIB_EXPECT_ALL_FEATURES=1',
  });
}

/** What of this changes what is tested, beside the guest. */
export function scheduleVariant(flags: ScheduleFlags): string[] {
  return (flags.env ?? []).map((assignment) => `env.${assignment}`);
}

/**
 * What can be refused before anything is downloaded or built.
 *
 * @param usual the isolation where none is asked for, instead of what the driver is good at
 * @throws UsageTrouble
 */
export async function readScheduleFlags(flags: ScheduleFlags, usual?: Isolation) {
  const guest = wantedGuest(flags);
  const pre = flags.pre === undefined ? null : await readHook('pre', flags.pre);
  const post = flags.post === undefined ? null : await readHook('post', flags.post);
  const env = Object.fromEntries((flags.env ?? []).map(variable));
  const isolation = flags.isolation ?? usual ?? defaultIsolation(guest.driver);
  return { guest, pre, post, env, isolation };
}

/**
 * The same with the kernel at hand, and with the memory that is free now.
 *
 * @throws UsageTrouble where the kernel cannot do what was asked for
 */
export async function schedule(
  flags: ScheduleFlags,
  read: Awaited<ReturnType<typeof readScheduleFlags>>,
  prepared: Prepared,
  tests: number,
  onNote: (text: string) => void,
): Promise<Scheduled> {
  const { guest, pre, post, env, isolation } = read;
  const coverage = flags.coverage === undefined ? null : await checkCoverage(prepared, flags.coverage);
  const { jobs, told } = admit(Math.min(flags.jobs, tests), prepared.plan, await freeMemory());
  if (told) onNote(told);
  return {
    ...{ prepared, isolation, jobs, env, driver: guest.driver, preparation: guest.preparation },
    around: {
      ...{ pre, post, coverage },
      kmemleak: (await isBuiltWith(prepared.kernel, 'CONFIG_DEBUG_KMEMLEAK')) === true,
    },
    timeoutS: flags.timeout ?? null,
    idleS: flags.idle ?? null,
  };
}

/** How the tests were run, for the run's environment. */
export function settingsOf({ isolation, around, preparation, timeoutS, idleS }: Scheduled): {
  [key: string]: Json;
} {
  const { pre, post, kmemleak } = around;
  const named = (hook: typeof pre) => hook && { name: hook.name, hash: hook.hash };
  return {
    ...{ isolation, timeoutS, idleS, kmemleak },
    ...{ pre: named(pre), post: named(post) },
    ...{ modules: preparation.modules, dynamicDebug: preparation.dynamicDebug },
  };
}
