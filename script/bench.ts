// SPDX-License-Identifier: GPL-2.0-only
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench, Row } from '../test/bench/bench.ts';
import { table } from '../test/bench/table.ts';

const folder = join(import.meta.dirname, '../test/bench');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
});
const names = (await readdir(folder)).flatMap((file) => /^(\w[\w-]*)\.bench\.ts$/.exec(file)?.[1] ?? []);
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  process.stderr.write(
    `script/bench: there is no bench ${unknown.join(', ')}\nExpected: one of ${names.join(', ')}\n`,
  );
  process.exit(2);
}

const rows: Row[] = [];
for (const name of positionals.length > 0 ? positionals : names) {
  const { bench } = (await import(join(folder, `${name}.bench.ts`))) as { bench: Bench };
  process.stderr.write(`… ${name}: ${bench.summary}\n`);
  rows.push(
    ...(await bench.run({ quick: values.quick, note: (text) => process.stderr.write(`  ${text}\n`) })).map(
      (row) => ({ bench: name, ...row }),
    ),
  );
}
process.stdout.write(values.json ? `${JSON.stringify(rows, null, 1)}\n` : table(rows));
process.exitCode = rows.every(({ holds }) => holds !== false) ? 0 : 1;
