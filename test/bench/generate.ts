// SPDX-License-Identifier: GPL-2.0-only
import { createHash } from 'node:crypto';
import type {
  CrashSighting,
  RunEnd,
  RunStart,
  SubtestReport,
  TestReport,
} from '../../results/store/types.ts';
import type { Outcome } from '../../results/words.ts';
import { seeded } from './random.ts';

export interface HistoryOptions {
  seed: number;
  /** How many runs; each is of one branch on one variant. */
  runs: number;
  branches: number;
  variants: number;
  /** In each run. */
  tests: number;
  /** Of each test; with the test itself that makes one series more. */
  subtests: number;
}

/** 20,000 series: 2 branches × 5 variants × 100 tests with 19 subtests each; 2000 results a run. */
export const usualHistory: Omit<HistoryOptions, 'runs'> = {
  ...{ seed: 1, branches: 2, variants: 5, tests: 100, subtests: 19 },
};

export interface GeneratedRun {
  start: RunStart;
  tests: TestReport[];
  end: RunEnd;
}

const began = Date.UTC(2024, 0, 1);
const hourMs = 3_600_000;

/** How often series fail, and how many of them do: an innocent project's mix. */
const rates: [share: number, rate: number][] = [
  [0.95, 0.0005],
  [0.04, 0.01],
  [0.009, 0.1],
  [0.001, 0.4],
];
/** Series that break at some point, and are mended after so many runs of theirs. */
const breaking = { share: 0.02, rate: 0.97, runs: 20 };
const crashRate = 0.01;
const crashKinds = 30;
const skipShare = 0.02;
const incompleteRate = 0.01;

/**
 * A history as a CI would have made it: rates that stay for years, breaks with a beginning and an end, crashes with
 * signatures that come again, runs that ended early. The same options give the same history.
 */
export function* generateHistory(options: HistoryOptions): Generator<GeneratedRun> {
  const random = seeded(options.seed);
  const places = Array.from({ length: options.branches * options.variants }, (_, n) =>
    placeOf(n, options, random),
  );
  for (let n = 0; n < options.runs; n++) yield runOf(n, places[n % places.length]!, options, random);
}

interface Series {
  name: string;
  rate: number;
  /** The run of its place at which it breaks; none for most. */
  breaks: number;
  skips: boolean;
  /** What it takes on the whole. */
  durationMs: number;
}

interface Place {
  branch: string;
  variant: number;
  tests: { name: string; own: Series; subtests: Series[] }[];
}

function placeOf(n: number, options: HistoryOptions, random: () => number): Place {
  const total = Math.ceil(options.runs / (options.branches * options.variants));
  const series = (name: string): Series => ({
    ...{ name, rate: pickRate(random()), skips: random() < skipShare },
    breaks: random() < breaking.share ? Math.floor(random() * total) : Number.POSITIVE_INFINITY,
    durationMs: Math.exp(2 + random() * 7),
  });
  return {
    branch: `branch-${Math.floor(n / options.variants)}`,
    variant: n % options.variants,
    tests: Array.from({ length: options.tests }, (_, t) => ({
      name: `test_${t}.sh`,
      own: series(''),
      subtests: Array.from({ length: options.subtests }, (_, s) =>
        series(`what check ${s} of test ${t} looks at`),
      ),
    })),
  };
}

function pickRate(point: number): number {
  let sum = 0;
  for (const [share, rate] of rates) {
    sum += share;
    if (point < sum) return rate;
  }
  return rates[0]![1];
}

function runOf(n: number, place: Place, options: HistoryOptions, random: () => number): GeneratedRun {
  const step = Math.floor(n / (options.branches * options.variants));
  const startedAt = began + step * 6 * hourMs + (n % 10) * 1000;
  const ends = random() < incompleteRate ? 1 + Math.floor(random() * place.tests.length) : place.tests.length;
  const tests = place.tests.slice(0, ends).map((test, i) => testOf(test, step, startedAt + i * 1000, random));
  const complete = ends === place.tests.length;
  return {
    start: {
      ...{ uuid: uuidOf(options.seed, n), suite: 'generated', command: 'script/bench results', startedAt },
      branch: { name: place.branch, url: `https://example.org/${place.branch}.git` },
      revision: { name: `v6.12-${step}`, position: step },
      variant: { arch: 'x86_64', accel: 'kvm', cpus: 2, flavour: `flavour-${place.variant}`, options: '' },
      environment: { kernel: { release: `6.12.0-${step}`, config: 'cafe' } },
      planned: place.tests.map(({ name }) => ({ collection: 'net/generated', name })),
    },
    tests,
    end: {
      state: complete ? 'complete' : 'incomplete',
      finishedAt: startedAt + hourMs,
      reason: complete ? '' : 'cut',
    },
  };
}

function testOf(
  test: Place['tests'][number],
  step: number,
  startedAt: number,
  random: () => number,
): TestReport {
  const crash = random() < crashRate / 100 ? crashOf(Math.floor(random() ** 2 * crashKinds)) : null;
  const subtests = test.subtests.map((one, i): SubtestReport => {
    const outcome = outcomeOf(one, step, random);
    const message = outcome === 'fail' ? `expected ${i} but got ${Math.floor(random() * 5)}` : '';
    return {
      name: one.name,
      outcome,
      durationMs: durationOf(one, random),
      line: i + 3,
      markedFlaky: false,
      message,
    };
  });
  const failed = subtests.filter(({ outcome }) => outcome === 'fail').length;
  const outcome: Outcome = crash ? 'crash' : failed > 0 ? 'fail' : outcomeOf(test.own, step, random);
  const bad = outcome === 'fail' || outcome === 'crash';
  return {
    ...{
      collection: 'net/generated',
      name: test.name,
      attempt: 1,
      outcome,
      startedAt,
      cpuMs: null,
      signal: null,
    },
    ...{
      durationMs: durationOf(test.own, random),
      exitCode: bad ? 1 : 0,
      timeoutMs: 90_000,
      vm: 0,
      line: null,
    },
    message: crash
      ? `kernel: ${crash.title}`
      : bad
        ? `exit code 1\n${failed} of ${subtests.length} subtests failed`
        : '',
    ...{ subtests, logs: [], problems: [], crashes: crash ? [crash] : [] },
  };
}

function outcomeOf({ rate, breaks, skips }: Series, step: number, random: () => number): Outcome {
  if (skips) return 'skip';
  const broken = step >= breaks && step < breaks + breaking.runs;
  return random() < (broken ? breaking.rate : rate) ? 'fail' : 'pass';
}

/** Within a fifth of what it usually takes. */
function durationOf({ durationMs }: Series, random: () => number): number {
  return Math.round(durationMs * (0.9 + 0.2 * random()));
}

function crashOf(n: number): CrashSighting {
  const frames = [`function_${n}`, `caller_of_${n}`, 'tcp_v4_rcv'];
  return {
    signature: `warn:${n}`,
    kind: 'warn',
    title: `WARNING in function_${n}`,
    frames,
    line: 7,
    fatal: n % 3 === 0,
  };
}

function uuidOf(seed: number, n: number): string {
  const hash = createHash('sha256').update(`${seed} ${n}`).digest('hex');
  return hash.slice(0, 32).replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}
