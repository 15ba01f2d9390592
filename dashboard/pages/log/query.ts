// SPDX-License-Identifier: GPL-2.0-only
import type { LogKind, ResultReader } from '../../../results/store/types.ts';
import { type LogLine, sliceLines } from '../../show/lines.ts';
import { linesPerPage, logUrl, pageStart } from '../../show/links.ts';
import { Lost } from '../../web/lost.ts';
import type { Question } from '../../web/site.ts';
import { type BadLine, badLines } from './bad-lines.ts';

export interface LogPage {
  hash: string;
  bytes: number;
  /** Lines of the whole log. */
  total: number;
  /** 1-based number of the first line here. */
  from: number;
  lines: LogLine[];
  /** The first lines of the whole log that tell something bad; null where it is too long to look through. */
  bad: BadLine[] | null;
  origin: { runId: number; series: number; test: string; kind: LogKind } | null;
}

/** One page of the log that the address names. */
export async function findLog({ reader, params, query }: Question): Promise<LogPage | Lost> {
  const hash = params.hash ?? '';
  const content = await contentOf(reader, hash);
  if (content instanceof Lost) return content;
  const from = firstLine(query('from'));
  const { total, lines } = sliceLines(content, from, linesPerPage);
  if (total > 0 && from > total) {
    return new Lost(`This log has no line ${from}.`, `Its last line is ${total}: ${logUrl(hash, total)}`);
  }
  const origin = await reader.logOrigin(hash);
  return { hash, bytes: content.length, total, from, lines, bad: badLines(content), origin };
}

/** Every byte of a log. */
export async function contentOf(reader: ResultReader, hash: string): Promise<Uint8Array | Lost> {
  const content = /^[0-9a-f]{64}$/.test(hash) ? await reader.log(hash) : null;
  return content ?? noLog(hash);
}

function noLog(hash: string): Lost {
  const short = hash.length > 80 ? `${hash.slice(0, 80)}…` : hash;
  const expected =
    'A log’s address is the SHA-256 of its content, 64 hexadecimal digits, as linked on a run’s page.';
  return new Lost(`There is no log “${short}”.`, expected);
}

/** Any line will do: the page that holds it is shown. */
function firstLine(from: string | null): number {
  return from !== null && /^[1-9]\d{0,11}$/.test(from) ? pageStart(Number(from)) : 1;
}
