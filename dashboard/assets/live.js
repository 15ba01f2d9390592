// SPDX-License-Identifier: GPL-2.0-only
// Keeps the page of a running run up to date without losing the reader's place. Without this script the page
// reloads itself as a whole.

const longestWaitMs = 60_000;
let failed = 0;

wait();

function wait() {
  const seconds = Number(main().dataset.refreshSeconds);
  // The fresh page says whether there is anything to wait for any more.
  if (seconds > 0) setTimeout(refresh, Math.min(seconds * 1000 * 2 ** failed, longestWaitMs));
}

async function refresh() {
  if (!isBusy()) {
    try {
      const response = await fetch(location.href, { headers: { accept: 'text/html' } });
      if (!response.ok) throw new Error(`status ${response.status}`);
      show(new DOMParser().parseFromString(await response.text(), 'text/html'));
      failed = 0;
    } catch {
      failed++;
    }
  }
  wait();
}

/** Nobody looks, or somebody is in the middle of something. */
function isBusy() {
  return document.hidden || document.querySelector('dialog[open]') !== null || !getSelection().isCollapsed;
}

function show(fresh) {
  const old = main();
  const next = fresh.getElementById('main');
  const focused = old.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  const folds = new Map([...old.querySelectorAll('details')].map((fold) => [keyOf(fold), fold.open]));
  for (const fold of next.querySelectorAll('details')) fold.open = folds.get(keyOf(fold)) ?? fold.open;
  old.replaceWith(next);
  document.title = fresh.title;
  if (focused) {
    const link = [...next.querySelectorAll('a')].find((each) => each.getAttribute('href') === focused);
    link?.focus({ preventScroll: true });
  }
}

/** A fold's place: the nearest thing with an id, and its number in there. */
function keyOf(fold) {
  const home = fold.closest('[id]');
  return `${home.id} ${[...home.querySelectorAll('details')].indexOf(fold)}`;
}

function main() {
  return document.getElementById('main');
}
