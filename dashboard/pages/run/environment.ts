// SPDX-License-Identifier: GPL-2.0-only
import type { Json } from '../../../results/store/types.ts';

export interface EnvironmentRow {
  name: string;
  value: string;
  /** Too long for a table's cell: a fold. */
  long: boolean;
}

const longFrom = 120;

/** What the runner recorded, flat: `{tools: {ip: '6.15'}}` gives `tools ip`; a list of words is a command line. */
export function environmentRows(environment: { [key: string]: Json }): EnvironmentRow[] {
  return Object.entries(environment).flatMap(([name, value]) => rows(name, value));
}

function rows(name: string, value: Json): EnvironmentRow[] {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([inner, each]) => rows(`${name} ${inner}`, each));
  }
  const text = Array.isArray(value) ? value.map(words).join(' ') : words(value);
  return [{ name, value: text === '' ? '–' : text, long: text.length > longFrom }];
}

function words(value: Json): string {
  if (value === null) return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
