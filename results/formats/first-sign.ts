// SPDX-License-Identifier: GPL-2.0-only
import { LineSplitter } from './lines.ts';
import { dialects } from './registry.ts';
import { stripTerminal } from './strip.ts';
import { placeLine } from './tap/place.ts';
import { stripUptime } from './uptime.ts';

/** Looks, as a log streams by, for its first line that belongs to results. */
export class FirstSign {
  /** 1-based; null while there is none. */
  line: number | null = null;
  #splitter = new LineSplitter((text, line) => {
    if (this.line === null && hasSign(text)) this.line = line;
  });

  push(chunk: Uint8Array): void {
    if (this.line === null) this.#splitter.push(chunk);
  }

  end(): void {
    if (this.line === null) this.#splitter.end();
  }
}

/** Whether a line, stamps and layers of `# ` taken off, can hardly be anything but one of the dialects. */
function hasSign(line: string): boolean {
  const content = stripUptime(placeLine(stripTerminal(line)).content);
  return dialects.some((dialect) => dialect.sign(content));
}
