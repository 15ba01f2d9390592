// SPDX-License-Identifier: GPL-2.0-only

import { isContradicted, titles } from '../../results/crash/held-against.ts';
import { type CrashReport, crashRecogniser, kinds, LEAKS_ANNOUNCED } from '../../results/crash/index.ts';
import type { CrashSighting } from '../../results/store/types.ts';
import type { Verdict } from '../suites/planned-test.ts';

/** What the kernel reported in a stretch of its log. */
export interface Splats {
  /** Faults of the kernel's own: they are held against it. */
  faults: CrashReport[];
  /** Worth knowing beside a failure: out of memory, a taint. */
  notes: CrashReport[];
}

export function readSplats(log: Uint8Array): Splats {
  const recogniser = crashRecogniser();
  const found = [...recogniser.push(log), ...recogniser.end()].sort((a, b) => a.line - b.line);
  // Leaks that were read are told themselves.
  const isRead = found.some(({ kind, title }) => kind === 'kmemleak' && title !== LEAKS_ANNOUNCED);
  const all = isRead ? found.filter(({ title }) => title !== LEAKS_ANNOUNCED) : found;
  return {
    faults: all.filter(({ kind }) => kinds[kind].severity !== 'note'),
    notes: all.filter(({ kind }) => kinds[kind].severity === 'note'),
  };
}

/** Tells the title of each fault as soon as its report is complete, of the last one when it is over. */
export function liveSplats(tell: (title: string) => void): {
  push(chunk: Uint8Array): void;
  end(): void;
} {
  const recogniser = crashRecogniser();
  const tellAll = (reports: CrashReport[]) => {
    for (const { kind, title } of reports) if (kinds[kind].severity !== 'note') tell(title);
  };
  return {
    push: (chunk) => tellAll(recogniser.push(chunk)),
    end: () => tellAll(recogniser.end()),
  };
}

export function sightings({ faults, notes }: Splats): CrashSighting[] {
  return [...faults, ...notes]
    .sort((a, b) => a.line - b.line)
    .map(({ signature, kind, title, frames, line, fatal }) => ({
      signature,
      kind,
      title,
      frames,
      line,
      fatal,
    }));
}

/**
 * A test during which the kernel found a fault in itself has not passed, whatever its exit code says: a WARN that
 * stays green is never looked at. A `crash` stays what the machine's end makes of it; our own `error` says nothing.
 */
export function withSplats(verdict: Verdict, { faults }: Splats): Verdict {
  if (faults.length === 0 || verdict.outcome === 'error') return verdict;
  const told = titles(faults).map((title) => `kernel: ${title}`);
  if (isContradicted(verdict.outcome)) {
    const own = verdict.outcome === 'pass' ? [] : [`the test itself: ${verdict.outcome} ${verdict.message}`];
    return { outcome: 'fail', message: [...told, ...own].join('\n') };
  }
  const [first, ...rest] = verdict.message.split('\n').filter(Boolean);
  return { ...verdict, message: [...(first ? [first] : []), ...told, ...rest].join('\n') };
}
