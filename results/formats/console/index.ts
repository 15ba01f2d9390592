// SPDX-License-Identifier: GPL-2.0-only
import { type LineFormat, lineFormat } from '../line-format.ts';
import { ConsoleReader } from './reader.ts';

/** printk's stamp in front, as hardly anything else prints it. */
const stamped = /^(?:<\d{1,3}>)?\[ {0,9}\d{1,7}\.\d{6}\](?:\[|\s|$)/;

/** Whether the kernel printed the line. */
export function isKernelLine(text: string): boolean {
  return stamped.test(text);
}

/** A raw console log: the kernel's lines, and among them what programs printed in one of `dialects`. */
export function consoleFormat(dialects: readonly LineFormat[]): LineFormat {
  return lineFormat({
    name: 'console',
    summary: 'a raw console: the kernel’s log with test output of any of these in it, interleaved',
    reader: (onEvent) => new ConsoleReader(dialects, onEvent),
    sign: () => false,
  });
}
