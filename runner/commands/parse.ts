// SPDX-License-Identifier: GPL-2.0-only
import { createReadStream } from 'node:fs';
import { Command, Option } from 'commander';
import { kinds } from '../../results/crash/index.ts';
import { auto } from '../../results/formats/auto.ts';
import { findFormat, formats } from '../../results/formats/registry.ts';
import { hasContent, understand } from '../../results/understand/index.ts';
import type { ParseReport, UnderstoodLog } from '../../results/understand/log.ts';
import { Trouble, UsageTrouble } from '../../vm/trouble.ts';
import { exitCodeOfTests, exitCodes } from '../exit.ts';
import { logLines } from '../report/log.ts';

interface ParseFlags {
  format: string;
  json?: boolean;
}

const names = [auto.name, ...formats.flatMap(({ name, aliases }) => [name, ...(aliases ?? [])])];

/** What files begin with that have to be unpacked first. */
const packed = [
  { magic: [0x1f, 0x8b], tool: 'gunzip' },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], tool: 'unzstd' },
  { magic: [0xfd, 0x37, 0x7a, 0x58], tool: 'unxz' },
  { magic: [0x42, 0x5a, 0x68], tool: 'bunzip2' },
  { magic: [0x50, 0x4b, 0x03, 0x04], tool: 'unzip' },
];

/** @throws UsageTrouble where the file cannot be read, or holds no log of any known format */
async function parseFile(file: string, flags: ParseFlags): Promise<UnderstoodLog> {
  const format = flags.format === auto.name ? auto : findFormat(flags.format)!;
  const parser = understand(file, format);
  let head: Buffer = Buffer.alloc(0);
  try {
    const chunks = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 256 * 1024 });
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      if (head.length < 512) head = Buffer.concat([head, chunk.subarray(0, 512)]);
      parser.push(chunk);
    }
  } catch (error) {
    throw unreadable(file, error as NodeJS.ErrnoException);
  }
  const log = parser.end();
  if (!hasContent(log)) throw unknown(log, flags, head);
  return log;
}

function unreadable(file: string, error: NodeJS.ErrnoException): Trouble {
  const why: Record<string, string> = {
    ENOENT: 'there is no such file',
    EISDIR: 'it is a directory',
    EACCES: 'permission denied',
  };
  const known = why[error.code ?? ''];
  const parts = { happened: `${file} cannot be read: ${known ?? error.message}.`, cause: error };
  if (known === undefined) return new Trouble(parts);
  return new UsageTrouble({ ...parts, expected: 'a log, or - for standard input' });
}

/** Nothing in the file is of the format: what it is instead, as far as that can be told. */
function unknown({ file, lines, format }: UnderstoodLog, flags: ParseFlags, head: Buffer): UsageTrouble {
  const unpacker = packed.find(({ magic }) => magic.every((byte, i) => head[i] === byte))?.tool;
  const [what, next] =
    head.length === 0
      ? ['is empty', undefined]
      : unpacker !== undefined
        ? ['is packed', `unpack it first, with ${unpacker}`]
        : head.includes(0)
          ? ['is no text', undefined]
          : [`holds no result and no crash, in ${lines} lines`, undefined];
  const tried = flags.format === auto.name ? names.slice(1).join(', ') : format;
  return new UsageTrouble({
    happened: `${file} ${what}.`,
    expected: `a log with results or kernel reports (${tried})`,
    ...(next === undefined ? {} : { next }),
  });
}

function exitCodeOfLog({ counts, complete, unnamed, crashes }: UnderstoodLog): number {
  const crashed = crashes.some(({ kind }) => kinds[kind].severity !== 'note');
  if (crashed || !complete || (unnamed.fail ?? 0) > 0) return exitCodes.testFailed;
  return exitCodeOfTests(counts.tests, counts.subtests);
}

async function parse(files: string[], flags: ParseFlags): Promise<void> {
  const report: ParseReport = { version: 1, files: [] };
  for (const file of files) {
    const log = await parseFile(file, flags);
    if (!flags.json) {
      if (report.files.length > 0) process.stdout.write('\n');
      process.stdout.write(`${logLines(log).join('\n')}\n`);
    }
    report.files.push(log);
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(report, null, 1)}\n`);
  const codes = report.files.map(exitCodeOfLog);
  process.exitCode =
    codes.find((code) => code === exitCodes.testFailed) ?? codes.find((code) => code !== 0) ?? exitCodes.ok;
}

export const parseCommand = () =>
  new Command('parse')
    .description('understand logs of tests and kernels, without storing anything')
    .argument('<file...>', 'logs; - for standard input')
    .addOption(new Option('-f, --format <name>', 'what the logs are').choices(names).default(auto.name))
    .option('--json', 'as JSON')
    .action(parse);
