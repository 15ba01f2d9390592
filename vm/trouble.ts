// SPDX-License-Identifier: GPL-2.0-only

export interface TroubleParts {
  /** What happened, with the names and numbers that matter. */
  happened: string;
  /** What was expected instead. */
  expected?: string;
  /** What to do next: a command where there is one. */
  next?: string;
  /** The file that tells more. */
  log?: string;
  cause?: unknown;
}

/**
 * Something outside the code went wrong and a person has to act. The message is complete as it is;
 * programs read the parts.
 */
export class Trouble extends Error {
  readonly parts: TroubleParts;

  constructor(parts: TroubleParts) {
    const lines = [parts.happened];
    if (parts.expected) lines.push(`Expected: ${parts.expected}`);
    if (parts.next) lines.push(`Do: ${parts.next}`);
    if (parts.log) lines.push(`Log: ${parts.log}`);
    super(lines.join('\n'), { cause: parts.cause });
    this.name = new.target.name;
    this.parts = parts;
  }
}

/** What was asked for does not exist or makes no sense: the caller's to mend. */
export class UsageTrouble extends Trouble {}

/** Something that the cache holds is not what was put there: no use in trying it again. */
export class DamageTrouble extends Trouble {}

/** The kernel under test did not come up: its fault until shown otherwise. Carries what its console said. */
export class BootTrouble extends Trouble {
  readonly console: string;

  constructor(parts: TroubleParts & { console: string }) {
    super(parts);
    this.console = parts.console;
  }
}
