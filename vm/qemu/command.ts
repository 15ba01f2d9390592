// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path';
import type { Kernel } from '../kernel/kernel.ts';

export type Accel = 'kvm' | 'tcg';

export interface GuestPlan {
  kernel: Kernel;
  initramfs: string;
  /** erofs images, the root file system's first; later ones cover earlier ones. */
  layers: string[];
  cpus: number;
  memoryMb: number;
  accel: Accel;
  /** Added to the kernel's command line. */
  append?: string[];
}

/**
 * What of the guest's command line changes what is tested, and is therefore part of the variant.
 * Mitigations cost a lot under TCG and protect an emulated processor from nothing.
 */
export function testedOptions(accel: Accel): string[] {
  return accel === 'tcg' ? ['mitigations=off'] : [];
}

/** The kernel's command line. */
export function kernelCommandLine(plan: GuestPlan): string[] {
  return [
    'console=ttyS0',
    // Every byte on an emulated serial port costs an exit: boot quietly, the agent turns it up before tests.
    'quiet',
    // A panic ends QEMU at once (-no-reboot), so that it is noticed at once.
    'panic=-1',
    // The agent's marks must not be rate-limited.
    'printk.devkmsg=on',
    'nokaslr',
    'audit=0',
    'cryptomgr.notests',
    'tsc=reliable',
    'no_timer_check',
    ...testedOptions(plan.accel),
    ...(plan.append ?? []),
  ];
}

/** A value within an option of QEMU's, where a comma begins the next one. */
function value(text: string): string {
  return text.replaceAll(',', ',,');
}

/** QEMU's command line; `dir` holds the sockets that we listen on. */
export function qemuCommand(plan: GuestPlan, dir: string): string[] {
  const layers = plan.layers.flatMap((file, i) => [
    '-drive',
    `if=none,id=layer${i},file=${value(file)},format=raw,readonly=on,file.locking=off`,
    '-device',
    `virtio-blk-pci,drive=layer${i}`,
  ]);
  return [
    'qemu-system-x86_64',
    '-name',
    'multitap',
    '-nodefaults',
    '-no-user-config',
    '-display',
    'none',
    '-no-reboot',
    '-sandbox',
    'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny',
    '-machine',
    'q35',
    ...(plan.accel === 'kvm'
      ? ['-accel', 'kvm', '-cpu', 'host']
      : ['-accel', 'tcg,thread=multi', '-cpu', 'max']),
    '-smp',
    String(plan.cpus),
    '-m',
    `${plan.memoryMb}M`,
    '-kernel',
    plan.kernel.vmlinux,
    '-initrd',
    plan.initramfs,
    '-append',
    kernelCommandLine(plan).join(' '),
    '-chardev',
    `socket,id=console,path=${value(join(dir, 'console'))}`,
    '-serial',
    'chardev:console',
    '-device',
    'virtio-serial-pci',
    '-chardev',
    `socket,id=control,path=${value(join(dir, 'control'))}`,
    '-device',
    'virtserialport,chardev=control,name=multitap.control',
    '-device',
    'virtio-rng-pci',
    ...layers,
  ];
}
