/** What the simulator says of its world, and what the visitor does there. Everything goes through `/_sim/`. */

import {at, toast} from './dom.js';

/** The last answer of `/_sim/state`. */
let state = {bots: [], users: [], chats: [], breakables: [], outage: false};
export const now = () => state;

const GONE = 'the demo has stopped';

/** Undefined where the demo is gone; the events reconnect when it is back, and everything is read again then. */
async function exchange(what, request) {
  try {
    return await (await fetch(`/_sim/${what}`, request)).json();
  } catch {
    sayGone();
    return undefined;
  }
}

export const read = (what) => exchange(what);

export function sayGone() {
  at('subtitle').textContent = GONE;
}

export async function act(verb, argument) {
  const answer = await exchange(verb, {method: 'POST', body: JSON.stringify(argument)});
  if (answer?.error !== undefined) toast(answer.error);
  return answer?.result;
}

let asked = 0;

/** False: there was no answer, or a newer question was asked meanwhile. */
export async function refresh() {
  asked += 1;
  const mine = asked;
  const next = await read('state');
  if (mine !== asked || next === undefined) return false;
  state = next;
  return true;
}

export const me = () => Number(at('me').value);

/** The topic that everybody's messages are in who names none. */
export const GENERAL = 1;

/** The value of the chat box is `chat`, or `chat/topic` of a forum. */
export function place() {
  const [chat, topic] = at('chat').value.split('/').map(Number);
  return {chat, topic, about: state.chats.find(({id}) => id === chat)};
}

/** As the simulator takes it: the general topic has no number there. */
export function address() {
  const {chat, topic} = place();
  return {chat, ...(topic === undefined || topic === GENERAL ? {} : {thread: topic})};
}
