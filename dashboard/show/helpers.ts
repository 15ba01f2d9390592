// SPDX-License-Identifier: GPL-2.0-only
import { historyUrl, logUrl, runUrl, testUrl } from './links.ts';
import { glyphOf, legend, meaningOf, tally } from './outcome.ts';
import { ago, duration, iso, utc } from './time.ts';
import { visible } from './visible.ts';

const thousands = new Intl.NumberFormat('en-GB');

/**
 * The words that every template knows. All of them return plain text, which Handlebars then escapes.
 * None may be called as a field of a view is: `{{name}}` would find the helper first.
 */
export const helpers = {
  ago,
  duration,
  iso,
  utc,
  /** Text from a guest: without terminal codes, its control characters made visible. */
  shown: visible,
  /** The same cut at spaces: a browser breaks a line at any hyphen, in the middle of `--option`. */
  words: (text: string) => visible(text).split(' '),
  glyphOf,
  meaningOf,
  tally,
  legend: () => legend,
  runUrl,
  testUrl,
  historyUrl,
  logUrl: (hash: string, line: unknown) => logUrl(hash, typeof line === 'number' ? line : null),
  grouped: (value: number) => thousands.format(value),
  /** `1 test`, `2 tests`. */
  plural: (value: number, noun: string) => `${thousands.format(value)} ${noun}${value === 1 ? '' : 's'}`,
  isNumber: (value: unknown) => typeof value === 'number',
};
