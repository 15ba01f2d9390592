// SPDX-License-Identifier: GPL-2.0-only
import { causesOf } from './causes.ts';
import { findRule, type Matched } from './match.ts';
import { OpenReport } from './open-report.ts';
import type { CrashReport } from './report.ts';
import { isDoubleRule, isLead, isTestOutput } from './shape.ts';
import type { ConsoleLine } from './stamp.ts';

/** CPUs and tasks that may report at the same time. */
const maxOpen = 8;
/** Lines between a `cut here` and the line that says what happened. */
const maxLead = 8;
/** The same, where lines of others come between. */
const maxLeadAge = 64;
/** Reports that are remembered to know them again. */
const maxSeen = 1024;

/** Puts lines together to reports: which line begins one, belongs to which, ends which. */
export class Assembler {
  #open: OpenReport[] = [];
  #leads = new Map<string, ConsoleLine[]>();
  #done: CrashReport[] = [];
  #seen = new Set<string>();

  /** Nothing has begun: only a line that may begin a report matters. */
  get idle(): boolean {
    return this.#open.length === 0 && this.#leads.size === 0;
  }

  /** The reports that are over since the last call. */
  take(): CrashReport[] {
    const done = this.#done;
    this.#done = [];
    return done;
  }

  /** The reports that have begun, as far as they are known. */
  pending(): CrashReport[] {
    return this.#open.map((open) => open.report());
  }

  /** The input is over. */
  end(): void {
    for (const open of [...this.#open]) {
      open.interrupted = !open.ended;
      this.#close(open);
    }
    this.#leads.clear();
  }

  read(line: ConsoleLine): void {
    for (const open of [...this.#open]) if (open.isOver(line)) this.#close(open);
    for (const [key, lead] of this.#leads)
      if (line.line - lead[0]!.line > maxLeadAge) this.#leads.delete(key);
    const matched = findRule(line.text);
    if (matched === null || (matched.rule.afterCut === true && !this.#isCut(line))) this.#other(line);
    else this.#matched(matched, line);
  }

  #matched(matched: Matched, line: ConsoleLine): void {
    const target = this.#targetOf(line);
    if (matched.rule.kind === 'panic' && this.#attachPanic(matched, line)) return;
    if (target !== undefined && absorbs(target, matched)) {
      this.#leads.delete(keyOf(line));
      target.attach(line);
    } else if (matched.rule.single === true) this.#emit(new OpenReport(matched, [], line));
    else this.#begin(matched, line, target);
  }

  /** Whether a `cut here` of the same context came a few lines before. */
  #isCut(line: ConsoleLine): boolean {
    const lead = this.#leads.get(keyOf(line));
    return lead !== undefined && !isDoubleRule(lead[0]!.text);
  }

  #begin(matched: Matched, line: ConsoleLine, target: OpenReport | undefined): void {
    let mixed = false;
    if (target !== undefined && (target.caller === line.caller || target.caller === null)) {
      target.interrupted = !target.ended;
      mixed = line.caller === null && target.isIncomplete();
      this.#close(target);
    }
    const lead = this.#leads.get(keyOf(line)) ?? [];
    this.#leads.delete(keyOf(line));
    const opened = new OpenReport(matched, lead, line);
    opened.mixed = mixed;
    this.#open.push(opened);
    if (this.#open.length > maxOpen) this.#close(this.#open[0]!);
  }

  #other(line: ConsoleLine): void {
    this.#targetOf(line)?.add(line);
    const key = keyOf(line);
    const lead = this.#leads.get(key);
    if (isLead(line.text)) {
      if (this.#leads.size < maxOpen || lead !== undefined) this.#leads.set(key, [line]);
    } else if (lead !== undefined && mayGoOn(lead[0]!.stamped, line)) {
      if (lead.length < maxLead) lead.push(line);
      else this.#leads.delete(key);
    }
  }

  /** The report that a line goes on with; undefined where it belongs to none. */
  #targetOf(line: ConsoleLine): OpenReport | undefined {
    const fits = (open: OpenReport): boolean => mayGoOn(open.stamped, line);
    const mine = this.#open.findLast((open) => open.caller === line.caller && fits(open));
    if (mine !== undefined || line.caller === null) return mine ?? this.#open.findLast(fits);
    return this.#open.findLast(
      (open) => (open.caller === null || open.matched.rule.manyCpus === true) && fits(open),
    );
  }

  /** A panic that only says what an earlier report leads to belongs to that report. */
  #attachPanic({ match }: Matched, line: ConsoleLine): boolean {
    const causes = causesOf(match[1]!);
    const fits = (open: OpenReport): boolean =>
      open.panic === null && causes.includes(open.matched.rule.kind);
    const cause =
      this.#open.findLast((open) => fits(open) && open.caller === line.caller) ?? this.#open.findLast(fits);
    if (cause === undefined) return false;
    cause.panic = match[1]!.trim();
    cause.attach(line);
    return true;
  }

  #close(report: OpenReport): void {
    this.#open = this.#open.filter((open) => open !== report);
    if (report.matched.rule.doubtful !== true || report.isProved) this.#emit(report);
  }

  /** Logs of one console often end with `dmesg`: the same words at the same microsecond are the same report. */
  #emit(open: OpenReport): void {
    const report = open.report();
    if (open.timeMs !== null) {
      const key = `${open.timeMs} ${report.title}`;
      if (this.#seen.has(key)) return;
      if (this.#seen.size >= maxSeen) this.#seen.delete(this.#seen.values().next().value!);
      this.#seen.add(key);
    }
    this.#done.push(report);
  }
}

/** What follows stamped lines is stamped; what follows others is at least no test's output. */
function mayGoOn(stamped: boolean, line: ConsoleLine): boolean {
  return stamped ? line.stamped : !isTestOutput(line.text);
}

const keyOf = (line: ConsoleLine): string => line.caller ?? '';

function absorbs(target: OpenReport, { rule }: Matched): boolean {
  const { absorbs: kinds, absorbsLate } = target.matched.rule;
  return !target.ended && (absorbsLate === true || !target.hasFrames) && kinds?.includes(rule.kind) === true;
}
