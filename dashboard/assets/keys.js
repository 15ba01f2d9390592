// SPDX-License-Identifier: GPL-2.0-only
// Keys as Treeherder and mutt have them. Everything that they reach is a link without them, too.

const help = document.getElementById('help');
let current = null;

document.querySelector('[data-help]').hidden = false;
document.querySelector('[data-help]').addEventListener('click', () => help.showModal());

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || isTyping(event.target)) return;
  if (help.open) {
    if (event.key === '?') help.close();
    return;
  }
  const action = actions[event.key];
  if (action?.()) event.preventDefault();
});

const actions = {
  j: () => move(1),
  n: () => move(1),
  k: () => move(-1),
  p: () => move(-1),
  o: () => follow('o') || follow('t'),
  l: () => follow('l'),
  t: () => follow('t'),
  f: () => follow('f'),
  u: () => follow('u'),
  '?': () => {
    help.showModal();
    return true;
  },
};

function isTyping(element) {
  return element instanceof Element && element.closest('input, textarea, select') !== null;
}

/** Asked anew each time: a running run replaces its page. */
function stops() {
  return [...document.querySelectorAll('[data-stop]')].filter((stop) => stop.checkVisibility?.() ?? true);
}

function move(step) {
  const all = stops();
  if (all.length === 0) return false;
  const target = document.querySelector(':target[data-stop]');
  const at = all.indexOf(current?.isConnected ? current : target);
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
  current?.classList.remove('current');
  current = all[next];
  current.classList.add('current');
  current.scrollIntoView({ block: 'nearest' });
  // Focus as well, so that Enter opens it and a screen reader reads it.
  const link = ['o', 't', 'l'].map((key) => find(key, current)).find(Boolean) ?? current.querySelector('a');
  link?.focus({ preventScroll: true });
  return true;
}

function find(key, within) {
  return within.querySelector(`[data-key="${key}"]`);
}

function follow(key) {
  const link = (current?.isConnected && find(key, current)) || outsideStops(key);
  if (!link) return false;
  link.click();
  return true;
}

/** `f` and `u` belong to the page, not to a row. */
function outsideStops(key) {
  return [...document.querySelectorAll(`[data-key="${key}"]`)].find((link) => !link.closest('[data-stop]'));
}
