// SPDX-License-Identifier: GPL-2.0-only
import { z } from 'zod';
import { parseDate, parseNipaDate } from './dates.ts';
import { nameUuid } from './identity.ts';
import {
  ImportError,
  type ImportEvent,
  type ImportFile,
  type ImportFormat,
  type ImportOptions,
  MiB,
  note,
  problem,
} from './import.ts';
import { NipaTests } from './nipa-tests.ts';
import { readJson } from './read-file.ts';
import { runStart } from './run-start.ts';
import { agreed } from './worse.ts';
import { wrong } from './wrong.ts';

const maxBytes = 32 * MiB;
/** NIPA itself keeps 500. */
const maxRuns = 10_000;
/** Characters of what is only shown. */
const maxWords = 1000;

/** A null `url`: it is still running. */
const manifestEntry = z.object({ url: z.string().nullable(), executor: z.string(), branch: z.string() });
type ManifestEntry = z.infer<typeof manifestEntry>;

const resultFile = z.object({
  executor: z.string().min(1).max(maxWords),
  branch: z.string().min(1).max(maxWords),
  start: z.string().max(60),
  end: z.string().max(60).nullish(),
  link: z.string().nullish(),
  results: z.array(z.unknown()),
});

/**
 * What an executor of netdev's contest publishes (NIPA, contest/remote): a result file, or the manifest
 * `results.json` that names such files. Files are looked for beside the manifest; nothing is fetched.
 * Groups are collections; executors are suites, those with debug kernels the same one of another flavour.
 */
export const nipa: ImportFormat = {
  name: 'nipa',
  summary: 'a result file of netdev’s NIPA, or a manifest results.json with the files beside it',
  maxBytes,
  async *read(file, options) {
    const content = await readJson(file, maxBytes);
    if (Array.isArray(content)) yield* readManifest(file, content, options);
    else yield* readResults(file, content, options, '', null);
  },
};

async function* readManifest(
  file: ImportFile,
  content: readonly unknown[],
  options: ImportOptions,
): AsyncIterable<ImportEvent> {
  if (content.length > maxRuns) throw new ImportError(`names more than ${maxRuns} result files`);
  const entries = content.map((value) => manifestEntry.safeParse(value));
  const first = entries[0];
  if (first?.error && !entries.some(({ success }) => success))
    throw new ImportError(`is no manifest of NIPA: ${wrong(first.error)}`);
  for (const [i, { data, error }] of entries.entries()) {
    const place = `[${i}]`;
    if (error) yield problem(place, `not stored: ${wrong(error)}`);
    else if (data.url === null) yield note(place, `${labelOf(data)}: still running, has no results yet`);
    else yield* readNamed(file, data.url, data, options, place);
  }
}

const labelOf = ({ executor, branch }: Pick<ManifestEntry, 'executor' | 'branch'>): string =>
  `${executor} ${branch}`.slice(0, 300);

/** One file that is bad takes none of the others with it. */
async function* readNamed(
  file: ImportFile,
  url: string,
  entry: ManifestEntry,
  options: ImportOptions,
  place: string,
): AsyncIterable<ImportEvent> {
  const base = lastSegment(url);
  try {
    const beside = await file.beside(base);
    const content = await readJson(beside, maxBytes);
    yield* readResults(beside, content, options, `${place} ${base}`, entry);
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    const hint = base === url ? '' : `; it belongs beside the manifest, from ${url.slice(0, 300)}`;
    yield problem(`${place} ${base.slice(0, 200)}`, `${labelOf(entry)}: ${error.message}${hint}`);
  }
}

/** The name that a download of an address gets; a name that is none stays as it is. */
function lastSegment(url: string): string {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) return url;
  const segment = new URL(url).pathname.split('/').at(-1)!;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function* readResults(
  file: ImportFile,
  content: unknown,
  options: ImportOptions,
  place: string,
  entry: ManifestEntry | null,
): Iterable<ImportEvent> {
  const parsed = resultFile.safeParse(content);
  if (!parsed.success) throw new ImportError(`is no result file of NIPA: ${wrong(parsed.error)}`);
  const { executor, branch, start, end, link, results } = parsed.data;
  const startedAt = parseDate(start);
  if (startedAt === null)
    throw new ImportError(`is no result file of NIPA: start ${JSON.stringify(start)} is no date`);
  if (entry !== null && (entry.executor !== executor || entry.branch !== branch))
    yield note(
      place,
      `the manifest says ${labelOf(entry)}, the file ${labelOf({ executor, branch })}: it counts`,
    );
  const reader = new NipaTests(place, startedAt);
  for (const [i, one] of results.entries()) reader.add(`results[${i}]`, one);
  yield* reader.told;
  const { tests, notes } = agreed(reader.tests);
  yield* notes;
  const debug = /-(?:dbg|debug)$/.exec(executor);
  const known = {
    uuid: nameUuid('nipa', [executor, branch]),
    suite: debug ? executor.slice(0, debug.index) || executor : executor,
    ...{ startedAt, ...branchOf(branch) },
    variant: { flavour: debug ? 'debug' : 'normal' },
    facts: { executor, nipaBranch: branch, ...(link ? { link: link.slice(0, maxWords) } : {}) },
  };
  const finishedAt = Math.max(startedAt, parseDate(end ?? '') ?? startedAt);
  const run = {
    place,
    start: runStart('nipa', file, options, known),
    tests,
    end: { state: 'complete' as const, finishedAt, reason: '' },
  };
  yield { type: 'run', run };
}

/** `net-next` and its state of `2026-11-22--00-00`; a branch without a date is followed under its own name. */
function branchOf(branch: string) {
  const match = /^(.+)-(\d{4}-\d\d-\d\d--\d\d-\d\d)$/.exec(branch);
  const date = match ? parseNipaDate(match[2]!) : null;
  if (match === null || date === null) return { branch: { name: branch }, revision: { name: branch } };
  return { branch: { name: match[1]! }, revision: { name: branch, position: Math.floor(date / 1000) } };
}
