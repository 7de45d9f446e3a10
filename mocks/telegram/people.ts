import type {
  TelegramInlineKeyboardButton,
  TelegramMessageOrigin,
  TelegramReactionTypeEmoji,
} from '@gramio/types/objects';
import type {Bot, Chat, Message, StoredMessage} from './model.ts';
import {withDetected} from './text.ts';
import {messageIn, userFor, type World} from './world.ts';

/** A person types something. */
export interface Saying {
  /** The chat's id; a private chat has the id of its person. */
  readonly chat: number;
  /** The person's id; must be known by `addUser`. */
  readonly from: number;
  readonly text: string;
  /** The forum topic. */
  readonly thread?: number;
  /** The message that it answers. */
  readonly reply_to?: number;
  /** Speaks as this chat: an anonymous administrator (the group's own id) or a channel. `from` becomes Telegram's placeholder. */
  readonly sender_chat?: number;
  /** Forwarded from this person. */
  readonly forward?: number;
  /** Forwarded by Telegram itself, from the linked channel `sender_chat`. */
  readonly automatic_forward?: boolean;
  /** Changes this earlier message of the person instead of sending one. */
  readonly edited?: number;
}

/** A person presses an inline button, found by its data or by its label. */
export interface Press {
  readonly chat: number;
  readonly from: number;
  /** Left out: the newest message that has the button. */
  readonly message_id?: number;
  readonly data?: string;
  readonly label?: string;
  /** Sends `data` although no such button is there, as a tampered client can. */
  readonly forged?: boolean;
}

/** A person leaves a reaction under a message, or, without `emoji`, takes it back. */
export interface Reacting {
  readonly chat: number;
  readonly from: number;
  readonly message_id: number;
  readonly emoji?: string;
  /** Speaks as this chat: an anonymous administrator. */
  readonly actor_chat?: number;
}

/** Telegram's placeholders for whoever speaks as a chat. */
const ANONYMOUS_ADMIN = {id: 1087968824, is_bot: true, first_name: 'Group', username: 'GroupAnonymousBot'};
const CHANNEL_BOT = {id: 136817688, is_bot: true, first_name: 'Channel', username: 'Channel_Bot'};
const TELEGRAM_SERVICE = {id: 777000, is_bot: false, first_name: 'Telegram'};

export function say(world: World, saying: Saying): Message {
  const chat = knownChat(world, saying.chat);
  if (saying.edited !== undefined) return edit(world, chat, saying);
  if (chat.info.type === 'private') delete chat.forbidden;
  const reply = saying.reply_to === undefined ? undefined : messageIn(chat, saying.reply_to)?.current;
  const stored = world.store(chat, {
    from: senderOf(world, saying),
    ...withDetectedList(saying.text),
    ...(saying.sender_chat === undefined ? {} : {sender_chat: knownChat(world, saying.sender_chat).info}),
    ...(saying.thread === undefined ? {} : {message_thread_id: saying.thread, is_topic_message: true}),
    ...(reply === undefined ? {} : {reply_to_message: withoutReply(reply)}),
    ...(saying.forward === undefined ? {} : {forward_origin: originOf(world, saying.forward)}),
    ...(saying.automatic_forward === true ? {is_automatic_forward: true} : {}),
  });
  const channel = chat.info.type === 'channel';
  world.update(channel ? 'channel_post' : 'message', structuredClone(stored.current));
  return stored.current;
}

/** Returns the id of the callback query. */
export function press(world: World, {chat: chatId, from, message_id, data, label, forged}: Press): string {
  const chat = knownChat(world, chatId);
  const matches = (button: TelegramInlineKeyboardButton) =>
    button.callback_data !== undefined && (data === undefined ? button.text === label : button.callback_data === data);
  const candidates = chat.messages.filter(({current}) => message_id === undefined || current.message_id === message_id);
  const visible = candidates.filter(({deleted}) => !deleted || forged === true);
  const stored = visible.findLast((one) => forged === true || buttonsOf(one).some(matches));
  if (stored === undefined) throw new Error(`no such button: ${JSON.stringify({chatId, message_id, data, label})}`);
  const pressed = forged === true ? data : buttonsOf(stored).find(matches)?.callback_data;
  return createCallback(world, {chat, stored, from, data: pressed ?? ''});
}

function createCallback(
  world: World,
  {chat, stored, from, data}: {chat: Chat; stored: StoredMessage; from: number; data: string},
): string {
  const bot = stored.author ?? firstBot(world);
  const id = String(4_000_000_000 + world.callbacks.size);
  const at = world.clock.now();
  const messageId = stored.current.message_id;
  world.callbacks.set(id, {id, bot, at, from, chatId: chat.info.id, messageId, data, answered: false});
  const message = structuredClone(stored.current);
  const chat_instance = String(chat.info.id * 31 + 7);
  bot.updates.push('callback_query', {id, from: userFor(world, from), message, chat_instance, data});
  world.notify({kind: 'pressed', chat: chat.info.id});
  return id;
}

/** Bots learn of it only where they are administrators, and if they asked for such updates. */
export function react(world: World, {chat: chatId, from, message_id, emoji, actor_chat}: Reacting): void {
  const chat = knownChat(world, chatId);
  const stored = messageIn(chat, message_id);
  if (stored === undefined) throw new Error(`no message ${message_id} in chat ${chatId}`);
  const who = actor_chat ?? from;
  const before = stored.reactions.get(who);
  if (before === emoji) return;
  if (emoji === undefined) stored.reactions.delete(who);
  else stored.reactions.set(who, emoji);
  world.notify({kind: 'reaction', chat: chatId});
  if (!chat.botsAreAdmins && chat.info.type !== 'private') return;
  const actor =
    actor_chat === undefined ? {user: userFor(world, from)} : {actor_chat: knownChat(world, actor_chat).info};
  world.update('message_reaction', {
    ...{chat: chat.info, message_id, date: world.date(), ...actor},
    old_reaction: reactionsOf(before),
    new_reaction: reactionsOf(emoji),
  });
}

type Emoji = TelegramReactionTypeEmoji['emoji'];
const reactionsOf = (emoji: string | undefined): TelegramReactionTypeEmoji[] =>
  emoji === undefined ? [] : [{type: 'emoji', emoji: emoji as Emoji}];

/** A message as another one quotes it: replies do not nest. */
export function withoutReply({reply_to_message: _, ...message}: Message): Message {
  return message;
}

export function knownChat(world: World, id: number): Chat {
  const chat = world.chats.get(id);
  if (chat === undefined) throw new Error(`no such chat in the simulator: ${id}; addChat first`);
  return chat;
}

function edit(world: World, chat: Chat, saying: Saying): Message {
  const stored = messageIn(chat, saying.edited);
  if (stored === undefined) throw new Error(`no message ${saying.edited} to edit in chat ${saying.chat}`);
  const {text = '', entities = []} = stored.current;
  stored.versions.push({text, entities});
  const {entities: _, ...rest} = stored.current;
  stored.current = {...rest, ...withDetectedList(saying.text), edit_date: world.date()};
  const kind = chat.info.type === 'channel' ? 'edited_channel_post' : 'edited_message';
  world.update(kind, structuredClone(stored.current));
  world.notify({kind: 'edited', chat: chat.info.id});
  return stored.current;
}

function senderOf(world: World, saying: Saying) {
  if (saying.automatic_forward === true) return TELEGRAM_SERVICE;
  if (saying.sender_chat === undefined) return userFor(world, saying.from);
  return saying.sender_chat === saying.chat ? ANONYMOUS_ADMIN : CHANNEL_BOT;
}

function originOf(world: World, from: number): TelegramMessageOrigin {
  return {type: 'user', date: world.date(), sender_user: userFor(world, from)};
}

/** Messages without entities have no such field. */
function withDetectedList(text: string): Pick<Message, 'text' | 'entities'> {
  const {entities} = withDetected({text, entities: []});
  return {text, ...(entities.length === 0 ? {} : {entities: [...entities]})};
}

const buttonsOf = ({current}: StoredMessage) => current.reply_markup?.inline_keyboard.flat() ?? [];

function firstBot(world: World): Bot {
  const [bot] = world.bots.values();
  if (bot === undefined) throw new Error('the simulator has no bot');
  return bot;
}
