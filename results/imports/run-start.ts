// SPDX-License-Identifier: GPL-2.0-only
import type { BranchInput, Json, RunStart, VariantInput } from '../store/types.ts';
import type { ImportFile, ImportOptions } from './import.ts';

/** What the format knows of a run; the caller's options go before it. */
export interface Known {
  uuid: string;
  suite: string;
  branch: BranchInput;
  revision: { name: string; position?: number; commit?: string };
  variant?: Partial<VariantInput>;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** What else the file says of it, for the run's page. */
  facts?: { [key: string]: Json };
}

/** An imported run as it begins: what nobody knows stays empty, and 0 CPUs are CPUs that nobody counted. */
export function runStart(format: string, file: ImportFile, options: ImportOptions, known: Known): RunStart {
  const { uuid, startedAt } = known;
  const branch = options.branch === undefined ? known.branch : { name: options.branch };
  // Seconds: they sort as the dates do, where nobody told the place of a commit on its branch.
  const position = options.position ?? known.revision.position ?? Math.floor(startedAt / 1000);
  const revision =
    options.revision === undefined ? { ...known.revision, position } : { name: options.revision, position };
  return {
    ...{ uuid, branch, revision, startedAt, suite: options.suite ?? known.suite },
    variant: { ...unknownVariant, ...known.variant, ...options.variant },
    environment: { ...known.facts, import: { format, file: file.base } },
    command: `multitap import ${format} ${shellWord(file.base)}`,
    // What is stored says so itself: `addImportedRun`.
    planned: [],
  };
}

/** A manifest may name a file as it likes; the command is shown as what repeats the import. */
function shellWord(name: string): string {
  if (/^[\w.][\w.+-]*$/.test(name)) return name;
  return `'${`${name.startsWith('-') ? './' : ''}${name}`.replaceAll("'", "'\\''")}'`;
}

const unknownVariant: VariantInput = { arch: '', accel: '', cpus: 0, flavour: 'unknown', options: '' };
