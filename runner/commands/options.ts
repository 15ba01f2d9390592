// SPDX-License-Identifier: GPL-2.0-only
import { type Command, InvalidArgumentError, Option } from 'commander';
import { drivers, findDriver } from '../../vm/drivers.ts';
import { flavours } from '../../vm/kernel/flavours.ts';
import type { Driver } from '../../vm/machine.ts';
import { dataFolder } from '../data.ts';
import { kernelWords, parseModule } from '../kernel-words.ts';
import type { Preparation } from '../schedule/ready.ts';
import type { GuestOptions } from '../setup.ts';

/** A whole number within bounds, for commander. */
export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < from || value > to)
      throw new InvalidArgumentError(`Expected a whole number from ${from} to ${to}.`);
    return value;
  };
}

/** An option that may be repeated. */
export const collect = (value: string, before: string[] = []) => [...before, value];

export const dataOption = () =>
  new Option('--data <folder>', 'where results are kept').default(dataFolder(), 'see MULTITAP_DATA');

/** The guest that is wanted, the same for every command that boots one. */
export interface GuestFlags {
  kernel: string;
  flavour?: string;
  cpus: number;
  memory: number;
  accel: 'auto' | 'kvm' | 'tcg';
  driver: string;
  append?: string[];
  module?: string[];
  dyndbg?: string[];
}

export const KERNEL_FORMS =
  'deb:[SUITE/]VERSION, source:[SUITE/]VERSION, image:BZIMAGE[,modules=…][,config=…]';

export const kernelOption = () =>
  new Option('-k, --kernel <reference>', `which kernel: ${KERNEL_FORMS}`).default('deb:6.12');

export const flavourOption = () =>
  new Option(
    '--flavour <name>',
    `what source: is compiled as: ${Object.keys(flavours).join(', ')}, several with + (default: normal)`,
  );

/** Adds what `GuestFlags` has, but the kernel, which every command names first. */
export function guestOptions(command: Command): Command {
  return command
    .addOption(flavourOption())
    .addOption(new Option('--cpus <n>', 'virtual CPUs of a guest').argParser(wholeNumber(1, 64)).default(2))
    .addOption(
      new Option('--memory <MiB>', 'memory of a guest').argParser(wholeNumber(256, 262_144)).default(2048),
    )
    .addOption(
      new Option('--accel <name>', 'auto: KVM where a probe shows that it works')
        .choices(['auto', 'kvm', 'tcg'])
        .default('auto'),
    )
    .addOption(
      new Option('--driver <name>', 'what boots the guest')
        .choices(drivers.map(({ name }) => name))
        .default(drivers[0]!.name),
    )
    .option('--append <words>', 'added to the kernel’s command line; may be repeated', collect)
    .option('--module <name and parameters>', 'loaded before tests; may be repeated', collect)
    .option('--dyndbg <query>', 'dynamic debug, as `file net/mptcp/* +p`; may be repeated', collect);
}

export interface WantedGuest {
  options: GuestOptions;
  driver: Driver;
  preparation: Preparation;
  /** What of this changes what is tested, beside what the guest's plan tells. */
  variantOptions: string[];
}

/** @throws UsageTrouble for words that are no kernel's and modules that are none */
export function wantedGuest(flags: GuestFlags): WantedGuest {
  const modules = (flags.module ?? []).map(parseModule);
  const append = [...(flags.append ?? []).flatMap(kernelWords), ...modules.flatMap((one) => one.append)];
  const dynamicDebug = flags.dyndbg ?? [];
  const { kernel, flavour, cpus, memory: memoryMb, accel } = flags;
  return {
    options: { kernel, flavour, cpus, memoryMb, accel, append },
    driver: findDriver(flags.driver),
    preparation: { modules: modules.map(({ name }) => name), dynamicDebug },
    variantOptions: [
      ...(flags.driver === drivers[0]!.name ? [] : [`driver=${flags.driver}`]),
      ...append,
      ...modules.map(({ name }) => `module=${name}`),
      ...dynamicDebug.map((query) => `dyndbg="${query}"`),
    ],
  };
}
