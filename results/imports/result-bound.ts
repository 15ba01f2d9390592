// SPDX-License-Identifier: GPL-2.0-only
import { ImportError, maxResultsOfRun } from './import.ts';

/**
 * Counts what may become a result of a run while it is read: in memory one takes far more than in a file.
 * @param place of the run, where a file may have several
 * @returns what is called for each, or for so many; it throws an ImportError beyond what a run may have
 */
export function resultBound(place = ''): (count?: number) => void {
  let left = maxResultsOfRun;
  return (count = 1) => {
    left -= count;
    if (left < 0) throw new ImportError(`${place && `${place} `}has more than ${maxResultsOfRun} results`);
  };
}
