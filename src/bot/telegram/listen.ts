import type {Logger} from 'pino';
import {Context, Telegraf} from 'telegraf';
import type {Message as TelegramMessage, Update, UserFromGetMe} from 'telegraf/types';
import type {Clock} from '../../clock.ts';
import type {Config, User} from '../../config/config.ts';
import type {Message} from '../../state/vocabulary.ts';
import type {Button, Store} from '../../store/store.ts';
import {type Approach, admit} from '../access.ts';
import type {Answer, Call} from '../commands/command.ts';
import type {OrderDesk} from '../desk.ts';
import type {Words} from '../messages/en.ts';
import {clip, pages, plainText} from '../messages/html.ts';
import type {OpsTelegram} from './api.ts';

export interface ListenUse {
  readonly api: OpsTelegram;
  readonly botInfo: UserFromGetMe;
  readonly config: Config;
  readonly desk: OrderDesk;
  readonly store: Pick<Store, 'telegram'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly words: Words;
}

/** Telegraf with our client in its contexts; gives each update to the order desk, after it was let in. */
export function createListener(use: ListenUse): (update: Update) => Promise<void> {
  class OpsContext extends Context {
    constructor(update: Update, _theirs: unknown, botInfo: UserFromGetMe) {
      super(update, use.api, botInfo);
    }
  }
  const bot = new Telegraf<OpsContext>(use.api.token, {
    contextType: OpsContext,
    handlerTimeout: Number.POSITIVE_INFINITY,
  });
  bot.botInfo = use.botInfo;
  bot.catch((error) => {
    throw error;
  });
  const turnAway = createDoorkeeper(use);
  bot.on('message', (ctx) => {
    const user = turnAway(approachOf(ctx.message));
    if (user && 'text' in ctx.message) takeMessage(use, user, ctx.message, ctx.update.update_id);
  });
  bot.on('callback_query', async (ctx) => {
    const {callbackQuery: query} = ctx;
    const chat = query.message?.chat;
    if (!chat || !('data' in query)) return;
    const user = turnAway({
      chatId: chat.id,
      isPrivate: chat.type === 'private',
      from: {id: query.from.id, isBot: query.from.is_bot},
      hasSenderChat: false,
      isForward: false,
      isEdit: false,
    });
    if (!user) return;
    const press = {id: query.data, chatId: chat.id, messageId: query.message?.message_id ?? 0};
    const text = takePress(use, user, press, ctx.update.update_id);
    // The order is carried out whether or not its answer still finds its way.
    await ctx
      .answerCbQuery(text)
      .catch((error) => use.log.warn({reason: String(error)}, 'a button could not be answered'));
  });
  return (update) => bot.handleUpdate(update);
}

/** A stranger can fill the log with no more than this. */
const REFUSAL_LOG_MS = 60_000;

function createDoorkeeper({config, store, clock, log}: ListenUse): (approach: Approach) => User | undefined {
  let quietUntil = Number.NEGATIVE_INFINITY;
  let unlogged = 0;
  const isOurChat = (chatId: number) =>
    [...config.channels.values()].some(
      (channel) => channel.type === 'telegram' && store.telegram.currentChatId(channel.chatId) === chatId,
    );
  return (approach) => {
    const admission = admit(approach, {users: config.users, isOurChat});
    if (admission.admitted) return admission.user;
    if (clock.monotonic() < quietUntil) unlogged++;
    else {
      const {chatId, from} = approach;
      log.warn({why: admission.why, chat: chatId, user: from?.id, unlogged}, 'turned away');
      quietUntil = clock.monotonic() + REFUSAL_LOG_MS;
      unlogged = 0;
    }
    return undefined;
  };
}

function approachOf(message: TelegramMessage): Approach {
  return {
    chatId: message.chat.id,
    isPrivate: message.chat.type === 'private',
    from: message.from && {id: message.from.id, isBot: message.from.is_bot},
    hasSenderChat: 'sender_chat' in message && message.sender_chat !== undefined,
    isForward: 'forward_origin' in message || 'forward_date' in message || 'is_automatic_forward' in message,
    isEdit: 'edit_date' in message,
  };
}

const COMMAND = /^\/([a-z0-9_]{1,32})(?:@(\w+))?(?:\s+([\s\S]*))?$/i;

function takeMessage(use: ListenUse, user: User, message: TelegramMessage.TextMessage, updateId: number): void {
  const [, name, addressee, text = ''] = COMMAND.exec(message.text) ?? [];
  if (name === undefined) return;
  // In a group, other bots have commands of their own.
  if (addressee !== undefined && addressee.toLowerCase() !== use.botInfo.username.toLowerCase()) return;
  const threadId = message.is_topic_message ? message.message_thread_id : undefined;
  const to = {chatId: message.chat.id, replyTo: message.message_id, ...(threadId !== undefined && {threadId})};
  const call: Call = {
    person: {id: user.id, name: user.name},
    role: user.role,
    chatId: to.chatId,
    ...(threadId !== undefined && {threadId}),
    text: text.trim(),
    now: use.clock.now(),
  };
  use.desk.take(name.toLowerCase(), call, (answer) => ({
    // In a group, an unknown command is another bot's business.
    messages:
      answer.unknown && message.chat.type !== 'private' && addressee === undefined
        ? []
        : replies(answer, to, use.words),
    handledUpdate: updateId,
  }));
}

/** More would keep the alerts of the same chat waiting: a group takes 20 messages a minute. */
const REPLY_PAGES_MAX = 4;

function replies(answer: Answer, to: (Message & {kind: 'reply'})['to'], words: Words): Message[] {
  const all = pages(answer.lines);
  const left = all.slice(REPLY_PAGES_MAX).flat().length;
  const texts = all.slice(0, REPLY_PAGES_MAX).map((lines) => lines.join('\n'));
  const html = answer.preformatted ? texts.map((text) => `<pre>${text}</pre>`) : texts;
  if (left > 0) html.push(words.status.more(left));
  return html.map((text) => ({kind: 'reply', channel: '', reason: 'reply', to, html: text}));
}

interface Press {
  readonly id: string;
  readonly chatId: number;
  readonly messageId: number;
}

/** core.telegram.org/bots/api#answercallbackquery */
const CALLBACK_ANSWER_UNITS_MAX = 200;

/** Answers with the words for the pop-up. The role is looked at again, whoever the card was meant for. */
function takePress(use: ListenUse, user: User, press: Press, updateId: number): string {
  const {store, clock, words, desk} = use;
  const button = store.telegram.button(press.id);
  if (!button || !isGood(button, press, clock.now())) return words.button.expired;
  const call: Call = {
    person: {id: user.id, name: user.name},
    role: user.role,
    chatId: press.chatId,
    text: button.check,
    now: clock.now(),
  };
  const answer = desk.take(button.action, call, () => ({handledUpdate: updateId}));
  // Only now: a crash before this redelivers the update, which the order has marked as handled.
  if (!answer.denied) store.telegram.useButton(button.id, clock.now());
  return clip(plainText(answer.lines.join('\n')), CALLBACK_ANSWER_UNITS_MAX);
}

function isGood(button: Button, press: Press, now: number): boolean {
  const sameMessage = button.messageId === undefined || button.messageId === press.messageId;
  return button.chatId === press.chatId && sameMessage && button.expiresAt > now && button.usedAt === undefined;
}
