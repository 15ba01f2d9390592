// SPDX-License-Identifier: GPL-2.0-only

/** Coefficients of Lanczos's approximation of the gamma function, g = 7, n = 9: good to 15 digits. */
const LANCZOS = [
  0.999_999_999_999_809_93, 676.520_368_121_885_1, -1259.139_216_722_402_8, 771.323_428_777_653_13,
  -176.615_029_162_140_59, 12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_572e-6,
  1.505_632_735_149_311_6e-7,
];

/** ln Γ(x) for x ≥ 1. */
function logGamma(x: number): number {
  const base = x + 6.5;
  const sum = LANCZOS.reduce((total, c, i) => (i === 0 ? c : total + c / (x - 1 + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(base) - base + Math.log(sum);
}

/** P(X ≤ k) for a binomial X, n trials of probability p. */
function binomialAtMost(k: number, n: number, p: number): number {
  if (p <= 0 || k >= n) return 1;
  if (p >= 1) return 0;
  let sum = 0;
  for (let i = 0; i <= k; i++)
    sum += Math.exp(
      logGamma(n + 1) - logGamma(i + 1) - logGamma(n - i + 1) + i * Math.log(p) + (n - i) * Math.log1p(-p),
    );
  return Math.min(1, sum);
}

/** Where a falling function of p is `level`, by halving. */
function crossing(level: number, falling: (p: number) => number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (falling(middle) > level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * The exact 95 % interval for a probability of which `failures` of `n` trials are known (Clopper and Pearson,
 * Biometrika 1934): the probabilities under which neither so few nor so many failures would be rarer than 2.5 %.
 */
export function exactInterval(failures: number, n: number): [number, number] {
  if (n === 0) return [0, 1];
  const low = failures === 0 ? 0 : crossing(0.975, (p) => binomialAtMost(failures - 1, n, p));
  const high = failures === n ? 1 : crossing(0.025, (p) => binomialAtMost(failures, n, p));
  return [low, high];
}
