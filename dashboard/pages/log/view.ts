// SPDX-License-Identifier: GPL-2.0-only
import { isBad } from '../../../results/words.ts';
import { classify } from '../../show/classify.ts';
import type { LogLine } from '../../show/lines.ts';
import { linesPerPage, runUrl, testUrl } from '../../show/links.ts';
import { byteSize } from '../../show/size.ts';
import { pieces, stripAnsi } from '../../show/visible.ts';
import type { View } from '../../web/site.ts';
import type { LogPage } from './query.ts';

export function logView(log: LogPage): View {
  const { hash, origin, from, total } = log;
  const to = from + log.lines.length - 1;
  return {
    ...log,
    title: origin ? `${origin.test}: ${origin.kind}` : `Log ${hash.slice(0, 12)}`,
    trail: [
      { name: 'Overview', href: '/' },
      ...(origin
        ? [
            { name: `Run #${origin.runId}`, href: runUrl(origin.runId) },
            { name: origin.test, href: testUrl(origin.runId, origin.series), up: true },
            { name: origin.kind, href: null },
          ]
        : [{ name: `Log ${hash.slice(0, 12)}`, href: null }]),
    ],
    short: hash.slice(0, 12),
    raw: `/log/${hash}/raw`,
    size: byteSize(log.bytes),
    to,
    pages: total > linesPerPage ? pager(hash, from, total) : null,
    lines: log.lines.map(lineView),
  };
}

function lineView({ number, text, cutBytes }: LogLine) {
  const outcome = classify(stripAnsi(text));
  return {
    number,
    pieces: pieces(text),
    outcome,
    stop: outcome !== null && isBad(outcome),
    cut: cutBytes > 0 ? byteSize(cutBytes) : null,
  };
}

function pager(hash: string, from: number, total: number) {
  const last = Math.floor((total - 1) / linesPerPage) * linesPerPage + 1;
  const at = (line: number) => `/log/${hash}${line > 1 ? `?from=${line}` : ''}`;
  return {
    first: from > 1 ? at(1) : null,
    previous: from > 1 ? at(from - linesPerPage) : null,
    next: from < last ? at(from + linesPerPage) : null,
    last: from < last ? at(last) : null,
  };
}
