/** The demo's chat: what Telegram would show of the simulator's chats. Everything comes from `/_sim/`. */

const at = (id) => document.getElementById(id);
const [chatBox, meBox, log, textBox] = ['chat', 'me', 'messages', 'text'].map(at);

let state = {bots: [], users: [], chats: [], breakables: [], outage: false};
/** A pressed button stops waiting then, as in the apps. */
const ANSWER_MS_MAX = 15_000;
/** Callback queries of this page that no answer has come to yet, with their buttons. */
const waiting = new Map();
/** Answers to queries that are not (or not yet) known to be of this page. */
const early = new Map();

/** Undefined where the demo is gone; the events reconnect when it is back, and everything is read again then. */
async function exchange(what, request) {
  try {
    return await (await fetch(`/_sim/${what}`, request)).json();
  } catch {
    at('subtitle').textContent = GONE;
    return undefined;
  }
}

const GONE = 'the demo has stopped';
const read = (what) => exchange(what);

async function act(verb, argument) {
  const answer = await exchange(verb, {method: 'POST', body: JSON.stringify(argument)});
  if (answer?.error !== undefined) toast(answer.error);
  return answer?.result;
}

function element(tag, {text, children = [], ...properties} = {}) {
  const made = Object.assign(document.createElement(tag), properties);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

// ---- who and where ----

const nameOfChat = (chat) => chat.title ?? state.users.find(({id}) => id === chat.id)?.first_name ?? '?';
const placeNow = () => {
  const [chat, thread] = chatBox.value.split('/');
  return {chat: Number(chat), ...(thread === undefined ? {} : {thread: Number(thread)})};
};

/** The value of an option is `chat` or `chat/topic`. People see their own private chat only. */
function options(chats) {
  return chats
    .filter(({type, id}) => type !== 'private' || id === Number(meBox.value))
    .flatMap((chat) => {
      const topics = Object.entries(chat.topics ?? {});
      const name = chat.type === 'private' ? (state.bots[0]?.user.first_name ?? 'Bot') : nameOfChat(chat);
      if (topics.length === 0) return [element('option', {value: String(chat.id), text: name})];
      return topics.map(([id, topic]) => element('option', {value: `${chat.id}/${id}`, text: `${name} › ${topic}`}));
    });
}

function keepChoice(select, made, fallback) {
  const before = select.value || fallback;
  select.replaceChildren(...made);
  if (made.some(({value}) => value === before)) select.value = before;
}

let stateAsked = 0;
async function loadState() {
  stateAsked += 1;
  const mine = stateAsked;
  const next = await read('state');
  // An older answer may arrive after a newer one.
  if (mine !== stateAsked || next === undefined) return;
  state = next;
  const users = state.users.map(({id, first_name}) => element('option', {value: String(id), text: first_name}));
  keepChoice(meBox, users, new URLSearchParams(location.search).get('me'));
  const groupsFirst = [...state.chats].sort((one, other) => (one.type === 'private') - (other.type === 'private'));
  keepChoice(chatBox, options(groupsFirst), new URLSearchParams(location.search).get('chat'));
  showStrip();
  suggest();
  await showMessages();
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
const tintOf = (id) => TINTS[Math.abs(id) % TINTS.length];

function avatar(id, name) {
  const made = element('div', {className: 'avatar', text: [...name][0] ?? '?', ariaHidden: 'true'});
  tint(made, id);
  return made;
}

function tint(node, id) {
  const [one, two] = tintOf(id);
  node.style.setProperty('--tint-1', one);
  node.style.setProperty('--tint-2', two);
}

function showHeader() {
  const {chat: id} = placeNow();
  const chat = state.chats.find((one) => one.id === id);
  if (chat === undefined) return;
  const isPrivate = chat.type === 'private';
  const name = isPrivate ? (state.bots[0]?.user.first_name ?? 'Bot') : nameOfChat(chat);
  at('chat-avatar').textContent = [...name][0];
  tint(at('chat-avatar'), isPrivate ? (state.bots[0]?.user.id ?? 0) : id);
  const people = `${chat.members.length + state.bots.length} members`;
  at('subtitle').textContent = state.outage ? 'waiting for network…' : isPrivate ? 'bot' : people;
}

// ---- text with entities ----

const WRAPPERS = {
  bold: () => element('strong'),
  italic: () => element('em'),
  underline: () => element('u'),
  strikethrough: () => element('s'),
  code: () => element('code'),
  pre: () => element('pre'),
  blockquote: () => element('blockquote'),
  expandable_blockquote: () => element('blockquote'),
  spoiler: () => element('span', {className: 'spoiler', onclick: (event) => event.currentTarget.classList.add('open')}),
  text_link: ({url}) => link(url),
  url: (_, text) => link(text),
  mention: () => element('a'),
  text_mention: () => element('a'),
  date_time: ({unix_time: unix, date_time_format: format}) =>
    element('time', {
      dateTime: new Date(unix * 1000).toISOString(),
      text: momentText(unix * 1000, format),
      title: OWN_ZONE,
    }),
  bot_command: (_, text) => element('button', {className: 'command', type: 'button', onclick: () => send(text)}),
};

const OWN_ZONE = 'in your own time zone';
/** These say by themselves what they stand for; the text between the tags is for apps that do not know them. */
const WHOLE = new Set(['date_time']);

/** Telegram writes a time as its reader is used to it: `t` short, `T` with seconds, `d` and `D` the date, `w` the weekday. */
function momentText(ms, format) {
  const date = /[dD]/.test(format) ? {dateStyle: format.includes('D') ? 'long' : 'short'} : {};
  const time = /[tT]/.test(format) ? {timeStyle: format.includes('T') ? 'medium' : 'short', hourCycle: 'h23'} : {};
  return new Date(ms).toLocaleString([], {...date, ...time});
}

const BLOCKS = new Set(['pre', 'blockquote', 'expandable_blockquote']);

const link = (href) => element('a', {href, target: '_blank', rel: 'noopener noreferrer'});

/** Entities nest: each level takes those that begin within its stretch and hands the inner ones down. */
function formatted(text, entities, from = 0, to = text.length) {
  const nodes = [];
  let here = from;
  for (let index = 0; index < entities.length; ) {
    const entity = entities[index];
    const end = Math.min(entity.offset + entity.length, to);
    if (entity.offset > here) nodes.push(text.slice(here, entity.offset));
    const start = Math.max(entity.offset, here);
    let next = index + 1;
    while (next < entities.length && entities[next].offset < end) next += 1;
    const inner = entities.slice(index + 1, next);
    const wrapper = WRAPPERS[entity.type]?.(entity, text.slice(start, end)) ?? element('span');
    if (!WHOLE.has(entity.type)) wrapper.append(...formatted(text, inner, start, end));
    nodes.push(wrapper);
    // A block ends its line by itself; the line break behind it would be an empty line.
    here = BLOCKS.has(entity.type) && text[end] === '\n' ? end + 1 : end;
    index = next;
  }
  if (here < to) nodes.push(text.slice(here, to));
  return nodes;
}

// ---- messages ----

const clockTime = (ms) => new Date(ms).toLocaleTimeString([], {hour: '2-digit', minute: '2-digit', hourCycle: 'h23'});
const dayOf = (ms) => new Date(ms).toLocaleDateString([], {day: 'numeric', month: 'long'});

function bubble(message, all) {
  const parts = [];
  if (message.follows !== true) {
    const badge = message.byBot ? [element('span', {className: 'badge', text: 'bot'})] : [];
    const who = element('div', {className: 'who', children: [message.from.first_name, ...badge]});
    tint(who, message.from.id);
    parts.push(who);
  }
  if (message.reply_to !== undefined) parts.push(quoted(message, all));
  if (message.file !== undefined) parts.push(attached(message));
  parts.push(element('div', {className: 'text', children: formatted(message.text, message.entities)}));
  const stamp = `${message.edits.length > 0 ? 'edited ' : ''}${clockTime(message.at)}`;
  parts.push(element('span', {className: 'stamp', text: stamp}));
  const made = element('div', {className: 'bubble', id: `message-${message.message_id}`, children: parts});
  made.style.setProperty('--stamp', `${stamp.length * 7 + 6}px`);
  if (message.edits.length > 0) made.title = message.edits.map(({text}) => text).join('\n— then —\n');
  return made;
}

/** A photo as it is, anything else by its name, to be saved. */
function attached({message_id: id, file}) {
  const src = `/_sim/file?chat=${placeNow().chat}&message=${id}`;
  if (file.as === 'photo') return element('img', {className: 'photo', src, alt: file.name});
  const size = file.size < 1024 ? `${file.size} B` : `${(file.size / 1024).toFixed(1)} KB`;
  const name = element('span', {className: 'file-name', text: file.name});
  const words = [name, element('span', {className: 'file-size', text: size})];
  const icon = element('span', {className: 'icon', text: '📄', ariaHidden: 'true'});
  return element('a', {className: 'file', href: src, download: file.name, children: [icon, ...words]});
}

function quoted(message, all) {
  const original = all.find(({message_id}) => message_id === message.reply_to);
  const name = element('b', {text: original?.from.first_name ?? 'Deleted message'});
  const snippet = element('span', {text: (original?.text ?? message.quote ?? '').split('\n')[0]});
  const jump = () => {
    const target = at(`message-${message.reply_to}`);
    target?.scrollIntoView({block: 'center', behavior: 'smooth'});
    target?.classList.remove('flash');
    requestAnimationFrame(() => target?.classList.add('flash'));
  };
  return element('button', {className: 'quoted', type: 'button', children: [name, snippet], onclick: jump});
}

function keyboard(message) {
  const rows = message.reply_markup.inline_keyboard.map((row) => {
    const keys = row.map((button) => key(message, button));
    return element('div', {className: 'keys', children: keys});
  });
  return element('div', {className: 'keyboard', children: rows});
}

function key(message, button) {
  const onclick = async (event) => {
    const pressed = event.currentTarget;
    if (button.url !== undefined) return window.open(button.url, '_blank', 'noopener');
    if (button.copy_text !== undefined)
      return navigator.clipboard?.writeText(button.copy_text.text).then(() => toast('Copied'));
    if (button.callback_data === undefined) return toast('This button does nothing here');
    pressed.classList.add('waiting');
    const about = {chat: placeNow().chat, message_id: message.message_id, from: Number(meBox.value)};
    const id = await act('press', {...about, data: button.callback_data});
    if (id === undefined) return pressed.classList.remove('waiting');
    waiting.set(id, pressed);
    // A quick bot answers before we know the number of our query.
    if (early.has(id)) answered(early.get(id));
    setTimeout(() => pressed.classList.remove('waiting'), ANSWER_MS_MAX);
  };
  return element('button', {className: `key ${button.style ?? ''}`, type: 'button', text: button.text, onclick});
}

/** Those that the bot understands. A press leaves it, and another one takes it back. */
const REACTIONS = ['👀', '👍'];

function reactions({message_id, reactions: left = []}) {
  const me = Number(meBox.value);
  const shown = [...new Set([...left.map(({emoji}) => emoji), ...REACTIONS])];
  const chips = shown.map((emoji) => {
    const by = left.filter((one) => one.emoji === emoji);
    const mine = by.some(({from}) => from === me);
    const argument = {chat: placeNow().chat, from: me, message_id, ...(mine ? {} : {emoji})};
    const text = by.length === 0 ? emoji : `${emoji} ${by.length}`;
    const className = `reaction${by.length > 0 ? ' left' : ''}${mine ? ' own' : ''}`;
    const ariaLabel = `${mine ? 'Take back' : 'React with'} ${emoji}`;
    return element('button', {type: 'button', className, text, ariaLabel, onclick: () => act('react', argument)});
  });
  return element('div', {className: 'reactions', children: chips});
}

/** The newest pinned message, in one line below the bar. */
function showPinned(messages) {
  const pinned = messages.findLast((message) => message.pinned);
  at('pinned').hidden = pinned === undefined;
  if (pinned === undefined) return;
  const title = element('b', {text: 'Pinned message'});
  at('pinned').replaceChildren(title, element('span', {text: pinned.text.split('\n')[0]}));
  at('pinned').onclick = () => {
    reading = true;
    at(`message-${pinned.message_id}`)?.scrollIntoView({block: 'center', behavior: 'smooth'});
  };
}

/** Whoever reads further up is left there; otherwise the newest message stays in sight, also when the log shrinks. */
let reading = false;
const keepBottom = () => {
  if (!reading) log.scrollTop = log.scrollHeight;
};
log.addEventListener('scroll', () => {
  reading = log.scrollHeight - log.scrollTop - log.clientHeight > 80;
});
new ResizeObserver(keepBottom).observe(log);

/** What is on the page now; the same text is not drawn again, so that a pressed or focused button stays. */
let drawn = '';
/** Counts the questions for messages, so that only the last one's answer is drawn. */
let asked = 0;

async function showMessages() {
  showHeader();
  const place = placeNow();
  if (Number.isNaN(place.chat)) return;
  asked += 1;
  const mine = asked;
  const all = await read(`messages?chat=${place.chat}`);
  // An older answer may arrive after a newer one.
  if (mine !== asked || all === undefined) return;
  const messages = all.filter(({thread}) => place.thread === undefined || thread === place.thread);
  const now = JSON.stringify([chatBox.value, meBox.value, messages]);
  if (now === drawn) return;
  drawn = now;
  showPinned(messages);
  const isPrivate = state.chats.find(({id}) => id === place.chat)?.type === 'private';
  const rows = messages.map((message, index) => row(message, {messages, index, all, isPrivate}));
  const day = messages[0] === undefined ? undefined : element('div', {className: 'day', text: dayOf(messages[0].at)});
  const empty = element('div', {className: 'empty', text: 'Nothing here yet. Type /status, or break something above.'});
  log.replaceChildren(...(day === undefined ? [empty] : [day, ...rows]));
  keepBottom();
}

function row(message, {messages, index, all, isPrivate}) {
  const before = messages[index - 1]?.from.id === message.from.id;
  const after = messages[index + 1]?.from.id === message.from.id;
  const mine = message.from.id === Number(meBox.value);
  const hideName = before || mine || isPrivate;
  const stack = element('div', {className: 'stack', children: [bubble({...message, follows: hideName}, all)]});
  if (message.reply_markup !== undefined) stack.append(keyboard(message));
  if (message.byBot) stack.append(reactions(message));
  const picture = isPrivate ? [] : [avatar(message.from.id, message.from.first_name)];
  const marks = `${mine ? ' mine' : ''}${before ? ' follows' : ''}${after ? ' followed' : ''}`;
  const made = element('article', {className: `row${marks}`, children: [...picture, stack]});
  made.setAttribute('aria-label', `${message.from.first_name}, ${clockTime(message.at)}`);
  return made;
}

// ---- breaking things ----

function showStrip() {
  const services = state.breakables.map(({name, broken}) =>
    breaker(name, {broken, words: ['Break', 'Mend'], turn: () => act(broken ? 'mend' : 'break', {name})}),
  );
  const turn = () => act('outage', {on: !state.outage});
  const telegram = breaker('Telegram', {broken: state.outage, words: ['Cut off', 'Restore'], turn});
  at('strip').replaceChildren(...services, telegram);
  at('strip').hidden = state.breakables.length === 0;
}

function breaker(name, {broken, words, turn}) {
  const label = element('span', {className: 'name', text: name});
  const verb = words[broken ? 1 : 0];
  const button = {type: 'button', className: broken ? 'mend' : 'break', text: verb, ariaLabel: `${verb} ${name}`};
  return element('div', {className: 'what', children: [label, element('button', {...button, onclick: turn})]});
}

// ---- typing ----

async function send(text) {
  const said = text.trim();
  if (said === '') return;
  reading = false;
  await act('say', {...placeNow(), from: Number(meBox.value), text: said});
}

function suggest() {
  const known = state.bots.flatMap(({commands}) => commands);
  const unique = [...new Map(known.map((one) => [one.command, one])).values()];
  const typed = /^\/(\w*)$/.exec(textBox.value)?.[1];
  const fitting =
    typed === undefined ? [] : unique.filter(({command}) => command.startsWith(typed) && command !== typed);
  at('suggestions').hidden = fitting.length === 0;
  const made = fitting.map(({command, description}) => {
    const onclick = () => {
      textBox.value = `/${command} `;
      suggest();
      textBox.focus();
    };
    const children = [
      element('span', {className: 'command-name', text: `/${command}`}),
      element('span', {className: 'about', text: description}),
    ];
    return element('button', {type: 'button', children, onclick});
  });
  at('suggestions').replaceChildren(...made);
}

function grow() {
  textBox.style.height = 'auto';
  textBox.style.height = `${textBox.scrollHeight}px`;
}

let toastTimer;
function toast(text) {
  at('toast').textContent = text;
  at('toast').classList.add('shown');
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => at('toast').classList.remove('shown'), 3500);
}

function answered(answer) {
  const pressed = waiting.get(answer.callback_query_id);
  if (pressed === undefined) return early.set(answer.callback_query_id, answer);
  pressed.classList.remove('waiting');
  waiting.delete(answer.callback_query_id);
  if (answer.text === '') return;
  if (!answer.show_alert) return toast(answer.text);
  at('alert-text').textContent = answer.text;
  at('alert').showModal();
}

at('composer').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = textBox.value;
  textBox.value = '';
  grow();
  suggest();
  void send(text);
});
textBox.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  at('composer').requestSubmit();
});
textBox.addEventListener('input', () => {
  grow();
  suggest();
});
chatBox.addEventListener('change', () => {
  reading = false;
  void showMessages();
});
meBox.addEventListener('change', loadState);

const events = new EventSource('/_sim/events');
events.onopen = loadState;
events.onmessage = ({data}) => {
  const event = JSON.parse(data);
  if (event.kind === 'callback_answer') answered(event.answer);
  if (event.kind === 'chats' || event.kind === 'faults' || event.kind === 'commands') void loadState();
  else void showMessages();
};
events.onerror = () => {
  at('subtitle').textContent = GONE;
};
