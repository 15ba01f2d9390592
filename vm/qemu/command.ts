// SPDX-License-Identifier: GPL-2.0-only
import { join } from 'node:path';
import type { Accel, GuestPlan } from '../plan.ts';

/**
 * What of the guest's command line changes what is tested, and is therefore part of the variant.
 * Mitigations cost a lot under TCG and protect an emulated processor from nothing.
 */
export function testedOptions(accel: Accel): string[] {
  return accel === 'tcg' ? ['mitigations=off'] : [];
}

/**
 * What the kernel needs not measure of its clock, and need not watch either. Where the rate is not known under TCG, the
 * kernel compares its counter with another timer all the time: it may have taken the rate wrongly.
 */
export function clockOptions({ accel, tscKhz }: GuestPlan): string[] {
  if (accel === 'kvm') return ['tsc=reliable'];
  return tscKhz ? ['tsc=reliable', `tsc_early_khz=${tscKhz}`] : [];
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
    // Whatever a test does to kernel.sysrq: what a guest that hangs is asked by.
    'sysrq_always_enabled',
    'nokaslr',
    'cryptomgr.notests',
    ...clockOptions(plan),
    'no_timer_check',
    // The trace of a processor that serves no interrupts, as the last word of a guest that hangs. An emulated one
    // gets this interrupt from us only; a real one may get it from its performance counters.
    ...(plan.accel === 'tcg' ? ['unknown_nmi_panic'] : []),
    ...testedOptions(plan.accel),
    ...(plan.append ?? []),
  ];
}

/** A value within an option of QEMU's, where a comma begins the next one. */
function value(text: string): string {
  return text.replaceAll(',', ',,');
}

/** The guest's memory in a file, from which guests can go on where one was stopped. */
export interface Memory {
  /** Holds MEMORY_FILE. */
  dir: string;
  /** `make`: the guest writes into the file. `resume`: the file is its memory's beginning and stays as it is. */
  use: 'make' | 'resume';
}

export const MEMORY_FILE = 'memory';

function memoryOptions({ dir, use }: Memory, memoryMb: number): string[] {
  const sharing = use === 'make' ? 'share=on' : 'share=off,readonly=on,rom=off';
  const path = value(join(dir, MEMORY_FILE));
  return [
    '-object',
    `memory-backend-file,id=memory,size=${memoryMb}M,mem-path=${path},${sharing}`,
    ...(use === 'resume' ? ['-incoming', 'defer'] : []),
  ];
}

/** QEMU's command line; `dir` holds the sockets that we listen on. */
export function qemuCommand(plan: GuestPlan, dir: string, memory?: Memory): string[] {
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
    memory ? 'q35,memory-backend=memory' : 'q35',
    ...(plan.accel === 'kvm'
      ? ['-accel', 'kvm', '-cpu', 'host']
      : ['-accel', 'tcg,thread=multi', '-cpu', 'max']),
    '-smp',
    String(plan.cpus),
    '-m',
    `${plan.memoryMb}M`,
    ...(memory ? memoryOptions(memory, plan.memoryMb) : []),
    '-kernel',
    plan.kernel.vmlinux,
    '-initrd',
    plan.initramfs,
    '-append',
    kernelCommandLine(plan).join(' '),
    '-chardev',
    `pipe,id=console,path=${value(join(dir, 'console'))}`,
    '-serial',
    'chardev:console',
    '-device',
    'virtio-serial-pci',
    '-chardev',
    `socket,id=control,path=${value(join(dir, 'control'))}`,
    '-device',
    'virtserialport,chardev=control,name=multitap.control',
    '-chardev',
    `socket,id=monitor,path=${value(join(dir, 'monitor'))}`,
    '-mon',
    'chardev=monitor,mode=control',
    '-device',
    'virtio-rng-pci',
    ...layers,
  ];
}
