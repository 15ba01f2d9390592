// SPDX-License-Identifier: GPL-2.0-only
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import type { RunStart, SubtestReport, TestReport } from './types.ts';

// What the tests of this folder share; nothing else imports it.

/** An empty directory, removed when the test ends. */
export async function scratch(onTestFinished: (end: () => Promise<void>) => void): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'multitap-store-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export const morning = Date.UTC(2026, 0, 5, 8);
export const dayMs = 86_400_000;

export function aRun(change: Partial<RunStart> = {}): RunStart {
  return {
    uuid: randomUUID(),
    suite: 'mptcp',
    branch: { name: 'net-next', url: 'https://example.org/net-next.git', ref: 'main' },
    revision: { name: 'v6.12-1-gabc', position: 1, commit: 'abc' },
    variant: { arch: 'x86_64', accel: 'kvm', cpus: 2, flavour: 'normal', options: '' },
    environment: { kernel: '6.12.0', tools: { iproute2: '6.15' } },
    command: 'multitap run mptcp',
    startedAt: morning,
    planned: [],
    ...change,
  };
}

export function aTest(change: Partial<TestReport> = {}): TestReport {
  return {
    ...{ collection: 'net/mptcp', name: 'mptcp_join.sh', attempt: 1, outcome: 'pass' },
    ...{ startedAt: morning + 1000, durationMs: 5000, cpuMs: 700, exitCode: 0, signal: null },
    ...{ timeoutMs: 60_000, vm: 0, message: '', line: null, subtests: [], logs: [], problems: [] },
    ...change,
  };
}

export function aSubtest(name: string, change: Partial<SubtestReport> = {}): SubtestReport {
  return { name, outcome: 'pass', durationMs: 10, line: null, markedFlaky: false, message: '', ...change };
}

/** Every row of every table, read past the store. */
export function dump(directory: string): Record<string, unknown[]> {
  const database = new Database(path.join(directory, 'multitap.db'), { readonly: true });
  try {
    const tables = database.prepare<[], string>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
    );
    const names = tables.pluck().all();
    return Object.fromEntries(names.map((name) => [name, database.prepare(`SELECT * FROM ${name}`).all()]));
  } finally {
    database.close();
  }
}

/** Changes the database past the store. */
export function tamper(directory: string, statement: string): void {
  const database = new Database(path.join(directory, 'multitap.db'));
  database.exec(statement);
  database.close();
}
