import type {Logger} from 'pino';
import {Context, Telegraf} from 'telegraf';
import type {Message as TelegramMessage, Update, UserFromGetMe} from 'telegraf/types';
import type {Clock} from '../../clock.ts';
import type {Config, User} from '../../config/config.ts';
import type {CheckView} from '../../state/view.ts';
import type {Store} from '../../store/store.ts';
import {type Approach, admit, isAtHome, peopleOf} from '../access.ts';
import type {OrderDesk} from '../desk.ts';
import type {Readers} from '../readers.ts';
import type {OpsTelegram} from './api.ts';
import {languageOf, takeMessage, topicOf} from './orders.ts';
import {takePress} from './presses.ts';
import {takeReaction} from './reactions.ts';
import type {Toasts} from './toasts.ts';
import {createWelcome} from './welcome.ts';

export interface ListenUse {
  readonly api: OpsTelegram;
  readonly botInfo: UserFromGetMe;
  readonly config: Config;
  readonly desk: OrderDesk;
  readonly store: Pick<Store, 'telegram' | 'access' | 'outbox'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly readers: Readers;
  /** Says something to whoever sits beside this server, and to nobody else. */
  readonly tell: (text: string) => void;
  /** Every check as it is now. */
  readonly view: () => readonly CheckView[];
}

/** Telegraf with our client in its contexts; gives each update to the order desk, after it was let in. */
export function createListener(use: ListenUse & {readonly toasts: Toasts}): (update: Update) => Promise<void> {
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
  const letIn = createDoorkeeper(use);
  const welcome = createWelcome(use);
  bot.on('message', async (ctx) => {
    const {message} = ctx;
    const isWelcome = () => 'text' in message && welcome(message, ctx.update.update_id);
    const user = letIn(approachOf(message), isWelcome);
    if (user && 'text' in message) await takeMessage(use, user, message, ctx.update.update_id);
  });
  bot.on('callback_query', async (ctx) => {
    const {callbackQuery: query} = ctx;
    const chat = query.message?.chat;
    if (!chat || !('data' in query)) return;
    const user = letIn({
      chatId: chat.id,
      isPrivate: chat.type === 'private',
      from: {id: query.from.id, isBot: query.from.is_bot},
      hasSenderChat: false,
      isForward: false,
      isEdit: false,
    });
    if (!user) return;
    const press = {
      id: query.data,
      chatId: chat.id,
      messageId: query.message?.message_id ?? 0,
      ...topicOf(query.message),
      ...languageOf(query.from),
    };
    const {toast, settled} = takePress(use, user, press, ctx.update.update_id);
    await Promise.all([use.toasts.show(chat.id, query.id, toast), settled]);
  });
  bot.on('message_reaction', ({messageReaction, update}) => {
    takeReaction(use, letIn, messageReaction, update.update_id);
  });
  return (update) => bot.handleUpdate(update);
}

/** A stranger can fill the log with no more than this. */
const REFUSAL_LOG_MS = 60_000;

/** `isWelcome` is asked of strangers in a private chat: they may bring an invite. */
export type Doorkeeper = (approach: Approach, isWelcome?: () => boolean) => User | undefined;

function createDoorkeeper({config, store, clock, log}: ListenUse): Doorkeeper {
  let quietUntil = Number.NEGATIVE_INFINITY;
  let unlogged = 0;
  const isOurChat = (chatId: number) =>
    [...config.channels.values()].some(
      (channel) => channel.type === 'telegram' && store.telegram.currentChatId(channel.chatId) === chatId,
    );
  const users = peopleOf(config, store.access);
  return (approach, isWelcome = () => false) => {
    const admission = admit(approach, {users, isOurChat});
    if (admission.admitted) return admission.user;
    if (admission.why === 'unknown_user' && isAtHome(approach) && isWelcome()) return undefined;
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
