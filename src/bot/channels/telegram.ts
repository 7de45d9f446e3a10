import type {Clock} from '../../clock.ts';
import type {Message, ReplyAddress, ReplyFile} from '../../state/vocabulary.ts';
import type {Store} from '../../store/store.ts';
import type {Budget} from '../budget.ts';
import {cardKeyboard, inlineKeyboard} from '../buttons.ts';
import {plainText, withTail} from '../messages/html.ts';
import {type Machine, systemLines} from '../messages/machine.ts';
import {marksOf} from '../messages/marks.ts';
import {inReadersZone, withoutMoments} from '../messages/moments.ts';
import {type Reader, render} from '../messages/render.ts';
import {type OpsTelegram, Refused, Unreachable} from '../telegram/api.ts';
import {cardLinks} from '../telegram/links.ts';
import type {Channel, ChannelKind, Delivery, Outcome} from './channel.ts';

export interface TelegramUse {
  readonly api: OpsTelegram;
  readonly store: Pick<Store, 'outbox' | 'telegram'>;
  readonly clock: Clock;
  readonly budget: Budget;
  readonly reader: Reader;
  readonly machine: () => Machine;
  /** False: another server polls this token, and a button pressed here would reach it. */
  readonly takesOrders: boolean;
}

/** A chat, or one topic of it. */
export interface TelegramPlace {
  readonly name: string;
  readonly chatId: number;
  readonly threadId?: number;
  /** Alerts end with how this machine is doing. */
  readonly systemInfo?: true;
  /** What is said here can be neither forwarded nor saved. */
  readonly protectContent?: true;
}

/** Of what a group may be sent in a minute, answers leave so much: whoever asks without end keeps no alert waiting. */
const LEFT_FOR_ALERTS = 5;

/** A Telegram chat, or one topic of it. */
export function createTelegramChannel(given: TelegramUse, chat: TelegramPlace): Channel {
  const {reader} = given;
  const use = {...given, reader: {...reader, format: inReadersZone(reader.format)}};
  const chatId = () => use.store.telegram.currentChatId(chat.chatId);
  const spare = chat.name.startsWith('chat:') ? LEFT_FOR_ALERTS : 0;
  return {
    name: chat.name,
    restsAs: () => chatLane(chatId()),
    waitMs: () => use.budget.waitMs(chatId(), use.clock.monotonic(), spare),
    deliver: async (delivery, signal) => {
      use.budget.spend(chatId(), use.clock.monotonic());
      try {
        return await send(use, {...chat, chatId: chatId()}, delivery, signal);
      } catch (error) {
        return outcomeOf(error, chatId());
      }
    },
  };
}

/** The lane of the answers in this chat. Topics are several lanes, and Telegram's limits are those of the whole chat. */
export function chatLane(chatId: number): string {
  return `chat:${chatId}`;
}

const kind: ChannelKind<'telegram'> = {
  type: 'telegram',
  create: (config, {telegram}) => telegram?.channel(config),
};

export default kind;

/** Refusals that concern the whole chat, not one message. */
const CHAT_IS_GONE =
  /chat not found|group chat was deactivated|PEER_ID_INVALID|CHAT_WRITE_FORBIDDEN|not enough rights/i;
/** Markup is made by us from escaped text; should Telegram still refuse it, the same text goes out plain. */
const BAD_MARKUP = /can't parse entities/i;
const NO_MOMENTS = /can't parse entities: unsupported start tag "tg-time"/i;
const NO_THREAD = /message thread not found/i;
const NOT_MODIFIED = /message is not modified/i;
const NO_MESSAGE = /message to edit not found|message can't be edited|MESSAGE_ID_INVALID/i;

type Place = Omit<TelegramPlace, 'name'> & {
  /** It rings nobody's phone. */
  readonly isSilent?: true;
};

async function send(all: TelegramUse, at: Place, {row, message}: Delivery, signal: AbortSignal): Promise<Outcome> {
  const use = {...all, reader: {...all.reader, link: cardLinks(all.store, {...at, lane: row.lane}, cardOf(message))}};
  const place = isLow(message, use.reader) ? {...at, isSilent: true as const} : at;
  const html = rendered(use, place, {row, message});
  if (message.kind === 'reply') return reply(use, place, message, html, signal);
  if (message.kind === 'notice' || message.kind === 'flapping') return post(use, place, html, {}, signal);
  const shown = shownIn(use, place, row.lane, message.card);
  if (message.kind !== 'card' && message.kind !== 'edit') {
    return post(use, shown ? {...place, replyTo: shown.messageId} : place, html, {}, signal);
  }
  const keyboard = cardKeyboard(use, message, place.chatId);
  if (message.kind === 'edit') {
    const outcome = shown && (await edit(use, shown, rendered(use, place, {message}), keyboard.markup, signal));
    if (outcome && shown) keyboard.bind(shown.messageId);
    if (outcome) return outcome;
    // The card is gone: one that still matters is shown anew, the end of one that does not is no news.
    if (message.incidents.every((incident) => incident.closedAt !== undefined)) return {kind: 'needless'};
  }
  const outcome = await post(use, place, html, keyboard.markup && {reply_markup: keyboard.markup}, signal);
  if (outcome.kind === 'delivered' && outcome.messageId !== undefined) keyboard.bind(outcome.messageId);
  return outcome;
}

/** The card that is rendered: a link to itself would lead nowhere. */
function cardOf(message: Message): number | undefined {
  return message.kind === 'card' || message.kind === 'edit' ? message.card : undefined;
}

/** News of nothing but checks of low severity. Whoever an escalation reaches is to be woken by it. */
function isLow(message: Message, {check}: Reader): boolean {
  const isLowCheck = (name: string) => check(name)?.severity === 'low';
  if (message.kind === 'flapping') return isLowCheck(message.check);
  if (!('incidents' in message) || message.reason === 'escalation') return false;
  return message.incidents.length > 0 && message.incidents.every((incident) => isLowCheck(incident.check));
}

/** The answer to a command: in the place of an earlier one, where it has one and that is still there. */
async function reply(
  use: TelegramUse,
  {chatId, protectContent}: Place,
  message: Message & {kind: 'reply'},
  html: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const {to, keyboard, ticket, file} = message;
  const markup = keyboard && inlineKeyboard(keyboard);
  const before = typeof to.edits === 'string' ? use.store.telegram.replyMessage(to.edits)?.messageId : to.edits;
  // A text cannot become a file, so that comes below it.
  const isEdit = before !== undefined && !file;
  const edited = isEdit && (await edit(use, {chatId, messageId: before}, html, markup, signal));
  const extra = {...(markup && {reply_markup: markup}), ...(file && fileOf(file))};
  const outcome =
    edited || (await post(use, {...to, chatId, ...(protectContent && {protectContent})}, html, extra, signal));
  if (outcome.kind !== 'delivered' || outcome.messageId === undefined) return outcome;
  for (const {id} of keyboard?.flat() ?? []) use.store.telegram.bindButton(id, outcome.messageId);
  if (ticket !== undefined) use.store.telegram.rememberReply(ticket, chatId, outcome.messageId);
  return outcome;
}

/** The message that shows the card. What was sent before the chat got a new id can be neither edited nor answered. */
function shownIn({store}: TelegramUse, {chatId}: Place, lane: string, card: number) {
  const shown = store.outbox.cardMessage(card, lane);
  return shown?.chatId === chatId ? shown : undefined;
}

/** Only what rings says that it is late or repeated; and only a card is long enough to end with the state of the machine. */
function rendered(
  {clock, reader, machine}: TelegramUse,
  {systemInfo}: Place,
  {row, message}: Pick<Delivery, 'message'> & Partial<Delivery>,
): string {
  const now = clock.now();
  const isCard = message.kind === 'card' || message.kind === 'edit';
  const system = isCard && systemInfo ? [systemBlock(systemLines(machine(), reader))] : [];
  const marks = row && message.kind !== 'reply' ? marksOf(row, reader, now) : [];
  return withTail(render(message, reader, now), [
    ...system,
    ...(marks.length > 0 ? [`<i>${marks.join(' ')}</i>`] : []),
  ]);
}

/** Folded up until somebody taps on it. */
function systemBlock(lines: readonly string[]): string {
  return `<blockquote expandable>${lines.join('\n')}</blockquote>`;
}

/** A text, or a file (`document` or `photo` in `extra`) whose caption it is. */
export async function post(
  {api}: Pick<TelegramUse, 'api'>,
  place: Place & Pick<ReplyAddress, 'replyTo'>,
  given: string,
  extra: object | undefined,
  signal: AbortSignal,
): Promise<Outcome> {
  const html = api.takesMoments ? given : withoutMoments(given);
  const reply = place.replyTo === undefined ? {} : {reply_parameters: replyTo(place.replyTo)};
  const thread = place.threadId === undefined ? {} : {message_thread_id: place.threadId};
  const method = methodOf(extra);
  const words = method === 'sendMessage' ? textOf(html) : {caption: html, parse_mode: 'HTML'};
  const manner = {
    ...(place.isSilent && {disable_notification: true}),
    ...(place.protectContent && {protect_content: true}),
  };
  let payload: Record<string, unknown> = {...words, chat_id: place.chatId, ...thread, ...reply, ...manner, ...extra};
  for (;;) {
    try {
      const sent: {message_id: number} = await api.callApi(method, payload, {signal});
      return {kind: 'delivered', chatId: place.chatId, messageId: sent.message_id};
    } catch (error) {
      const milder = milderPayload(error, payload, html, api);
      if (!milder) throw error;
      payload = milder;
    }
  }
}

function methodOf(extra: object = {}): 'sendMessage' | 'sendDocument' | 'sendPhoto' {
  return 'document' in extra ? 'sendDocument' : 'photo' in extra ? 'sendPhoto' : 'sendMessage';
}

function fileOf({name, as, base64}: ReplyFile): Record<string, File> {
  return {[as]: new File([Buffer.from(base64, 'base64')], name)};
}

function replyTo(messageId: number): object {
  return {message_id: messageId, allow_sending_without_reply: true};
}

function textOf(html: string): Record<string, unknown> {
  return {text: html, parse_mode: 'HTML', link_preview_options: {is_disabled: true}};
}

/** The same message without what Telegram refused of it, or undefined when that is not the trouble. */
function milderPayload(
  error: unknown,
  payload: Record<string, unknown>,
  html: string,
  api: OpsTelegram,
): Record<string, unknown> | undefined {
  if (!(error instanceof Refused)) return undefined;
  if (NO_MOMENTS.test(error.message) && String(payload.text ?? payload.caption).includes('<tg-time')) {
    api.takesMoments = false;
    return {...payload, ...('text' in payload ? {text: withoutMoments(html)} : {caption: withoutMoments(html)})};
  }
  if (BAD_MARKUP.test(error.message) && payload.parse_mode !== undefined) {
    const {parse_mode: _, ...rest} = payload;
    return 'text' in rest ? {...rest, text: plainText(html)} : {...rest, caption: plainText(html)};
  }
  if (NO_THREAD.test(error.message) && payload.message_thread_id !== undefined) {
    const {message_thread_id: _, ...rest} = payload;
    return rest;
  }
  return undefined;
}

/** Undefined when the message is not there any more. */
export async function edit(
  {api}: Pick<TelegramUse, 'api'>,
  shown: {readonly chatId: number; readonly messageId: number},
  given: string,
  markup: object | undefined,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const html = api.takesMoments ? given : withoutMoments(given);
  const where = {chat_id: shown.chatId, message_id: shown.messageId};
  // An empty keyboard is how Telegram is told to take the buttons away.
  let payload: Record<string, unknown> = {...where, ...textOf(html), reply_markup: markup ?? {inline_keyboard: []}};
  for (;;) {
    try {
      await api.callApi('editMessageText', payload, {signal});
      break;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (NO_MESSAGE.test(error.message)) return undefined;
      if (NOT_MODIFIED.test(error.message)) break;
      const milder = milderPayload(error, payload, html, api);
      if (!milder) throw error;
      payload = milder;
    }
  }
  return {kind: 'delivered', chatId: shown.chatId, messageId: shown.messageId};
}

function outcomeOf(error: unknown, chatId: number): Outcome {
  if (error instanceof Unreachable) return {kind: error.mayHaveArrived ? 'doubt' : 'retry', reason: error.message};
  if (!(error instanceof Refused)) throw error;
  const {message: reason, retryAfterMs} = error;
  // A chat that has moved to where we look for it already would have us ask for ever.
  if (error.migrateTo === chatId) return {kind: 'retry', reason};
  if (error.migrateTo !== undefined) return {kind: 'migrated', from: chatId, to: error.migrateTo};
  if (retryAfterMs !== undefined) return {kind: 'retry', reason, retryAfterMs};
  if (!error.permanent) return {kind: 'retry', reason};
  return {kind: 'refused', reason, channelDead: error.code === 403 || CHAT_IS_GONE.test(reason)};
}
