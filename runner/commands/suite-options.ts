// SPDX-License-Identifier: GPL-2.0-only
import { type Command, Option } from 'commander';
import { findDebSource } from '../../vm/kernel/deb.ts';
import { parseDebReference } from '../../vm/kernel/reference.ts';
import { UsageTrouble } from '../../vm/trouble.ts';
import type { Builder } from '../setup.ts';
import { buildSuite } from '../suites/build.ts';
import { suites } from '../suites/registry.ts';
import type { Suite } from '../suites/suite.ts';
import { collect } from './options.ts';

/** What tests are built from: `--selftests`, and an option of each suite that has some. */
export interface SuiteFlags {
  selftests?: string;
  [option: string]: unknown;
}

const own = suites.flatMap((suite) => (suite.options ?? []).map((option) => ({ suite, option })));

/** The name under which commander keeps an option: `from-file` becomes `fromFile`. */
function key(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

export function suiteOptions(command: Command): Command {
  command.option(
    '--selftests <reference>',
    'build the selftests from another kernel’s source: deb:[SUITE/]VERSION',
  );
  for (const { suite, option } of own) {
    const words = `${suite.name}: ${option.description}${option.many ? '; may be repeated' : ''}`;
    const flag = new Option(`--${option.name} <${option.value}>`, words);
    command.addOption(option.many ? flag.argParser(collect) : flag);
  }
  return command;
}

function valuesOf(flags: SuiteFlags, name: string): string[] {
  const value = flags[key(name)];
  return value === undefined ? [] : Array.isArray(value) ? value : [String(value)];
}

/**
 * What builds a suite as the flags want it.
 *
 * @throws UsageTrouble for a reference that is none, for options of suites that are not run, and for what a suite refuses
 */
export async function suiteBuilder(
  suite: Suite,
  collections: readonly string[],
  chosen: readonly Suite[],
  flags: SuiteFlags,
): Promise<Builder> {
  const reference =
    flags.selftests === undefined
      ? null
      : parseDebReference(flags.selftests, 'Selftests are built from what Debian has of a kernel.');
  const stray = own.find((one) => valuesOf(flags, one.option.name).length > 0 && !chosen.includes(one.suite));
  if (stray)
    throw new UsageTrouble({
      happened: `--${stray.option.name} is for the suite ${stray.suite.name}, which is not run.`,
      expected: `multitap run ${stray.suite.name} --${stray.option.name} …`,
    });
  const options = Object.fromEntries((suite.options ?? []).map(({ name }) => [name, valuesOf(flags, name)]));
  await suite.check?.(options);
  return async ({ rootfs, kernel, progress }) => {
    const source = reference ? await findDebSource(rootfs, reference, progress) : kernel;
    return buildSuite(suite, { rootfs, kernel, source, collections, options, progress });
  };
}

/** What of this changes what is tested. */
export function suiteVariant(flags: SuiteFlags): string[] {
  return flags.selftests === undefined ? [] : [`selftests=${flags.selftests}`];
}

/** The options that repeat it. */
export function repeatedSuiteOptions(suite: Suite, flags: SuiteFlags): string[] {
  const given = (suite.options ?? []).flatMap(({ name }) =>
    valuesOf(flags, name).flatMap((value) => [`--${name}`, value]),
  );
  return [...(flags.selftests === undefined ? [] : ['--selftests', flags.selftests]), ...given];
}
