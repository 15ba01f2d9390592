// SPDX-License-Identifier: GPL-2.0-only
import type { Store } from '../store/types.ts';
import { type Counts, noCounts } from '../words.ts';
import { type Added, addImportedRun } from './add.ts';
import {
  ImportError,
  type ImportedRun,
  type ImportFile,
  type ImportFormat,
  type ImportOptions,
  type ImportProblem,
} from './import.ts';

/** Of one file; more are counted. */
const maxProblems = 1000;

/** What became of one file: what `multitap import --json` prints of it. */
export interface ImportReport {
  /** As it was named. */
  file: string;
  format: string;
  /** `different`: a run of that identity is stored and says something else; it was left as it is. */
  runs: Record<Added, number>;
  /** Attempts of tests, and subtests in them, by what they came to: of all the runs in the file. */
  tests: Counts;
  subtests: Counts;
  crashes: number;
  /** What is not stored, and why. */
  problems: ImportProblem[];
  /** What was made of things that leave a choice. */
  notes: ImportProblem[];
  /** Problems and notes that are not listed. */
  notListed: number;
  /** Why the file, or the rest of it, is not imported; null where it is. */
  refused: string | null;
}

/** Who wants to know while it goes on. */
export interface Progress {
  /** The report, which fills as it goes on: where the store fails it is all there is. */
  begins?(report: ImportReport): void;
  /** A problem or a note. */
  told(told: ImportProblem): void;
  /** So many runs of the file are done. */
  runs(count: number): void;
}

/**
 * Stores the runs of a file, each in one transaction: those before a place that cannot be read stay.
 * @param open gives the file; an ImportError of it is in the report, as one of the format is
 */
export async function importFile(
  store: Store,
  format: ImportFormat,
  name: string,
  open: () => Promise<ImportFile>,
  options: ImportOptions,
  progress: Progress,
): Promise<ImportReport> {
  const report = newReport(name, format);
  progress.begins?.(report);
  const tell = (what: 'problem' | 'note', told: ImportProblem) => {
    const list = what === 'problem' ? report.problems : report.notes;
    if (list.length >= maxProblems) {
      report.notListed++;
      return;
    }
    list.push({ place: told.place, text: told.text });
    progress.told(told);
  };
  try {
    for await (const event of format.read(await open(), options)) {
      if (event.type !== 'run') tell(event.type, event);
      else {
        const { added, how } = await addImportedRun(store, event.run);
        count(report, event.run, added);
        const { runs } = report;
        progress.runs(runs.new + runs.known + runs.different);
        if (added === 'different')
          tell('problem', {
            place: event.run.place,
            text: `run ${event.run.start.uuid} is stored ${how}: left as it is`,
          });
      }
    }
  } catch (error) {
    report.refused = error instanceof ImportError ? error.message : 'could not be stored';
    if (!(error instanceof ImportError)) throw error;
  }
  return report;
}

function newReport(file: string, format: ImportFormat): ImportReport {
  return {
    ...{ file, format: format.name, runs: { new: 0, known: 0, different: 0 } },
    ...{ tests: noCounts(), subtests: noCounts(), crashes: 0 },
    ...{ problems: [], notes: [], notListed: 0, refused: null },
  };
}

function count(report: ImportReport, { tests }: ImportedRun, added: Added): void {
  report.runs[added]++;
  for (const { outcome, subtests, crashes } of tests.flat()) {
    report.tests[outcome]++;
    for (const subtest of subtests) report.subtests[subtest.outcome]++;
    report.crashes += crashes?.length ?? 0;
  }
}
