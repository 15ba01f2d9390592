// SPDX-License-Identifier: GPL-2.0-only
import { rules } from './rules/index.ts';
import type { Rule } from './rules/rule.ts';

export interface Matched {
  rule: Rule;
  match: RegExpExecArray;
}

/** Rules by the first four characters of what they start with, so that a line meets few of them. */
const byBeginning = new Map<string, Rule[]>();
const anywhere: Rule[] = [];
for (const rule of rules) {
  if (rule.starts.length === 0) anywhere.push(rule);
  for (const key of new Set(rule.starts.map((start) => start.slice(0, 4)))) {
    byBeginning.set(key, [...(byBeginning.get(key) ?? []), rule]);
  }
}

/** The rule that `text`, behind its stamps, is the beginning of; null for nearly all lines. */
export function findRule(text: string): Matched | null {
  const trimmed = text.trimStart();
  return tryRules(byBeginning.get(trimmed.slice(0, 4)) ?? [], trimmed) ?? tryRules(anywhere, trimmed);
}

function tryRules(candidates: readonly Rule[], text: string): Matched | null {
  for (const rule of candidates) {
    const match = rule.begins.exec(text);
    if (match !== null) return { rule, match };
  }
  return null;
}
