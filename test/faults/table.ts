// SPDX-License-Identifier: GPL-2.0-only

/** A fault as it was met, and what is wrong with what was said of it. */
export interface Met {
  name: string;
  round: number;
  /** In a word: the test's outcome, or what the program ended with. */
  told: string;
  /** The most telling line of what was said. */
  said: string;
  seconds: number;
  /** Empty where all is right. */
  wrong: string[];
  /** Why it cannot be met on this machine: it counts neither as right nor as wrong. */
  skipped?: string;
}

/** One line for each fault: how often it was met, and what was wrong. */
export function matrixTable(met: readonly Met[]): string {
  const names = [...new Set(met.map(({ name }) => name))];
  const counted = met.filter(({ skipped }) => !skipped);
  const right = counted.filter(isRight).length;
  const lines = names.map((name) => line(met.filter((one) => one.name === name)));
  const skipped = met.length - counted.length;
  const besides = skipped > 0 ? `; ${skipped} could not be met here` : '';
  return `${lines.join('\n')}\n${right} of ${counted.length} faults told rightly${besides}\n`;
}

function isRight({ wrong }: Met): boolean {
  return wrong.length === 0;
}

function line(all: readonly Met[]): string {
  const [{ name, told, said, skipped }] = all as [Met];
  if (skipped) return `- ${name.padEnd(24)} not met: ${skipped}`;
  const right = all.filter(isRight).length;
  const seconds = all.reduce((sum, one) => sum + one.seconds, 0) / all.length;
  const glyph = right === all.length ? '✓' : '✗';
  const times = `${String(right).padStart(3)}/${String(all.length).padEnd(3)}`;
  const first = `${glyph} ${name.padEnd(24)} ${times} ${told.padEnd(8)} ${seconds.toFixed(1).padStart(6)} s  ${said.slice(0, 90)}`;
  const wrong = all.flatMap(({ wrong, round }) => wrong.map((text) => `    round ${round}: ${text}`));
  return [first, ...wrong].join('\n');
}
