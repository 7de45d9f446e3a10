import type {Message as TelegramMessage} from 'telegraf/types';
import type {ListenUse} from './listen.ts';
import {attachment, languageOf} from './orders.ts';

/** What a deep link makes Telegram say. */
const START = /^\/start(?:@\w+)? ([\w-]{22})$/;
/** A person mistypes a code now and then; nobody guesses one of 128 bits. */
const TRIES_MAX = 5;
const TRIES_MS = 600_000;
/** So many strangers are remembered; the one who came first is forgotten first. */
const STRANGERS_MAX = 1_000;

interface Tries {
  readonly since: number;
  readonly count: number;
}

/**
 * Looks whether a stranger's message, in a private chat, brings a code that makes them known; then they are answered. To
 * everything else, wrong codes too, there is no answer. After some tries a stranger's codes are not even looked at.
 */
export function createWelcome(use: ListenUse): (message: TelegramMessage.TextMessage, updateId: number) => boolean {
  const {clock, desk} = use;
  const tries = new Map<number, Tries>();

  function mayTry(id: number): boolean {
    const now = clock.monotonic();
    const before = tries.get(id);
    const {since, count} = before && now - before.since < TRIES_MS ? before : {since: now, count: 0};
    tries.delete(id);
    tries.set(id, {since, count: count + 1});
    const [first] = tries.keys();
    if (tries.size > STRANGERS_MAX && first !== undefined) tries.delete(first);
    return count < TRIES_MAX;
  }

  return ({text, from, chat, message_id}, updateId) => {
    const [, code] = START.exec(text) ?? [];
    if (code === undefined || !from || !mayTry(from.id)) return false;
    const name = [from.first_name, from.last_name ?? ''].join(' ');
    const stranger = {person: {id: from.id, name}, chatId: chat.id, ...languageOf(from)};
    const attached = attachment(use, stranger, {chatId: chat.id, replyTo: message_id}, updateId);
    return desk.join(code, stranger, attached);
  };
}
