import type {
  AnswerCallbackQueryParams,
  DeleteMessageParams,
  EditMessageReplyMarkupParams,
  EditMessageTextParams,
  SendMessageParams,
} from '@gramio/types/params';
import type {FormattedText} from '../entities.ts';
import {checkKeyboard} from '../keyboard.ts';
import type {Chat, Message, StoredMessage} from '../model.ts';
import {withoutReply} from '../people.ts';
import {badRequest, Refusal} from '../refusal.ts';
import {formatText} from '../text.ts';
import {chatFor, messageIn, type World} from '../world.ts';
import type {Call, Methods} from './method.ts';

const NOT_MODIFIED =
  'message is not modified: specified new message content and reply markup are exactly the same as a current content ' +
  'and reply markup of the message';
const DELETABLE_S = 48 * 60 * 60;
const ANSWER_UNITS_MAX = 200;

export const messages: Methods = {
  sendMessage: (params: SendMessageParams, {world, bot}: Call) => {
    const content = formatText(String(params.text), params.parse_mode, params.entities);
    const keyboard = checkKeyboard(params.reply_markup);
    const chat = chatFor(world, params.chat_id);
    const thread = threadOf(chat, params.message_thread_id);
    const reply = repliedTo(chat, params.reply_parameters);
    charge(world, chat);
    const message = {from: bot.user, ...contentOf(content), ...thread, ...reply, ...keyboard};
    const kept = params.protect_content === true ? {...message, has_protected_content: true as const} : message;
    return world.store(chat, kept, bot).current;
  },

  editMessageText: (params: EditMessageTextParams, call: Call) => {
    const content = formatText(String(params.text), params.parse_mode, params.entities);
    return change(params, call, contentOf(content));
  },

  editMessageReplyMarkup: (params: EditMessageReplyMarkupParams, call: Call) => change(params, call, undefined),

  deleteMessage: (params: DeleteMessageParams, {world, bot}: Call) => {
    const chat = chatFor(world, params.chat_id);
    const stored = messageIn(chat, params.message_id);
    if (stored === undefined) throw badRequest('message to delete not found');
    const foreign = stored.author !== bot && chat.info.type === 'private';
    const old = world.date() - stored.current.date > DELETABLE_S;
    if (foreign || old) throw badRequest("message can't be deleted for everyone");
    stored.deleted = true;
    world.notify({kind: 'deleted', chat: chat.info.id});
    return true;
  },

  answerCallbackQuery: (params: AnswerCallbackQueryParams, {world, bot}: Call) => {
    const query = world.callbacks.get(params.callback_query_id);
    const text = String(params.text ?? '');
    if (text.length > ANSWER_UNITS_MAX) throw badRequest('MESSAGE_TOO_LONG');
    const late = query !== undefined && world.clock.now() - query.at > world.callbackTtlMs;
    if (query === undefined || query.bot !== bot || query.answered || late) {
      throw badRequest('query is too old and response timeout expired or query ID is invalid');
    }
    query.answered = true;
    const {id, from, chatId, data} = query;
    const about = {callback_query_id: id, from, chat: chatId, data, at: world.clock.now()};
    const answer = {...about, text, show_alert: params.show_alert === true};
    world.callbackAnswers.push(answer);
    world.notify({kind: 'callback_answer', chat: chatId, answer});
    return true;
  },
};

/** Counts a request against the limits; the official server does so last, after everything that it can refuse itself. */
export function charge(world: World, chat: Chat): void {
  const retryAfterS = world.buckets.take(chat.info.id, chat.info.type !== 'private');
  if (retryAfterS === 0) return;
  throw new Refusal(429, `Too Many Requests: retry after ${retryAfterS}`, {retry_after: retryAfterS});
}

type Content = Pick<Message, 'text' | 'entities'>;

function contentOf({text, entities}: FormattedText): Content {
  return {text, ...(entities.length === 0 ? {} : {entities: [...entities]})};
}

export function threadOf(chat: Chat, id: number | undefined): Pick<Message, 'message_thread_id' | 'is_topic_message'> {
  if (id === undefined) return {};
  if (!chat.topics.has(id)) throw badRequest('message thread not found');
  return {message_thread_id: id, is_topic_message: true};
}

export function repliedTo(chat: Chat, reply: SendMessageParams['reply_parameters']): Pick<Message, 'reply_to_message'> {
  if (reply === undefined) return {};
  const stored = messageIn(chat, reply.message_id);
  if (stored !== undefined) return {reply_to_message: withoutReply(stored.current)};
  if (reply.allow_sending_without_reply === true) return {};
  throw badRequest('message to be replied not found');
}

/** Without `content` only the keyboard changes; without `reply_markup` the keyboard goes. */
function change(params: EditMessageReplyMarkupParams, {world, bot}: Call, content: Content | undefined): Message {
  const keyboard = checkKeyboard(params.reply_markup);
  if (params.chat_id === undefined) throw badRequest('chat_id is empty');
  const chat = chatFor(world, params.chat_id);
  const stored = messageIn(chat, params.message_id);
  if (stored === undefined) throw badRequest('message to edit not found');
  if (stored.author !== bot) throw badRequest("message can't be edited");
  charge(world, chat);
  return replace(world, stored, {...(content ?? pick(stored.current)), ...keyboard});
}

const pick = ({text, entities}: Message): Content => ({
  ...(text === undefined ? {} : {text}),
  ...(entities === undefined ? {} : {entities}),
});

function replace(world: World, stored: StoredMessage, next: Content & Pick<Message, 'reply_markup'>): Message {
  const {text = '', entities = [], reply_markup, ...rest} = stored.current;
  const before = {text, entities, ...(reply_markup === undefined ? {} : {reply_markup})};
  if (sameLook(before, next)) throw badRequest(NOT_MODIFIED);
  stored.versions.push(before);
  stored.current = {...rest, ...next, edit_date: world.date()};
  world.notify({kind: 'edited', chat: stored.current.chat.id});
  return stored.current;
}

type Look = Pick<Message, 'text' | 'entities' | 'reply_markup'>;

function sameLook(one: Look, other: Look): boolean {
  const asText = ({text, entities, reply_markup}: Look) =>
    JSON.stringify([text ?? '', entities ?? [], reply_markup?.inline_keyboard ?? []]);
  return asText(one) === asText(other);
}
