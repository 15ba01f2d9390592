// SPDX-License-Identifier: GPL-2.0-only
import type { Report } from '../report.ts';
import type { Level } from './level.ts';
import type { Nesting } from './nesting.ts';
import type { NumberedBlocks } from './numbered.ts';
import {
  parseBailOut,
  parseMetadata,
  parsePlan,
  parseRunnerHeader,
  parseSubtestHeader,
  parseVersion,
} from './other-lines.ts';
import type { PlacedLine as Line, Place } from './place.ts';

/** Keys of one test that are kept. */
const maxMetadata = 64;

/** The lines that say how results hang together: versions, plans, headers, bail-outs. */
export class Structure {
  #report: Report;
  #nesting: Nesting;
  #numbered: NumberedBlocks;

  constructor(report: Report, nesting: Nesting, numbered: NumberedBlocks) {
    this.#report = report;
    this.#nesting = nesting;
    this.#numbered = numbered;
  }

  /** Takes the line in; false where it is of another kind. */
  read(line: Line): boolean {
    const { content } = line;
    // By its first letter, since most of what tests print can be none of these.
    switch (content[0]) {
      case '#': {
        if (content.startsWith('#:')) return this.#metadata(line);
        return this.#subtestHeader(parseSubtestHeader(content), line);
      }
      case 'S':
        return this.#subtestHeader(parseSubtestHeader(content), line);
      case 'T':
      case 't':
      case 'K':
      case 'k': {
        const version = parseVersion(content);
        return version !== null && this.version(version, line, line.line);
      }
      case '1': {
        const plan = parsePlan(content);
        return plan !== null && this.plan(plan, line, line.line);
      }
      case 'B':
      case 'b':
        return this.#bailOut(parseBailOut(content), line);
      case 's': {
        const header = line.hashes > 0 && line.indent === 0 ? parseRunnerHeader(content) : null;
        return header !== null && this.runnerHeader(header, line, line.line, line.stamped);
      }
      default:
        return false;
    }
  }

  /** `# selftests: DIR: TEST`: the runner's own place is one layer further out than the line. */
  runnerHeader(
    header: { collection: string; name: string },
    { hashes }: Place,
    line: number,
    stamped: boolean,
  ): true {
    this.#nesting.settle({ hashes: hashes - 1, indent: 0 }, line);
    this.#nesting.open({ hashes, indent: 0 }, { ...header, line, stamped }, false, line);
    this.#numbered.reset();
    return true;
  }

  /** Acts on a version line that opened another document at the same place, after all. */
  restart(level: Level, line: number): Level {
    if (level.restarting === null) return level;
    const version = level.restarting;
    level.restarting = null;
    this.#nesting.closeAllFlat(line);
    const base = this.#nesting.top!;
    this.#nesting.finish(base, line);
    base.restart(version);
    return base;
  }

  version(version: 'tap' | 'ktap', place: Place, line: number): true {
    const level = this.#nesting.settle(place, line);
    if (level.empty) level.restart(version);
    else level.restarting = version;
    this.#numbered.stop();
    return true;
  }

  plan({ count, skip }: { count: number; skip: string | null }, place: Place, line: number): true {
    const level = this.restart(this.#nesting.settle(place, line), line);
    if (level.plan !== null) {
      // No version line between two documents: KSFT_TAP_LEVEL makes kselftest.h leave it out.
      this.#nesting.finish(level, line);
      level.restart(level.version);
    }
    if (level.seen === 0) level.stopBefore();
    level.plan = count;
    level.planLine = line;
    level.skip = skip;
    return true;
  }

  #bailOut(reason: string | null, line: Line): boolean {
    if (reason === null) return false;
    this.#report.summary.bailOut ??= reason;
    this.#report.lost(line.line, 'bailed out', reason);
    this.#nesting.explain(line.line, line.body);
    return true;
  }

  /** Before a level's plan and results it is about their parent, later about the next result. */
  #metadata(line: Line): boolean {
    const found = parseMetadata(line.content);
    if (found === null) return false;
    const level = this.#nesting.settle(line, line.line);
    const early = level.version !== null && level.seen === 0 && level.plan === null && !level.flat;
    const about = early ? 'parentMetadata' : 'metadata';
    const kept = level[about] ?? {};
    if (Object.keys(kept).length < maxMetadata) level[about] = { ...kept, [found.key]: found.value };
    return true;
  }

  /**
   * `    # Subtest: NAME` (KUnit) stands where the children stand. `# Subtest: NAME` (TAP 14, and KUnit without
   * its indentation) stands where the parent will: the children are deeper, or at the same place.
   */
  #subtestHeader(name: string | null, line: Line): boolean {
    if (name === null) return false;
    const title = { collection: null, name, line: line.line, stamped: line.stamped };
    if (line.content.startsWith('#')) {
      const level = this.#nesting.settle(line, line.line);
      if (level.title === null && level.held === 0) level.title = title;
      else {
        this.#nesting.closeTop(line.line);
        this.#nesting.open(line, title, false, line.line);
      }
      return true;
    }
    // Without layers it is prose, and below a runner's header it is what the test said.
    if (line.hashes === 0 || this.#nesting.find((open) => open.place.hashes >= line.hashes)) return false;
    const place: Place = { hashes: line.hashes - 1, indent: line.indent };
    const level = this.#nesting.settle(place, line.line);
    const version = level.restarting;
    level.restarting = null;
    this.#nesting.open(place, title, true, line.line).version = version;
    return true;
  }
}
