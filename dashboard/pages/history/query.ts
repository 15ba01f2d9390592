// SPDX-License-Identifier: GPL-2.0-only
import type { SeriesHistory } from '../../../results/store/types.ts';
import { Lost } from '../../web/lost.ts';
import type { Question } from '../../web/site.ts';

const pointsShown = 100;
/** As many cells as a browser draws at once without complaint. */
export const mostPoints = 2000;

export interface HistoryPage extends SeriesHistory {
  /** How many points were asked for. */
  limit: number;
}

/** The series that the address names. */
export async function findHistory({ reader, params, query }: Question): Promise<HistoryPage | Lost> {
  const id = params.series ?? '';
  const limit = limitOf(query('limit'));
  const history = /^\d{1,15}$/.test(id) ? await reader.history(Number(id), limit) : null;
  if (history) return { ...history, limit };
  const short = id.length > 60 ? `${id.slice(0, 60)}…` : id;
  const expected = 'A history’s address is /t/ and the number that a run’s page links its tests with.';
  return new Lost(`There is no test history “${short}”.`, expected);
}

function limitOf(text: string | null): number {
  const asked = text !== null && /^\d{1,6}$/.test(text) ? Number(text) : pointsShown;
  return Math.min(Math.max(asked, 1), mostPoints);
}
