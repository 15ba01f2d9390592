// SPDX-License-Identifier: GPL-2.0-only
import { InvalidArgumentError, Option } from 'commander';
import { dataFolder } from '../data.ts';

/** A whole number within bounds, for commander. */
export function wholeNumber(from: number, to: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < from || value > to)
      throw new InvalidArgumentError(`Expected a whole number from ${from} to ${to}.`);
    return value;
  };
}

export const kernelOption = () =>
  new Option('-k, --kernel <reference>', 'which kernel: deb:[SUITE/]VERSION').default('deb:6.12');
export const cpusOption = () =>
  new Option('--cpus <n>', 'virtual CPUs of a guest').argParser(wholeNumber(1, 64)).default(2);
export const memoryOption = () =>
  new Option('--memory <MiB>', 'memory of a guest').argParser(wholeNumber(256, 262_144)).default(2048);
export const accelOption = () =>
  new Option('--accel <name>', 'auto: KVM where a probe shows that it works')
    .choices(['auto', 'kvm', 'tcg'])
    .default('auto');
export const dataOption = () =>
  new Option('--data <folder>', 'where results are kept').default(dataFolder(), 'see MULTITAP_DATA');

export interface GuestFlags {
  kernel: string;
  cpus: number;
  memory: number;
  accel: 'auto' | 'kvm' | 'tcg';
}
