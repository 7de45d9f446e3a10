/** Buttons below a message, and what the bot answers to a press; reactions. */

import {at, element, toast} from './dom.js';
import {act, me, place} from './world.js';

/** A pressed button stops waiting then, as in the apps. */
const ANSWER_MS_MAX = 15_000;
/** Callback queries of this page that no answer has come to yet, with their buttons. */
const waiting = new Map();
/** Answers to queries that are not (or not yet) known to be of this page. */
const early = new Map();

export function keyboard(message) {
  const rows = message.reply_markup.inline_keyboard.map((row) => {
    const keys = row.map((button) => key(message, button));
    return element('div', {className: 'keys', children: keys});
  });
  return element('div', {className: 'keyboard', children: rows});
}

function key(message, button) {
  const onclick = ({currentTarget}) => {
    if (button.url !== undefined) return window.open(button.url, '_blank', 'noopener');
    if (button.copy_text !== undefined)
      return navigator.clipboard?.writeText(button.copy_text.text).then(() => toast('Copied'));
    if (button.callback_data === undefined) return toast('This button does nothing here');
    return press(currentTarget, {message_id: message.message_id, data: button.callback_data});
  };
  const kind = button.url === undefined ? '' : ' opens';
  return element('button', {className: `key ${button.style ?? ''}${kind}`, type: 'button', text: button.text, onclick});
}

async function press(pressed, what) {
  wait(pressed, true);
  const id = await act('press', {chat: place().chat, from: me(), ...what});
  if (id === undefined) return wait(pressed, false);
  waiting.set(id, pressed);
  // A quick bot answers before we know the number of our query.
  if (early.has(id)) answered(early.get(id));
  setTimeout(() => wait(pressed, false), ANSWER_MS_MAX);
}

function wait(pressed, isWaiting) {
  pressed.classList.toggle('waiting', isWaiting);
  pressed.ariaBusy = String(isWaiting);
}

export function answered(answer) {
  const pressed = waiting.get(answer.callback_query_id);
  if (pressed === undefined) return early.set(answer.callback_query_id, answer);
  wait(pressed, false);
  waiting.delete(answer.callback_query_id);
  if (answer.text === '') return;
  if (!answer.show_alert) return toast(answer.text);
  at('alert-text').textContent = answer.text;
  at('alert').showModal();
}

/** Those that the bot understands. A press leaves it, and another one takes it back. */
const REACTIONS = ['👀', '👍'];

export function reactions({message_id, reactions: left = []}) {
  const shown = [...new Set([...left.map(({emoji}) => emoji), ...REACTIONS])];
  const chips = shown.map((emoji) => {
    const by = left.filter((one) => one.emoji === emoji);
    const mine = by.some(({from}) => from === me());
    const argument = {message_id, ...(mine ? {} : {emoji})};
    const text = by.length === 0 ? emoji : `${emoji} ${by.length}`;
    const className = `reaction${by.length > 0 ? ' left' : ''}${mine ? ' own' : ''}`;
    const ariaLabel = `${mine ? 'Take back' : 'React with'} ${emoji}`;
    const onclick = () => act('react', {chat: place().chat, from: me(), ...argument});
    return element('button', {type: 'button', className, text, ariaLabel, onclick});
  });
  return element('div', {className: 'reactions', children: chips});
}
