// SPDX-License-Identifier: GPL-2.0-only

/** The answer of a page that has nothing under this address. */
export class Lost {
  /** `There is no run 99.` */
  readonly what: string;
  /** What would have been right, and where to find it. */
  readonly expected: string;

  constructor(what: string, expected: string) {
    this.what = what;
    this.expected = expected;
  }
}
