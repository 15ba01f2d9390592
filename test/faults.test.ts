// SPDX-License-Identifier: GPL-2.0-only
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faults, longFaults } from './faults/faults.ts';
import { hostFaults } from './faults/host.ts';
import { meetHostFaults } from './faults/host-fault.ts';
import { openRoom } from './faults/host-room.ts';
import { type MetInGuest, meetFaults } from './faults/matrix.ts';
import { type Met, matrixTable } from './faults/table.ts';
import { preparedGuest } from './support/guest.ts';
import { temporaryFolder } from './support/program.ts';
import { all } from './support/slow.ts';

/**
 * All of them: those of the host and the long ones once, the others in guests so often that together they are two
 * hundred. Else the quick half, once.
 */
const everything = Boolean(process.env.MULTITAP_TEST_FAULTS) || all;
const chosen = everything ? faults : faults.filter(({ quick }) => quick);
const chosenOfHost = everything ? hostFaults : hostFaults.filter(({ quick }) => quick);
const chosenLong = everything ? longFaults : [];
const once = hostFaults.length + longFaults.length;
const rounds = everything ? Math.ceil((200 - once) / faults.length) : 1;

let dir: string;
let longDir: string;
let hostDir: string;
let met: MetInGuest[];
let metOfHost: Met[];

beforeAll(
  async () => {
    dir = await temporaryFolder('faults');
    let ended = 0;
    const guest = await preparedGuest();
    const often = await meetFaults(guest, dir, chosen, {
      rounds,
      // Of all of them many only wait.
      jobs: everything ? 4 : 2,
      // The hang of a test is waited for this long; all of them at once keep a machine busy.
      timeoutS: everything ? 90 : 30,
      onEnd: (name, outcome) => {
        ended++;
        if (everything) process.stdout.write(`${ended}/${rounds * chosen.length} ${name}: ${outcome}\n`);
      },
    });
    hostDir = await temporaryFolder('host-faults');
    const room = await openRoom(await preparedGuest('net/mptcp'), hostDir);
    longDir = await temporaryFolder('long-faults');
    const [long, host] = await Promise.all([
      meetFaults(guest, longDir, chosenLong, { rounds: 1, jobs: 1, timeoutS: 3600 }),
      meetHostFaults(room, chosenOfHost, 1),
    ]);
    met = [...often, ...long];
    metOfHost = host;
    process.stdout.write(matrixTable([...met, ...metOfHost]));
  },
  (rounds * chosen.length + chosenOfHost.length) * 120_000,
);

afterAll(async () => {
  for (const folder of [dir, longDir, hostDir])
    if (folder) await rm(folder, { recursive: true, force: true });
});

describe(`the fault matrix${everything ? '' : ' (the quick half; all of it: script/test --faults)'}`, () => {
  it.each([...chosen, ...chosenLong].map(({ name }) => name))('%s is told for what it is', (name) => {
    expect(met.filter((one) => one.name === name).flatMap(({ wrong }) => wrong)).toEqual([]);
  });

  it.for(chosenOfHost.map(({ name }) => name))('%s is told for what it is', (name, { skip }) => {
    const [one] = metOfHost.filter((found) => found.name === name);
    if (one!.skipped) skip(one!.skipped);
    expect(one!.wrong).toEqual([]);
  });

  it('loses no test', () => {
    expect(met.filter(({ report }) => !report)).toEqual([]);
  });

  const bySignature = () => {
    const signatures = new Map<string, Set<string>>();
    for (const { fault, report } of met) {
      if (!fault.crash || !report) continue;
      const crash = report.crashes?.find(({ kind }) => kind === fault.crash!.kind);
      // The same code, met in an interrupt and outside of one.
      const key = fault.crash.title.source.replace(/^\^|\$$/g, '');
      signatures.set(key, (signatures.get(key) ?? new Set()).add(crash?.signature ?? 'none'));
    }
    return signatures;
  };

  const why = rounds === 1 ? ' (not now: each is met once)' : '';
  it.skipIf(rounds === 1)(`gives one fault one signature, whenever it comes${why}`, () => {
    expect([...bySignature().values()].map(({ size }) => size)).toEqual([...bySignature()].map(() => 1));
  });

  it('gives different faults different signatures', () => {
    const given = [...bySignature().values()].flatMap((set) => [...set]);
    expect(new Set(given).size).toBe(given.length);
  });
});
