// SPDX-License-Identifier: GPL-2.0-only

const BEAT_MS = 3_000;

/**
 * Asks a guest for a word every three seconds while something is under way in it, and counts how long none came.
 * A host that was itself held up (a busy event loop, a suspended laptop) does not count that as the guest's silence.
 */
export class Heartbeat {
  #ping: () => void;
  #timer: NodeJS.Timeout | null = null;
  #silentMs = 0;
  #counted = 0;
  #watchers = new Set<{ afterMs: number; onSilent(): void; told: boolean }>();

  constructor(ping: () => void) {
    this.#ping = ping;
  }

  /** Milliseconds since the guest said anything; 0 while nothing is under way, for then it is not asked. */
  get silentForMs(): number {
    return this.#timer ? this.#silentMs + this.#uncounted() : 0;
  }

  /** Calls `onSilent` once for each silence longer than `afterMs`, within three seconds more; returns what ends it. */
  watch(afterMs: number, onSilent: () => void): () => void {
    const watcher = { afterMs, onSilent, told: false };
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** The guest said something. */
  heard(): void {
    this.#silentMs = 0;
    this.#counted = performance.now();
    for (const watcher of this.#watchers) watcher.told = false;
  }

  /** Beats, or rests. */
  set busy(busy: boolean) {
    if (busy === (this.#timer !== null)) return;
    this.heard();
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = busy ? setInterval(() => this.#beat(), BEAT_MS).unref() : null;
  }

  #uncounted(): number {
    return Math.min(performance.now() - this.#counted, 1.5 * BEAT_MS);
  }

  #beat(): void {
    this.#silentMs += this.#uncounted();
    this.#counted = performance.now();
    this.#ping();
    for (const watcher of this.#watchers) {
      if (watcher.told || this.#silentMs <= watcher.afterMs) continue;
      watcher.told = true;
      watcher.onSilent();
    }
  }
}
