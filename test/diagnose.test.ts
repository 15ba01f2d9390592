// SPDX-License-Identifier: GPL-2.0-only
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Prepared } from '../runner/setup.ts';
import type { Diagnosis, Machine } from '../vm/machine.ts';
import { qemuDriver } from '../vm/qemu/driver.ts';
import { qemuBelow } from '../vm/qemu/host-process.ts';
import { BootTrouble } from '../vm/trouble.ts';
import { FAULT_MODULE, FAULT_TRIGGER, withFaults } from './support/fault-module.ts';
import { capture, preparedGuest } from './support/guest.ts';
import { qemus, until } from './support/program.ts';

let prepared: Prepared;
let machine: Machine;

async function start(): Promise<Machine> {
  machine = await qemuDriver.restore!({
    rootfs: prepared.rootfs,
    plan: prepared.plan,
    timeoutMs: 300_000,
    onNote: () => {},
  });
  return machine;
}

/** Starts a program after which the agent answers no more. */
async function silence(script: string): Promise<void> {
  machine.exec({ argv: ['/bin/sh', '-c', script] }).exit.catch(() => {});
  await until('the agent is silent', 120_000, async () => !(await machine.ping(5_000)));
}

const titles = ({ evidence }: Diagnosis) => evidence.map(({ title }) => title);
const text = ({ evidence }: Diagnosis, title: string) =>
  evidence.find((found) => found.title.startsWith(title))?.text ?? '';

beforeAll(async () => {
  prepared = await withFaults(await preparedGuest());
});

afterEach(() => machine?.dispose());

describe('a guest that does not come up', () => {
  it('is looked at before it is ended', async () => {
    // The kernel waits for a disk that will never be there.
    const append = ['rdinit=/not/there', 'root=/dev/not-there', 'rootwait'];
    const failure = await qemuDriver
      .boot({ rootfs: prepared.rootfs, plan: { ...prepared.plan, append }, timeoutMs: 20_000 })
      .catch((error) => error);
    expect(failure).toBeInstanceOf(BootTrouble);
    expect(failure.message).toMatch(
      /^The guest gave no answer within 20 s\. When looked at, (the guest hangs|the kernel reacts)/,
    );
    expect(failure.console).toMatch(/registers of the processors:\nCPU#0|all tasks \(SysRq t\)/);
  });

  it('because QEMU is stopped, is not the kernel’s fault', async () => {
    const booting = qemuDriver
      .boot({ rootfs: prepared.rootfs, plan: prepared.plan, timeoutMs: 10_000 })
      .catch((error) => error);
    let pid: number | undefined;
    await until('QEMU runs', 10_000, async () => {
      [pid] = await qemus(`multitap-vm-${process.pid}-`);
      return pid !== undefined;
    });
    process.kill(pid!, 'SIGSTOP');
    const failure = await booting;
    expect(failure).not.toBeInstanceOf(BootTrouble);
    expect(failure.message).toMatch(/^The guest gave no answer within 10 s: QEMU \(process \d+\) is stopped/);
  });
});

describe('a machine that is examined', () => {
  it('is alive: the kernel is asked what it is at, and goes on', async () => {
    await start();
    const found = await machine.diagnose(40_000);
    expect(found).toMatchObject({ state: 'alive', why: 'the agent answers' });
    expect(text(found, 'blocked tasks')).toContain('sysrq: Show Blocked State');
    expect(text(found, 'memory')).toContain('Mem-Info:');
    expect(text(found, 'all tasks')).toMatch(/task:init .*pid:1 /);
    expect(text(found, 'what the processors run')).toContain('NMI backtrace for cpu 1');
    // Debian's kernels know nothing of locks.
    expect(titles(found)).not.toContain('held locks (SysRq d)');
    expect(await capture(machine, ['true'])).toMatchObject({ code: 0 });
  });

  it('has a QEMU that somebody stopped: ours, told at once, and no fault of the kernel’s', async () => {
    await start();
    const { pid } = (await qemuBelow(machine.pid))!;
    process.kill(pid, 'SIGSTOP');
    onTestFinished(() => {
      try {
        process.kill(pid, 'SIGCONT');
      } catch {}
    });
    const began = performance.now();
    const found = await machine.diagnose(20_000);
    expect(found).toMatchObject({
      state: 'driver-stopped',
      why: `QEMU (process ${pid}) is stopped, by a signal or a debugger`,
    });
    expect(performance.now() - began).toBeLessThan(2_000);
    process.kill(pid, 'SIGCONT');
    expect(await machine.ping(20_000)).toBe(true);
  });

  it('has an agent that is stuck: the kernel tells where', async () => {
    await start();
    const frozen = '/sys/fs/cgroup/frozen';
    await silence(
      `mkdir ${frozen}; echo 1 > ${frozen}/cgroup.procs; echo 1 > ${frozen}/cgroup.freeze; sleep 1000`,
    );
    const began = performance.now();
    const found = await machine.diagnose(30_000);
    expect(found).toMatchObject({
      state: 'agent-stuck',
      why: 'the kernel reacts, its first process does not',
    });
    expect(performance.now() - began).toBeLessThan(31_000);
    expect(text(found, 'all tasks')).toMatch(/task:init .*pid:1 .*get_signal\+/s);
  });

  it('hangs with interrupts off: its processors and its last trace tell where', async () => {
    await start();
    await silence(`insmod ${FAULT_MODULE}; echo hard-loop-all > ${FAULT_TRIGGER}`);
    const began = performance.now();
    const found = await machine.diagnose(40_000);
    expect(performance.now() - began).toBeLessThan(41_000);
    expect(found.state).toBe('guest-hung');
    expect(found.why).toMatch(
      /^the guest hangs: CPU 0 runs with interrupts off, at 0x\w+ \(a module\); CPU 1 runs with interrupts off, at 0x\w+ \(a module\)$/,
    );
    const stacks = `${text(found, 'how CPU 0')}\n${text(found, 'how CPU 1')}`;
    expect(stacks).toMatch(/\? vfs_write\+0x/);
    expect(stacks).toMatch(/\? (__flush_smp_call_function_queue|flush_smp_call_function_queue)\+0x/);
    expect(text(found, 'registers')).toContain('CPU#1');
    const last = text(found, 'what the kernel said to an NMI');
    expect(last).toMatch(/NMI: Not continuing.*loop_without_interrupts\+0x\w+\/0x\w+ \[fault\]/s);
    // What ended it was we.
    await machine.kill('hung');
    expect(await machine.ended).toEqual({ how: 'killed', why: found.why });
  });

  it('hangs with halted processors: that is told from a loop', async () => {
    await start();
    await silence(`insmod ${FAULT_MODULE}; echo halt-all > ${FAULT_TRIGGER}`);
    const found = await machine.diagnose(15_000);
    expect(found.state).toBe('guest-hung');
    expect(found.why).toMatch(/CPU 0 is halted with interrupts off, .*CPU 1 is halted with interrupts off/);
  });

  it('has ended', async () => {
    await start();
    await machine.kill('enough');
    expect(await machine.diagnose(5_000)).toMatchObject({ state: 'gone', why: 'enough' });
  });

  it('has little time: what can be found in it is', async () => {
    await start();
    const began = performance.now();
    const found = await machine.diagnose(300);
    expect(performance.now() - began).toBeLessThan(800);
    // On a busy machine each of them, from QEMU to the agent, may not answer within its share of so little.
    expect(['alive', 'agent-stuck', 'guest-hung', 'driver-stopped']).toContain(found.state);
  });
});
