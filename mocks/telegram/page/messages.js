/** The messages of the chosen chat or topic. */

import {at, avatar, clockTime, element, tint} from './dom.js';
import {keyboard, reactions} from './keys.js';
import {formatted} from './text.js';
import {act, address, GENERAL, me, place, read} from './world.js';

const log = at('messages');
const dayOf = (ms) => new Date(ms).toLocaleDateString([], {day: 'numeric', month: 'long'});

/** Whoever reads further up is left there; otherwise the newest message stays in sight, also when the log shrinks. */
let reading = false;
const keepBottom = () => {
  if (!reading) log.scrollTop = log.scrollHeight;
};
let lastTop = 0;
log.addEventListener('scroll', () => {
  // A photo that has just come makes the way to the end longer too, but only people go up.
  if (log.scrollHeight - log.scrollTop - log.clientHeight < 80) reading = false;
  else if (log.scrollTop < lastTop) reading = true;
  lastTop = log.scrollTop;
});
new ResizeObserver(keepBottom).observe(log);

/** From now on the newest message is kept in sight. */
export function followNewest() {
  reading = false;
}

export async function send(text) {
  const said = text.trim();
  if (said === '') return;
  followNewest();
  await act('say', {...address(), from: me(), text: said});
}

/** Goes to a message: `jump({chat, id})`; page.js sets it, as it changes the chat too. */
let jump = () => {};
export function onJump(go) {
  jump = go;
}

/** Counts the questions for messages, so that only the last one's answer is drawn. */
let asked = 0;
/** The rows on the page by what they show; the same is not drawn again, so that a pressed or focused button stays. */
let drawn = new Map();

export async function showMessages() {
  const {chat, topic, about} = place();
  if (about === undefined) return;
  asked += 1;
  const mine = asked;
  const all = await read(`messages?chat=${chat}`);
  // An older answer may arrive after a newer one.
  if (mine !== asked || all === undefined) return;
  const messages = all.filter(({thread = GENERAL}) => topic === undefined || thread === topic);
  showPinned(messages);
  const isPrivate = about.type === 'private';
  const shown = messages.map((message, index) => shownOf(message, {messages, index, all, isPrivate}));
  const next = new Map(shown.map((one) => [JSON.stringify([chat, me(), one]), one]));
  const rows = [...next].map(([key, one]) => [key, drawn.get(key) ?? row(one)]);
  drawn = new Map(rows);
  // What comes after a message changes where its picture is, and is no reason to draw it anew.
  [...drawn.values()].forEach((node, index) => {
    node.classList.toggle('followed', messages[index + 1]?.from.id === messages[index].from.id);
  });
  arrange([heading(messages[0]), ...drawn.values()]);
  keepBottom();
}

let headed;
function heading(first) {
  const empty = 'Nothing here yet. Type /status, or break something above.';
  const [className, text] = first === undefined ? ['empty', empty] : ['day', dayOf(first.at)];
  if (headed?.textContent !== text) headed = element('div', {className, text});
  return headed;
}

/** What goes is taken out first: so nothing that stays is ever moved, and keeps the focus. */
function arrange(wanted) {
  const kept = new Set(wanted);
  for (const child of [...log.children]) if (!kept.has(child)) child.remove();
  wanted.forEach((node, index) => {
    if (log.children[index] !== node) log.insertBefore(node, log.children[index] ?? null);
  });
}

/** All that a row depends on. */
function shownOf(message, {messages, index, all, isPrivate}) {
  const isOwn = message.from.id === me();
  const follows = messages[index - 1]?.from.id === message.from.id;
  const original = all.find(({message_id}) => message_id === message.reply_to);
  const quoted = message.reply_to !== undefined && {
    name: original?.from.first_name ?? 'Deleted message',
    text: original?.text || original?.file?.name || message.quote || '',
  };
  return {message, isOwn, follows, isPrivate, quoted};
}

function row({message, isOwn, follows, isPrivate, quoted}) {
  const isNamed = !(follows || isOwn || isPrivate);
  const stack = element('div', {className: 'stack', children: [bubble(message, {isNamed, quoted})]});
  if (message.reply_markup !== undefined) stack.append(keyboard(message));
  if (message.byBot) stack.append(reactions(message));
  const picture = isPrivate ? [] : [avatar(message.from.id, message.from.first_name)];
  const marks = `${isOwn ? ' mine' : ''}${follows ? ' follows' : ''}`;
  const ariaLabel = `${message.from.first_name}, ${clockTime(message.at)}`;
  return element('article', {className: `row${marks}`, ariaLabel, children: [...picture, stack]});
}

function bubble(message, {isNamed, quoted}) {
  const {message_id, from, at: sentAt, text, entities, edits, file} = message;
  const parts = [];
  if (isNamed) {
    const badge = message.byBot ? [element('span', {className: 'badge', text: 'bot'})] : [];
    const who = element('div', {className: 'who', children: [from.first_name, ...badge]});
    tint(who, from.id);
    parts.push(who);
  }
  if (quoted) parts.push(quote(message, quoted));
  if (file !== undefined) parts.push(attached(message));
  const use = {id: `${place().chat}/${message_id}`, send, jump: (target) => jump(target)};
  parts.push(element('div', {className: 'text', children: formatted({text, entities}, use)}));
  // New buttons alone are no edit that Telegram would show.
  const isEdited = edits.some((one) => one.text !== text);
  const stamp = `${isEdited ? 'edited ' : ''}${clockTime(sentAt)}`;
  parts.push(element('span', {className: 'stamp', text: stamp}));
  const className = `bubble${file?.as === 'photo' ? ' pictured' : ''}`;
  const made = element('div', {className, id: `message-${message_id}`, children: parts});
  made.style.setProperty('--stamp', `${stamp.length * 7 + 6}px`);
  if (isEdited) made.title = edits.map((one) => one.text).join('\n— then —\n');
  return made;
}

/** A photo as it is, anything else by its name, to be saved. */
function attached({message_id: id, file, text}) {
  const src = `/_sim/file?chat=${place().chat}&message=${id}`;
  if (file.as === 'photo') {
    const photo = element('img', {className: 'photo', src, alt: text.split('\n')[0] || file.name, onload: keepBottom});
    return element('a', {className: 'zoom', href: src, target: '_blank', rel: 'noopener', children: [photo]});
  }
  const size = file.size < 1024 ? `${file.size} B` : `${(file.size / 1024).toFixed(1)} KB`;
  const name = element('span', {className: 'file-name', text: file.name});
  const words = [name, element('span', {className: 'file-size', text: size})];
  const icon = element('span', {className: 'icon', text: '📄', ariaHidden: 'true'});
  return element('a', {className: 'file', href: src, download: file.name, children: [icon, ...words]});
}

function quote({reply_to}, {name, text}) {
  const children = [element('b', {text: name}), element('span', {text: text.split('\n')[0]})];
  return element('button', {className: 'quoted', type: 'button', children, onclick: () => showMessage(reply_to)});
}

/** Brings a message of the chat on the page into sight, and marks it for a moment. */
export function showMessage(id) {
  const target = at(`message-${id}`);
  if (target === null) return;
  reading = true;
  const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';
  target.scrollIntoView({block: 'center', behavior});
  target.classList.remove('flash');
  requestAnimationFrame(() => target.classList.add('flash'));
}

/** The newest pinned message, in one line below the bar. */
function showPinned(messages) {
  const pinned = messages.findLast((message) => message.pinned);
  at('pinned').hidden = pinned === undefined;
  if (pinned === undefined) return;
  const title = element('b', {text: 'Pinned message'});
  at('pinned').replaceChildren(title, element('span', {text: pinned.text.split('\n')[0]}));
  at('pinned').onclick = () => showMessage(pinned.message_id);
}
