// SPDX-License-Identifier: GPL-2.0-only
import type { GuestPlan } from '../plan.ts';
import { clockOptions, testedOptions } from '../qemu/command.ts';
import { CHANNELS, layerPath, START } from './sandbox.ts';

/**
 * A kernel option for vng, which splits it as a shell would and refuses quotation marks, but sets them itself around
 * an option with a space: `"name=a b"` is to the kernel what `name="a b"` is (lib/cmdline.c).
 */
function quote(option: string): string {
  return `'${option.replaceAll('"', '').replaceAll("'", "'\\''")}'`;
}

/** virtme-ng's own part: the kernel, the guest's size, the accelerator. Nothing that its users would not write. */
export function vngCommand(plan: GuestPlan, exec: string): string[] {
  return [
    'vng',
    '--run',
    plan.kernel.release,
    '--name',
    'multitap',
    '--cpus',
    String(plan.cpus),
    '--memory',
    `${plan.memoryMb}M`,
    // Said, since virtme-ng falls back to TCG without a word; and its microvm has no PCI for our ports.
    ...(plan.accel === 'tcg' ? ['--disable-kvm'] : ['--disable-microvm']),
    '--exec',
    exec,
  ];
}

/** What goes onto the kernel's command line behind virtme-ng's own. */
export function kernelOptions(plan: GuestPlan): string[] {
  return [
    // Its last word would be 0, which hides even an oops.
    'loglevel=4',
    // The agent's marks must not be rate-limited.
    'printk.devkmsg=on',
    // For whoever looks up addresses in the kernel's image.
    'nokaslr',
    ...clockOptions(plan),
    ...testedOptions(plan.accel),
    ...(plan.append ?? []),
  ];
}

/** The same with our channels, the layers, and our agent as what is executed. */
export function virtmeCommand(plan: GuestPlan, layers: number): string[] {
  return [
    ...vngCommand(plan, `exec ${START}`),
    ...kernelOptions(plan).flatMap((option) => ['--append', quote(option)]),
    `--qemu-opts=${qemuOptions(layers).join(' ')}`,
  ];
}

/** What virtme-ng hands on to QEMU, through two shells: no path of the host's is among it. */
function qemuOptions(layers: number): string[] {
  const socket = (name: string) => ['-chardev', `socket,id=mt-${name},path=${CHANNELS}/${name}`];
  return [
    ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'],
    ...[...socket('control'), '-device', 'virtio-serial-pci'],
    ...['-device', 'virtserialport,chardev=mt-control,name=multitap.control'],
    ...[...socket('monitor'), '-mon', 'chardev=mt-monitor,mode=control'],
    // Until its serial port is ours: console.ts.
    '-S',
    ...['-device', 'virtio-rng-pci'],
    ...Array.from({ length: layers }, (_, n) => [
      '-drive',
      `if=none,id=layer${n},file=${layerPath(n)},format=raw,readonly=on,file.locking=off`,
      '-device',
      `virtio-blk-pci,drive=layer${n},serial=layer-${n}`,
    ]).flat(),
  ];
}

/**
 * Runs a command with a pipe for its output and nothing for its input, since virtme-ng opens the three again by
 * their paths, which sockets (what a child of Node gets) do not allow.
 */
export function withPipe(command: string[]): string[] {
  const script = [
    '"$@" < /dev/null > >(exec cat) 2>&1',
    'code=$?',
    // For its last words: all here ends with this shell.
    'sleep 0.1',
    'exit $code',
  ].join('\n');
  return ['bash', '-c', script, 'bash', ...command];
}
