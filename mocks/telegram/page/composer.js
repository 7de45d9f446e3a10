/** The line that people type into, and the menu of commands above it. */

import {at, element} from './dom.js';
import {followNewest, send} from './messages.js';
import {me, now, place} from './world.js';

const [textBox, menu] = [at('text'), at('suggestions')];
/** Which command of the menu Enter would take; -1: none. */
let chosen = -1;

/** core.telegram.org/bots/api#determining-list-of-commands; nobody is an administrator here. */
function scopesNow() {
  const {chat, about} = place();
  const everybody = {type: 'default'};
  if (about?.type === 'private') return [{type: 'chat', chat_id: chat}, {type: 'all_private_chats'}, everybody];
  const member = {type: 'chat_member', chat_id: chat, user_id: me()};
  return [member, {type: 'chat', chat_id: chat}, {type: 'all_group_chats'}, everybody];
}

/** What the bot offers to this person in this chat: the narrowest scope, in the person's language if there is one. */
function commandsOf({commands}) {
  const language = now().users.find(({id}) => id === me())?.language_code ?? '';
  const same = (scope, other) => ['type', 'chat_id', 'user_id'].every((key) => scope[key] === other[key]);
  for (const scope of scopesNow()) {
    const fitting = commands.filter((one) => same(one.scope, scope));
    const found = fitting.find((one) => one.language === language) ?? fitting.find((one) => one.language === '');
    if (found !== undefined) return found.commands;
  }
  return [];
}

export function suggest() {
  const typed = /^\/(\w*)$/.exec(textBox.value)?.[1];
  const known = now().bots.flatMap(commandsOf);
  const fits = ({command}) => typed !== undefined && command.startsWith(typed) && command !== typed;
  show(known.filter(fits));
}

function show(fitting) {
  chosen = -1;
  menu.hidden = fitting.length === 0;
  const made = fitting.map(({command, description}, index) => {
    const children = [
      element('span', {className: 'command-name', text: `/${command}`}),
      ' ',
      element('span', {className: 'about', text: description}),
    ];
    const onclick = () => take(command);
    const properties = {id: `suggestion-${index}`, className: 'suggestion', role: 'option', children, onclick};
    const made = element('div', properties);
    made.dataset.command = command;
    return made;
  });
  menu.replaceChildren(...made);
  textBox.removeAttribute('aria-activedescendant');
}

function take(command) {
  textBox.value = `/${command} `;
  suggest();
  textBox.focus();
}

function move(by) {
  const options = [...menu.children];
  chosen = (chosen + by + options.length + (chosen < 0 && by < 0 ? 1 : 0)) % options.length;
  options.forEach((option, index) => {
    option.ariaSelected = String(index === chosen);
  });
  options[chosen].scrollIntoView({block: 'nearest'});
  textBox.setAttribute('aria-activedescendant', options[chosen].id);
}

/** True: the key was for the menu. */
function steer({key}) {
  if (menu.hidden) return false;
  if (key === 'ArrowDown') move(1);
  else if (key === 'ArrowUp') move(-1);
  else if (key === 'Escape') show([]);
  else if ((key === 'Enter' || key === 'Tab') && chosen >= 0) take(menu.children[chosen].dataset.command);
  else return false;
  return true;
}

function grow() {
  textBox.style.height = 'auto';
  textBox.style.height = `${textBox.scrollHeight}px`;
}

at('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = textBox.value;
  textBox.value = '';
  grow();
  suggest();
  followNewest();
  void send(text);
});
textBox.addEventListener('keydown', (event) => {
  if (event.isComposing) return;
  if (steer(event)) return event.preventDefault();
  if (event.key !== 'Enter' || event.shiftKey) return;
  event.preventDefault();
  at('composer').requestSubmit();
});
textBox.addEventListener('input', () => {
  grow();
  suggest();
});
at('slash').addEventListener('click', () => {
  textBox.value = '/';
  suggest();
  textBox.focus();
});
