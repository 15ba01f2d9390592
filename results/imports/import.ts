// SPDX-License-Identifier: GPL-2.0-only
import type { RunEnd, RunStart, TestReport, VariantInput } from '../store/types.ts';

/** Why a file cannot be imported: its own fault, in words for the one who named it. */
export class ImportError extends Error {
  override readonly name = 'ImportError';
}

/** A file of another program, read as a whole or as it streams. */
export interface ImportFile {
  /** As it was named. */
  name: string;
  /** The last part of the name. */
  base: string;
  bytes: number;
  /** Milliseconds since the epoch: the only date of a log that tells none. */
  modifiedAt: number;
  chunks(): AsyncIterable<Uint8Array>;
  /** A file in the same folder. @throws ImportError where there is none, or the name leads elsewhere */
  beside(base: string): Promise<ImportFile>;
}

/** What the caller knows better than the file. */
export interface ImportOptions {
  branch?: string;
  suite?: string;
  revision?: string;
  /** Where the revision stands on its branch, if it is not there yet; larger is newer. */
  position?: number;
  variant?: Partial<VariantInput>;
}

export interface ImportedRun {
  /** Where in the file it stands: `[17]`, `line 3`; empty where the file is the run. */
  place: string;
  start: RunStart;
  /** Each with all its attempts, in their order. */
  tests: TestReport[][];
  end: RunEnd;
}

/** What could not be understood, or is worth knowing; with its place in the file. */
export interface ImportProblem {
  place: string;
  text: string;
}

/**
 * What a file gives, in its order. `problem`: something in it is not stored. `note`: it is stored, and this is what
 * was made of it.
 */
export type ImportEvent =
  | { type: 'run'; run: ImportedRun }
  | ({ type: 'problem' } & ImportProblem)
  | ({ type: 'note' } & ImportProblem);

/** A source of results. A new one is one file here and one line in `registry.ts`. */
export interface ImportFormat {
  name: string;
  /** One line for `--help` and the reference. */
  summary: string;
  /** Larger files are refused before they are read: a run has to be in memory to be stored in one transaction. */
  maxBytes: number;
  /** @throws ImportError, and nothing else, for whatever is in the file */
  read(file: ImportFile, options: ImportOptions): AsyncIterable<ImportEvent>;
}

export const MiB = 1024 * 1024;

/** Tests and subtests of one run, which has to be in memory. */
export const maxResultsOfRun = 200_000;

export const problem = (place: string, text: string): ImportEvent => ({ type: 'problem', place, text });
export const note = (place: string, text: string): ImportEvent => ({ type: 'note', place, text });
