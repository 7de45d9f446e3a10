/** The demo's chat: what Telegram would show of the simulator's chats. This file puts the parts together. */

import {suggest} from './composer.js';
import {at} from './dom.js';
import {answered} from './keys.js';
import {followNewest, onJump, showMessage, showMessages} from './messages.js';
import {showPlaces} from './places.js';
import {showStrip} from './strip.js';
import {GENERAL, now, read, refresh, sayGone} from './world.js';

const [chatBox, meBox] = [at('chat'), at('me')];

async function show() {
  if (!(await refresh())) return;
  showPlaces();
  showStrip();
  await showMessages();
}

async function openPlace() {
  followNewest();
  showPlaces();
  suggest();
  await showMessages();
}

/** A link to a message may lead to another chat, and to one of its topics. */
onJump(async ({chat, id}) => {
  const about = now().chats.find((one) => one.id === chat);
  const target = about && (await read(`messages?chat=${chat}`))?.find(({message_id}) => message_id === id);
  if (!target) return;
  const isForum = Object.keys(about.topics).length > 0;
  const value = isForum ? `${chat}/${target.thread ?? GENERAL}` : String(chat);
  if (value !== chatBox.value) {
    chatBox.value = value;
    await openPlace();
  }
  showMessage(id);
});

chatBox.addEventListener('change', openPlace);
meBox.addEventListener('change', openPlace);

let isLooking = false;
let isStale = false;

/** What happens while it looks makes it look once more, however many things happen. */
async function look() {
  isStale = true;
  if (isLooking) return;
  isLooking = true;
  while (isStale) {
    isStale = false;
    await show();
  }
  isLooking = false;
}

const events = new EventSource('/_sim/events');
events.onopen = look;
events.onmessage = ({data}) => {
  const event = JSON.parse(data);
  if (event.kind === 'callback_answer') answered(event.answer);
  void look();
};
events.onerror = sayGone;
