// SPDX-License-Identifier: GPL-2.0-only
import type { Outcome } from '../../words.ts';
import { isTestProgs, outcomeOfExit } from '../test_progs/exit-code.ts';
import { parseDirective, splitDescription } from './directive.ts';
import { contradicts, outcomeOf } from './outcome.ts';

/** One result line, understood by itself. */
export interface ResultLine {
  number: number | null;
  name: string;
  collection: string | null;
  outcome: Outcome;
  durationMs: number | null;
  exitCode: number | null;
  markedFlaky: boolean;
  reason: string;
  /** Numbered, or with the ` - ` of TAP: cannot be taken for prose that starts with `ok`. */
  certain: boolean;
  /** What a reader should be told about the line; empty where it is plain. */
  doubt: string;
}

/** `ok 1 - name`, `not ok 2 name`, `ok 3`, `ok - name`, `ok`. The number is a whole word: `ok 2.5 GHz` has none. */
const line = /^(not ok|ok)(?:[ \t]+(\d{1,15}))?(?:[ \t]+(-)(?=[ \t]|$))?(?:[ \t]+(.*))?$/;

/**
 * Reads `<ok|not ok> [number] [-] [description] [# directive]` (TAP 13 and 14, and KTAP 1 in
 * Documentation/dev-tools/ktap.rst); null where `content` is anything else.
 *
 * kselftest.h prints a directive in the place of the description (`ok 3 # SKIP name and why`): the text
 * behind it is then name and reason both.
 */
export function parseResultLine(content: string): ResultLine | null {
  const first = content.charCodeAt(0);
  if (first !== letterO && first !== letterN) return null;
  const match = line.exec(content);
  if (match === null) return null;
  const ok = match[1] === 'ok';
  const whole = cutAtStamp(match[4] ?? '');
  const runner = parseRunnerName(whole.text);
  const { description, data } = runner ?? splitDescription(whole.text);
  const directive = parseDirective(data ?? '');
  let { doubt } = whole;
  if (contradicts(ok, directive.word))
    doubt = `${doubt === '' ? '' : `${doubt}; `}'${match[1]}' with the directive ${directive.word}`;
  const told = isTestProgs(runner?.collection ?? null, description)
    ? outcomeOfExit(directive.exitCode)
    : null;
  return {
    number: match[2] === undefined ? null : Number(match[2]),
    name: unescapeHash(description === '' ? directive.reason : description),
    collection: runner?.collection ?? null,
    outcome: told?.outcome ?? outcomeOf(ok, directive.word),
    durationMs: directive.durationMs,
    exitCode: directive.exitCode,
    markedFlaky: directive.word === 'ignore',
    reason: told?.reason ?? directive.reason,
    certain: match[2] !== undefined || match[3] !== undefined,
    doubt,
  };
}

const letterO = 0x6f;
const letterN = 0x6e;

/** `selftests: net/mptcp: diag.sh`, then a directive; its `#` may be lost (`test_cpu TIMEOUT 45 seconds`). */
const runnerName = /^selftests: (\S+): (\S+)(?:[ \t]+(.*))?$/;
const runnerData = /^(?:#[ \t]*(.*)|((?:SKIP|XFAIL|TIMEOUT \d+ seconds|exit=\d+))[ \t]*)$/;

/**
 * The name as kselftest/runner.sh prints it. The test is the name of a file and holds no space, so that
 * whatever is behind a `#` is the runner's remark, known or not (`# Create NS failed`).
 */
function parseRunnerName(
  text: string,
): { collection: string; description: string; data: string | null } | null {
  const match = text.startsWith('selftests: ') ? runnerName.exec(text) : null;
  if (match === null) return null;
  const data = match[3] === undefined ? null : runnerData.exec(match[3]);
  const extra = match[3] !== undefined && data === null ? ` ${match[3]}` : '';
  return {
    collection: match[1]!,
    description: `${match[2]}${extra}`.trim(),
    data: data === null ? null : (data[1] ?? data[2] ?? null),
  };
}

/** printk with microseconds: no name holds that. */
const printk = /\[ *\d{1,12}\.\d{6}\]/;

/** A kernel message that hit the end of the line is not part of the name (nor can its length be trusted). */
function cutAtStamp(text: string): { text: string; doubt: string } {
  const at = text.includes(']') ? (printk.exec(text)?.index ?? -1) : -1;
  if (at < 0) return { text, doubt: '' };
  return { text: text.slice(0, at).trimEnd(), doubt: 'a kernel message is glued to the result' };
}

function unescapeHash(name: string): string {
  return name.includes('\\#') ? name.replaceAll('\\#', '#') : name;
}
