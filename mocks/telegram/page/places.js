/** Who the visitor is and which chat is open: the boxes of the bar, the list of chats, the tabs of a forum. */

import {at, avatar, element, tint} from './dom.js';
import {GENERAL, me, now, place} from './world.js';

const [chatBox, meBox] = [at('chat'), at('me')];
const wishes = new URLSearchParams(location.search);

/** How many messages of a place have been seen; what came before the page was opened counts as seen. */
const seen = new Map();

/** Whoever was looking at their own chat with the bot does so as somebody else, too. */
let person;

export function showPlaces() {
  const wasOwn = chatBox.value !== '' && chatBox.value === String(person);
  const people = now().users.map(({id, first_name}) => element('option', {value: String(id), text: first_name}));
  keepChoice(meBox, people, wishes.get('me'));
  person = me();
  const places = placesNow();
  const boxes = places.map(({value, full}) => element('option', {value, text: full}));
  keepChoice(chatBox, boxes, wishes.get('chat'));
  if (wasOwn) chatBox.value = String(person);
  for (const {value, count} of places) if (!seen.has(value) || value === chatBox.value) seen.set(value, count);
  showHeader();
  showTabs(places);
  showList(places);
}

function keepChoice(select, made, fallback) {
  const before = select.value || fallback;
  select.replaceChildren(...made);
  if (made.some(({value}) => value === before)) select.value = before;
}

const bot = () => now().bots[0]?.user ?? {id: 0, first_name: 'Bot'};
const nameOf = (chat) => (chat.type === 'private' ? bot().first_name : chat.title);

/** Groups first. People see their own private chat only. Each topic of a forum is a place of its own. */
function placesNow() {
  const visible = now().chats.filter(({type, id}) => type !== 'private' || id === me());
  const ordered = [...visible].sort((one, other) => (one.type === 'private') - (other.type === 'private'));
  return ordered.flatMap((chat) => {
    const name = nameOf(chat);
    const topics = Object.entries(chat.topics);
    const sums = (topic) => chat.said.find(({thread}) => thread === topic) ?? {count: 0, text: ''};
    if (topics.length === 0) {
      const count = chat.said.reduce((sum, one) => sum + one.count, 0);
      return [{chat, name, full: name, value: String(chat.id), count, text: chat.said.at(-1)?.text ?? ''}];
    }
    return [[GENERAL, 'General'], ...topics].map(([topic, label]) => {
      const value = `${chat.id}/${topic}`;
      return {chat, name: label, full: `${name} › ${label}`, value, isTopic: true, ...sums(Number(topic))};
    });
  });
}

function showHeader() {
  const {about, chat} = place();
  if (about === undefined) return;
  const isPrivate = about.type === 'private';
  const name = nameOf(about);
  at('title').textContent = name;
  at('chat-avatar').textContent = [...name][0];
  tint(at('chat-avatar'), isPrivate ? bot().id : chat);
  const people = `${about.members.length + now().bots.length} members`;
  at('subtitle').textContent = now().outage ? 'waiting for network…' : isPrivate ? 'bot' : people;
}

function choose(value) {
  chatBox.value = value;
  chatBox.dispatchEvent(new Event('change'));
}

const unreadOf = ({value, count}) => Math.max(0, count - (seen.get(value) ?? 0));

function badge(one) {
  const unread = unreadOf(one);
  return unread === 0
    ? []
    : [element('span', {className: 'unread', text: String(unread), role: 'img', ariaLabel: `${unread} new`})];
}

const current = ({value}) => ({'aria-current': value === chatBox.value ? 'true' : undefined});

/** The topics of the forum that is open. On a phone also what is new elsewhere, as the list is out of sight there. */
function showTabs(places) {
  const {chat, topic} = place();
  const here = places.filter((one) => one.isTopic && one.chat.id === chat);
  const tabs = here.map((one) =>
    element('button', {
      type: 'button',
      className: 'tab',
      attributes: current(one),
      children: [one.name, ...badge(one)],
      onclick: () => choose(one.value),
    }),
  );
  swap(at('tabs'), tabs);
  at('tabs').hidden = topic === undefined;
  const elsewhere = places.reduce((sum, one) => sum + (one.value === chatBox.value ? 0 : unreadOf(one)), 0);
  at('elsewhere').hidden = elsewhere === 0;
  at('elsewhere').textContent = String(elsewhere);
  at('elsewhere').ariaLabel = `${elsewhere} new in other chats`;
}

/** A phone has no room for the list, and its box of chats says the same. */
const wide = matchMedia('(min-width: 900px)');
wide.addEventListener('change', showPlaces);

function showList(places) {
  if (!wide.matches) return at('chats').replaceChildren();
  const made = places.map((one) => {
    const isPrivate = one.chat.type === 'private';
    const name = element('span', {className: 'chat-name', text: one.full});
    const last = element('span', {className: 'chat-last', text: one.text.split('\n')[0]});
    const words = element('span', {className: 'chat-words', children: [name, last]});
    const face = avatar(isPrivate ? bot().id : one.chat.id, one.isTopic ? '#' : nameOf(one.chat));
    const children = [face, words, ...badge(one)];
    const onclick = () => choose(one.value);
    return element('button', {type: 'button', className: 'chat', attributes: current(one), children, onclick});
  });
  swap(at('chats'), made);
}

/** Draws the buttons anew and gives the focus back to the one at its place. */
export function swap(parent, made) {
  const focused = [...parent.children].indexOf(document.activeElement);
  parent.replaceChildren(...made);
  made[focused]?.focus();
}
