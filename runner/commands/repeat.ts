// SPDX-License-Identifier: GPL-2.0-only
import { drivers } from '../../vm/drivers.ts';
import type { ScheduleFlags } from './run-options.ts';

/** Quoted where the shell would not leave it alone. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The options that repeat a run as it was asked for, without those that say what every run does. */
export function repeatedOptions(flags: ScheduleFlags): string[] {
  const words: string[] = [];
  const add = (option: string, ...values: (string | number | undefined)[]) => {
    for (const value of values) if (value !== undefined) words.push(option, String(value));
  };
  add('--flavour', flags.flavour);
  add('--jobs', flags.jobs);
  add('--cpus', flags.cpus);
  add('--memory', flags.memory);
  add('--timeout', flags.timeout);
  add('--idle', flags.idle);
  if (flags.accel !== 'auto') add('--accel', flags.accel);
  if (flags.driver !== drivers[0]!.name) add('--driver', flags.driver);
  add('--isolation', flags.isolation);
  add('--append', ...(flags.append ?? []));
  add('--module', ...(flags.module ?? []));
  add('--dyndbg', ...(flags.dyndbg ?? []));
  add('--env', ...(flags.env ?? []));
  add('--pre', flags.pre);
  add('--post', flags.post);
  add('--coverage', flags.coverage);
  return words;
}
