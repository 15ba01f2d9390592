// SPDX-License-Identifier: GPL-2.0-only
/** npm's tap-parser on a file: tap-parser.ts measure|answer FILE */
import { readFileSync } from 'node:fs';
import { Parser } from 'tap-parser';

const [mode, file] = process.argv.slice(2);
const log = readFileSync(file!);
const before = process.cpuUsage();
const parser = new Parser();
let results = 0;
let end = 'no end';
parser.on('assert', () => results++);
parser.on('complete', ({ ok, bailout }) => {
  end = bailout ? 'bail out' : ok ? 'ok' : 'fail';
});
for (let at = 0; at < log.length; at += 65536) parser.write(log.subarray(at, at + 65536));
parser.end();
const { user, system } = process.cpuUsage(before);
const cpuS = (user + system) / 1e6;
process.stdout.write(mode === 'measure' ? JSON.stringify({ cpuS, results }) : `${end} results=${results}`);
