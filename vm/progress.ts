// SPDX-License-Identifier: GPL-2.0-only

/** How far a step is. */
export interface StepState {
  /** What it is at right now: a package, a test, a phase. */
  text?: string;
  done?: number;
  total?: number;
  /** What `done` and `total` count; `bytes` is shown in MiB. */
  unit?: 'bytes' | 'tests';
}

export interface Step {
  update(state: StepState): void;
  /** A line that stays. */
  note(text: string): void;
  /** Ends the step with one line that tells what came of it. */
  done(text: string): void;
}

/** Whoever shows progress implements this; the vm room only tells. */
export interface Progress {
  /** `expectedMs` is how long it took the last time, or on the machine it was measured on. */
  step(title: string, expectedMs?: number): Step;
}

export const silent: Progress = {
  step: () => ({ update: () => {}, note: () => {}, done: () => {} }),
};
