import {randomUUID} from 'node:crypto';
import type {Message as TelegramMessage} from 'telegraf/types';
import type {User} from '../../config/config.ts';
import type {Message, ReplyAddress} from '../../state/vocabulary.ts';
import type {Button} from '../../store/store.ts';
import {pressables} from '../buttons.ts';
import type {Answer, Call} from '../commands/command.ts';
import {commands} from '../commands/index.ts';
import type {Attached} from '../desk.ts';
import type {Words} from '../messages/en.ts';
import {pages} from '../messages/html.ts';
import type {Addressee} from '../readers.ts';
import type {ListenUse} from './listen.ts';

const COMMAND = /^\/([a-z0-9_]{1,32})(?:@(\w+))?(?:\s+([\s\S]*))?$/i;

/** Resolves when the chat's next message may be looked at. */
export async function takeMessage(
  use: ListenUse,
  user: User,
  message: TelegramMessage.TextMessage,
  updateId: number,
): Promise<void> {
  const [, name, addressee, text = ''] = COMMAND.exec(message.text) ?? [];
  if (name === undefined) return;
  // In a group, other bots have commands of their own.
  if (addressee !== undefined && addressee.toLowerCase() !== use.botInfo.username.toLowerCase()) return;
  const to = {chatId: message.chat.id, replyTo: message.message_id, ...topicOf(message)};
  const isOthers = (answer: Answer) =>
    answer.unknown === true && message.chat.type !== 'private' && addressee === undefined;
  const call = callOf(use, user, {...to, ...languageOf(message.from), text: text.trim()});
  const attach = attachment(use, call, to, updateId);
  const {lines, rest} = use.desk.take(name.toLowerCase(), call, (answer) =>
    isOthers(answer) ? {handledUpdate: updateId} : attach(answer),
  );
  if (lines.length === 0) await rest;
}

export function callOf(
  use: Pick<ListenUse, 'clock' | 'botInfo'>,
  user: User,
  from: Pick<Call, 'threadId' | 'languageCode' | 'text'> & {readonly chatId: number},
): Call {
  return {
    person: {id: user.id, name: user.name},
    role: user.role,
    ...(user.groups && {groups: user.groups}),
    bot: use.botInfo.username,
    chatId: from.chatId,
    ...(from.threadId !== undefined && {threadId: from.threadId}),
    ...(from.languageCode !== undefined && {languageCode: from.languageCode}),
    text: from.text,
    now: use.clock.now(),
  };
}

/** What somebody's Telegram says of their language. */
export function languageOf(from: {readonly language_code?: string} | undefined): {readonly languageCode?: string} {
  return from?.language_code === undefined ? {} : {languageCode: from.language_code};
}

/** The topic of a forum that a message stands in. */
export function topicOf(message: object | undefined): {readonly threadId?: number} {
  if (!message || !('is_topic_message' in message) || message.is_topic_message !== true) return {};
  return 'message_thread_id' in message && typeof message.message_thread_id === 'number'
    ? {threadId: message.message_thread_id}
    : {};
}

/** Puts an answer into the chat; what takes its place later finds it by a ticket, or by the message that it is edited into. */
export function attachment(use: ListenUse, who: Addressee, to: ReplyAddress, updateId: number): Attached {
  const ticket = randomUUID();
  const {words} = use.readers.of(who);
  let isSaid = to.edits !== undefined;
  return (answer) => {
    const parts = {
      ...(answer.later && to.edits === undefined && {ticket}),
      ...(isSaid && {edits: to.edits ?? ticket}),
    };
    isSaid = true;
    return {...reply(use, answer, to, {...parts, words}), handledUpdate: updateId};
  };
}

/** More would keep the alerts of the same chat waiting: a group takes 20 messages a minute. */
const REPLY_PAGES_MAX = 4;

interface Parts {
  readonly words: Words;
  readonly ticket?: string;
  readonly edits?: number | string;
}

function reply(use: ListenUse, answer: Answer, address: ReplyAddress, parts: Parts): ReturnType<Attached> {
  const {ticket, edits, words} = parts;
  const to = edits === undefined ? address : {...address, edits};
  const html = pagesOf(words, answer, edits === undefined ? REPLY_PAGES_MAX : 1);
  const shown = openOn(use, to);
  const messageId = typeof edits === 'number' ? {messageId: edits} : {};
  const place = {chatId: to.chatId, now: use.clock.now(), ...messageId};
  const {keyboard, created} = pressables(answer.buttons ?? [], place, {shown, commands});
  const kept = new Set(keyboard.flat().map(({id}) => id));
  const messages = html.map((text, index): Message => {
    const isLast = index === html.length - 1;
    return {
      ...{kind: 'reply', channel: '', reason: 'reply', to, html: text},
      ...(isLast && keyboard.length > 0 && {keyboard}),
      ...(index === 0 && ticket !== undefined && {ticket}),
      ...(isLast && answer.file && {file: answer.file}),
      ...(answer.secret && {secret: answer.secret}),
    };
  });
  // What the message no longer offers must not be done by somebody who still sees it.
  const usedButtons = shown.filter(({id, once}) => once && !kept.has(id)).map(({id}) => id);
  return {messages, buttons: created, usedButtons};
}

function openOn({store}: ListenUse, {chatId, edits}: ReplyAddress): readonly Button[] {
  return typeof edits === 'number' ? store.telegram.openButtons(chatId, edits) : [];
}

function pagesOf(words: Words, {lines, preformatted}: Answer, max: number): string[] {
  const all = pages(lines);
  const left = all.slice(max).flat().length;
  const texts = all.slice(0, max).map((page) => page.join('\n'));
  const html = preformatted ? texts.map((text) => `<pre>${text}</pre>`) : texts;
  if (left > 0) html.push(words.status.more(left));
  return html;
}
