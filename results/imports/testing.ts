// SPDX-License-Identifier: GPL-2.0-only
import { onTestFinished } from 'vitest';
import { openStore } from '../store/index.ts';
import { scratch } from '../store/test-support.ts';
import type { TestReport } from '../store/types.ts';
import {
  ImportError,
  type ImportEvent,
  type ImportedRun,
  type ImportFile,
  type ImportFormat,
  type ImportOptions,
} from './import.ts';
import { importFile } from './import-file.ts';

// What the tests of this folder share; nothing else imports it.

export const modified = Date.UTC(2026, 10, 22, 12);

/** A file that is nowhere, in chunks of so many bytes; `others` stand beside it. */
export function inMemory(
  content: string | Uint8Array,
  base = 'file',
  others: Record<string, string> = {},
  chunk = 1000,
): ImportFile {
  const bytes = Buffer.from(content as string);
  return {
    ...{ name: `folder/${base}`, base, bytes: bytes.length, modifiedAt: modified },
    async *chunks() {
      for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
    },
    async beside(name) {
      if (!Object.hasOwn(others, name)) throw new ImportError('cannot be read: there is no such file');
      return inMemory(others[name]!, name);
    },
  };
}

export interface Read {
  /** Attempts one after the other. */
  runs: (Omit<ImportedRun, 'tests'> & { tests: TestReport[] })[];
  /** `place: text` of problems and notes. */
  problems: string[];
  notes: string[];
}

export async function readAll(
  format: ImportFormat,
  file: ImportFile,
  options: ImportOptions = {},
): Promise<Read> {
  const events: ImportEvent[] = [];
  for await (const event of format.read(file, options)) events.push(event);
  const told = (type: string) =>
    events.flatMap((one) => (one.type === type && 'text' in one ? [`${one.place}: ${one.text}`] : []));
  return {
    runs: events.flatMap((event) =>
      event.type === 'run' ? [{ ...event.run, tests: event.run.tests.flat() }] : [],
    ),
    problems: told('problem'),
    notes: told('note'),
  };
}

/** `fail net: a.sh#1 (pass b)`: one line for each attempt, for comparing. */
export function outline(tests: readonly TestReport[]): string[] {
  return tests.map(({ collection, name, attempt, outcome, subtests }) => {
    const parts = subtests.map((part) => `${part.outcome} ${part.name}`);
    return `${outcome} ${collection}: ${name}#${attempt}${parts.length > 0 ? ` (${parts.join(', ')})` : ''}`;
  });
}

/** For who does not look at the progress. */
export const quiet = { told: () => {}, runs: () => {} };

/** An empty store, and what imports a file into it. */
export async function openScratch() {
  const folder = await scratch(onTestFinished);
  const store = await openStore(folder);
  onTestFinished(() => store.close());
  const into = (format: ImportFormat, file: ImportFile, options: ImportOptions = {}) =>
    importFile(store, format, file.name, async () => file, options, quiet);
  return { folder, store, into };
}
