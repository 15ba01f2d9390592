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

interface Head {
  ok: boolean;
  number: number | null;
  dash: boolean;
  /** Where the description begins. */
  from: number;
}

const maxDigits = 15;
const dash = 0x2d;
const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;
/** At the end of the line too, where `charCodeAt` is NaN. */
const endsWord = (code: number): boolean => isBlank(code) || Number.isNaN(code);

/**
 * `ok 1 - name`, `not ok 2 name`, `ok 3`, `ok - name`, `ok`. The number is a whole word: `ok 2.5 GHz` has none.
 * By hand, because this is what most of a large log goes through.
 */
function readHead(text: string): Head | null {
  const ok = text.startsWith('ok');
  if (!ok && !text.startsWith('not ok')) return null;
  let from = ok ? 2 : 6;
  if (!endsWord(text.charCodeAt(from))) return null;
  const head: Head = { ok, number: null, dash: false, from };
  let at = behindBlanks(text, from);
  const digits = at;
  let number = 0;
  for (let code = text.charCodeAt(at); code >= 0x30 && code <= 0x39; code = text.charCodeAt(++at))
    number = number * 10 + code - 0x30;
  if (at > digits && at - digits <= maxDigits && endsWord(text.charCodeAt(at))) {
    head.number = number;
    from = at;
  }
  at = behindBlanks(text, from);
  if (text.charCodeAt(at) === dash && endsWord(text.charCodeAt(at + 1))) {
    head.dash = true;
    from = at + 1;
  }
  head.from = behindBlanks(text, from);
  return head;
}

function behindBlanks(text: string, from: number): number {
  let at = from;
  while (isBlank(text.charCodeAt(at))) at++;
  return at;
}

/**
 * Reads `<ok|not ok> [number] [-] [description] [# directive]` (TAP 13 and 14, and KTAP 1 in
 * Documentation/dev-tools/ktap.rst); null where `content` is anything else.
 *
 * kselftest.h prints a directive in the place of the description (`ok 3 # SKIP name and why`): the text
 * behind it is then name and reason both.
 */
export function parseResultLine(content: string): ResultLine | null {
  const head = readHead(content);
  if (head === null) return null;
  const { ok } = head;
  const whole = cutAtStamp(content.slice(head.from));
  const runner = parseRunnerName(whole.text);
  const { description, data } = runner ?? splitDescription(whole.text);
  const directive = parseDirective(data ?? '');
  let { doubt } = whole;
  if (contradicts(ok, directive.word))
    doubt = `${doubt === '' ? '' : `${doubt}; `}'${ok ? 'ok' : 'not ok'}' with the directive ${directive.word}`;
  const told = isTestProgs(runner?.collection ?? null, description)
    ? outcomeOfExit(directive.exitCode)
    : null;
  return {
    number: head.number,
    name: unescapeHash(description === '' ? directive.reason : description),
    collection: runner?.collection ?? null,
    outcome: told?.outcome ?? outcomeOf(ok, directive.word),
    durationMs: directive.durationMs,
    exitCode: directive.exitCode,
    markedFlaky: directive.word === 'ignore',
    reason: told?.reason ?? directive.reason,
    certain: head.number !== null || head.dash,
    doubt,
  };
}

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
