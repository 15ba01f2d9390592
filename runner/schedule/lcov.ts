// SPDX-License-Identifier: GPL-2.0-only

/** What `gcov --json-format` says of one object file, as far as it is needed: gcov(1), format version 2. */
interface GcovDocument {
  current_working_directory?: string;
  files?: {
    file: string;
    lines: { line_number: number; count: number }[];
    functions: { name: string; start_line: number; execution_count: number }[];
  }[];
}

interface SourceFile {
  lines: Map<number, number>;
  functions: Map<string, { line: number; count: number }>;
}

/**
 * An lcov trace file (geninfo(1)) of what gcov printed: one JSON document on each line. A line or function that
 * several object files hold, as those of headers are, counts with their sum.
 *
 * @throws Error where nothing was counted: the notes of the build were not found
 */
export function lcovOf(gcov: string, test: string): string {
  const files = new Map<string, SourceFile>();
  for (const line of gcov.split('\n')) {
    if (!line.startsWith('{')) continue;
    for (const { file, lines, functions } of (JSON.parse(line) as GcovDocument).files ?? []) {
      const sum = files.get(file) ?? { lines: new Map(), functions: new Map() };
      files.set(file, sum);
      for (const { line_number, count } of lines)
        sum.lines.set(line_number, (sum.lines.get(line_number) ?? 0) + count);
      for (const { name, start_line, execution_count } of functions) {
        const before = sum.functions.get(name)?.count ?? 0;
        sum.functions.set(name, { line: start_line, count: before + execution_count });
      }
    }
  }
  if (files.size === 0) throw new Error('gcov found no notes (.gcno) that belong to the counters');
  const name = test.replace(/\W/g, '_');
  return [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((one) => record(name, ...one))
    .join('');
}

function record(test: string, path: string, { lines, functions }: SourceFile): string {
  const sorted = [...lines].sort(([a], [b]) => a - b);
  const called = [...functions];
  const hit = (counts: number[]) => counts.filter((count) => count > 0).length;
  return [
    `TN:${test}`,
    `SF:${path}`,
    ...called.map(([name, { line }]) => `FN:${line},${name}`),
    ...called.map(([name, { count }]) => `FNDA:${count},${name}`),
    `FNF:${called.length}`,
    `FNH:${hit(called.map(([, { count }]) => count))}`,
    ...sorted.map(([line, count]) => `DA:${line},${count}`),
    `LF:${sorted.length}`,
    `LH:${hit(sorted.map(([, count]) => count))}`,
    'end_of_record',
    '',
  ].join('\n');
}
