/** Text with Telegram's entities, as elements. */

import {element} from './dom.js';

/** What was unfolded stays so when its message is drawn again. */
const unfolded = new Set();

const WRAPPERS = {
  bold: () => element('strong'),
  italic: () => element('em'),
  underline: () => element('u'),
  strikethrough: () => element('s'),
  code: () => element('code'),
  pre: () => element('pre'),
  blockquote: () => element('blockquote'),
  expandable_blockquote: ({offset}, _, {id}) => foldable(`${id}/${offset}`),
  spoiler: () => element('span', {className: 'spoiler', onclick: (event) => event.currentTarget.classList.add('open')}),
  text_link: ({url}, _, use) => link(url, use),
  url: (_, text, use) => link(text, use),
  mention: () => element('a'),
  text_mention: () => element('a'),
  date_time: ({unix_time: unix, date_time_format: format}) =>
    element('time', {
      dateTime: new Date(unix * 1000).toISOString(),
      text: momentText(unix * 1000, format),
      title: OWN_ZONE,
    }),
  bot_command: (_, text, {send}) =>
    element('button', {className: 'command', type: 'button', onclick: () => send(text)}),
};

const OWN_ZONE = 'in your own time zone';
/** These say by themselves what they stand for; the text between the tags is for apps that do not know them. */
const WHOLE = new Set(['date_time']);
const BLOCKS = new Set(['pre', 'blockquote', 'expandable_blockquote']);

/**
 * Entities nest: each level takes those that begin within its stretch and hands the inner ones down. `use` has the message's
 * `id` for what may be unfolded, `send(text)` for a command that is clicked, and `jump(target)` for a link to a message.
 */
export function formatted({text, entities, from = 0, to = text.length}, use) {
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
    const wrapper = WRAPPERS[entity.type]?.(entity, text.slice(start, end), use) ?? element('span');
    if (!WHOLE.has(entity.type)) wrapper.append(...formatted({text, entities: inner, from: start, to: end}, use));
    nodes.push(wrapper);
    // A block ends its line by itself; the line break behind it would be an empty line.
    here = BLOCKS.has(entity.type) && text[end] === '\n' ? end + 1 : end;
    index = next;
  }
  if (here < to) nodes.push(text.slice(here, to));
  return nodes;
}

/** Telegram writes a time as its reader is used to it: `t` short, `T` with seconds, `d` and `D` the date, `w` the weekday. */
function momentText(ms, format) {
  const date = /[dD]/.test(format) ? {dateStyle: format.includes('D') ? 'long' : 'short'} : {};
  const time = /[tT]/.test(format) ? {timeStyle: format.includes('T') ? 'medium' : 'short', hourCycle: 'h23'} : {};
  return new Date(ms).toLocaleString([], {...date, ...time});
}

/** Three lines until somebody asks for more; what fits into them has nothing to unfold. */
function foldable(key) {
  const quote = element('blockquote', {className: 'foldable'});
  const toggle = element('button', {type: 'button', className: 'unfold'});
  const show = () => {
    const isOpen = unfolded.has(key);
    quote.classList.toggle('open', isOpen);
    toggle.ariaExpanded = String(isOpen);
    toggle.ariaLabel = isOpen ? 'Show less' : 'Show all';
  };
  quote.onclick = () => {
    if (toggle.hidden) return;
    if (!unfolded.delete(key)) unfolded.add(key);
    show();
  };
  quote.append(toggle);
  show();
  new ResizeObserver(() => {
    if (!unfolded.has(key)) toggle.hidden = quote.scrollHeight <= quote.clientHeight + 1;
  }).observe(quote);
  return quote;
}

/** A scheme that runs something is no address to be opened. */
const OPENABLE = /^(?:https?|tg|mailto):/i;

function link(href, {jump}) {
  const full = /^[a-z][a-z0-9+.-]*:/i.test(href) ? href : `https://${href}`;
  if (!OPENABLE.test(full)) return element('span');
  const made = element('a', {href: full, target: '_blank', rel: 'noopener noreferrer'});
  const target = messageOf(full);
  if (target !== undefined) {
    made.onclick = (event) => {
      event.preventDefault();
      jump(target);
    };
  }
  return made;
}

/** `t.me/c/CHAT/MESSAGE` or `t.me/c/CHAT/TOPIC/MESSAGE`: a message of a supergroup, whose id has -100 before it. */
function messageOf(url) {
  const found = /^https?:\/\/t\.me\/c\/(\d+)\/(?:\d+\/)?(\d+)\/?(?:\?.*)?$/.exec(url);
  return found === null ? undefined : {chat: Number(`-100${found[1]}`), id: Number(found[2])};
}
