/** Making and finding elements. Text only ever becomes text: nothing here reads HTML. */

export const at = (id) => document.getElementById(id);

/** Attributes are for what is no property, such as `aria-current`; one that is undefined is left out. */
export function element(tag, {text, children = [], attributes = {}, ...properties} = {}) {
  const made = Object.assign(document.createElement(tag), properties);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

const TINTS = [
  ['#ff8a5e', '#e3553b'],
  ['#a0de7e', '#3fa93a'],
  ['#72d5fd', '#2a8fd8'],
  ['#e0a2f3', '#b158d6'],
  ['#ffb95e', '#d98324'],
  ['#53edd6', '#1fa396'],
  ['#ff95b0', '#dd4b78'],
];

export function avatar(id, name) {
  const made = element('div', {className: 'avatar', text: [...name][0] ?? '?', ariaHidden: 'true'});
  tint(made, id);
  return made;
}

export function tint(node, id) {
  const [one, two] = TINTS[Math.abs(id) % TINTS.length];
  node.style.setProperty('--tint-1', one);
  node.style.setProperty('--tint-2', two);
}

const TOAST_MS = 3500;
let toastTimer;

export function toast(text) {
  at('toast').textContent = text;
  at('toast').classList.add('shown');
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => at('toast').classList.remove('shown'), TOAST_MS);
}

export const clockTime = (ms) =>
  new Date(ms).toLocaleTimeString([], {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'});
