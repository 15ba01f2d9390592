// SPDX-License-Identifier: GPL-2.0-only
import { type BadChild, worseChild } from '../new-result.ts';
import { LineWindow } from '../window.ts';
import type { Place } from './place.ts';
import type { ResultLine } from './result-line.ts';

/** The test whose results a level holds, where a header named it before its own result line. */
export interface Title {
  collection: string | null;
  name: string;
  line: number;
  /** The header carried a stamp, as then every line does. */
  stamped: boolean;
}

/**
 * The results at one place, waiting for the result line further out that they belong to: kernel TAP prints
 * children before their parent. They have been told already: only their number is kept. One level may see several
 * documents, one after the other.
 */
export class Level {
  place: Place;
  title: Title | null;
  /** A subtest that is not printed deeper than its parent (`# Subtest: NAME` in logs that lost indentation). */
  flat: boolean;
  /** Results that wait here for the one that takes them in. */
  held = 0;
  /** The worst of them, where it is bad. */
  bad: BadChild | null = null;
  /** Results that were planned in documents before this one, and never came. */
  #missing = 0;
  /** Of the planned ones that never came, those that a header had named. */
  #named = 0;
  /** `#:KEY: VALUE` for the next result, or, before the first, for the parent. */
  metadata: Record<string, string> | null = null;
  parentMetadata: Record<string, string> | null = null;
  version: 'tap' | 'ktap' | null = null;
  plan: number | null = null;
  planLine = 0;
  /** Why nothing was run (`1..0 # SKIP reason`). */
  skip: string | null = null;
  /** Result lines since the document began; `held` may be more, of documents before it. */
  seen = 0;
  highestNumber = 0;
  /** A version line came here; whether it opens the next document or a flat subtest, the next line tells. */
  restarting: 'tap' | 'ktap' | null = null;
  /** Lines before the document: they explain the parent. */
  before = new LineWindow();
  /** Lines since the last result: they explain the next one (ktap.rst), or else the parent. */
  since = new LineWindow();

  constructor(place: Place, title: Title | null, flat: boolean) {
    this.place = { hashes: place.hashes, indent: place.indent };
    this.title = title;
    this.flat = flat;
  }

  /** Nothing but the place is known: it only exists because something stood there. */
  get empty(): boolean {
    return this.held === 0 && this.plan === null && this.version === null;
  }

  /** The next document starts. */
  restart(version: 'tap' | 'ktap' | null): void {
    this.#missing = this.missing;
    this.#named = 0;
    this.version = version;
    this.plan = null;
    this.skip = null;
    this.seen = 0;
    this.highestNumber = 0;
    this.restarting = null;
    this.stopBefore();
  }

  /** What was printed up to here is the body of the parent. */
  stopBefore(): void {
    this.before.absorb(this.since);
  }

  /** Results that were planned here and never came. */
  get missing(): number {
    return this.#missing + Math.max(0, (this.plan ?? this.highestNumber) - this.seen - this.#named);
  }

  /** Takes in results of a deeper document that never came. */
  carry(missing: number): void {
    this.#missing += missing;
  }

  /** Takes in a test that was started and never reported. */
  holdMissing(name: string): void {
    this.#named++;
    this.hold(1, { name, outcome: 'missing' });
  }

  /** Takes in what was told and belongs nowhere deeper. */
  hold(count: number, bad: BadChild | null): void {
    this.held += count;
    this.bad = worseChild(this.bad, bad);
  }

  count(result: ResultLine): void {
    this.seen++;
    this.highestNumber = Math.max(this.highestNumber, result.number ?? 0);
  }

  /** What does not add up at the end of a document; null where all is well. `lost`: results are missing. */
  check(): { text: string; lost: boolean } | null {
    if (this.plan !== null && this.seen !== this.plan) {
      return { text: `${this.plan} tests planned, ${this.seen} reported`, lost: this.seen < this.plan };
    }
    if (this.plan === null && this.highestNumber > this.seen) {
      return { text: `results numbered up to ${this.highestNumber}, ${this.seen} reported`, lost: true };
    }
    return null;
  }
}
