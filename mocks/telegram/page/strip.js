/** The strip that breaks and mends what the bot watches, and Telegram itself. */

import {at, element} from './dom.js';
import {act, now} from './world.js';

/** What was drawn; only a change is drawn again, so that a focused switch keeps the focus. */
let drawn = '';

export function showStrip() {
  const {breakables, outage} = now();
  const next = JSON.stringify([breakables, outage]);
  if (next === drawn) return;
  drawn = next;
  const focused = document.activeElement?.closest('.what')?.dataset.name;
  const telegram = {name: 'Telegram', broken: outage};
  at('strip').replaceChildren(...breakables.map(serviceRow), telegramRow(telegram));
  at('strip').hidden = breakables.length === 0;
  const again = [...at('strip').children].find(({dataset}) => dataset.name === focused);
  again?.querySelector('button').focus();
}

function serviceRow(service) {
  const {name, broken, ways = []} = service;
  if (broken) return row(service, [turner({verb: 'Mend', name, act: () => act('mend', {name})})]);
  if (ways.length < 2) return row(service, [turner({verb: 'Break', name, act: () => act('break', {name})})]);
  const each = ways.map((way) => turner({verb: 'Break', name, way, act: () => act('break', {name, way})}));
  return row(service, each);
}

function telegramRow(service) {
  const {name, broken} = service;
  const verb = broken ? 'Restore' : 'Cut off';
  return row(service, [turner({verb, name, act: () => act('outage', {on: !broken})})]);
}

function row({name, broken, way, ways = []}, turners) {
  const words = broken ? (way ?? 'broken') : 'works';
  const dot = element('span', {className: `dot${broken ? ' down' : ''}`, role: 'img', ariaLabel: words, title: words});
  const label = element('span', {className: 'name', children: [dot, broken && way ? `${name}: ${way}` : name]});
  const made = element('div', {className: `what${ways.length > 1 ? ' many' : ''}`, children: [label, ...turners]});
  made.dataset.name = name;
  return made;
}

function turner({verb, name, way, act: onclick}) {
  const className = verb === 'Mend' || verb === 'Restore' ? 'mend' : 'break';
  const ariaLabel = way === undefined ? `${verb} ${name}` : `${verb} ${name}: ${way}`;
  return element('button', {type: 'button', className, text: way ?? verb, ariaLabel, onclick});
}
