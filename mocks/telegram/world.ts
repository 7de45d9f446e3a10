import type {TelegramChat, TelegramUpdate, TelegramUser} from '@gramio/types/objects';
import type {Clock} from '../../src/clock.ts';
import type {Buckets} from './buckets.ts';
import type {Bot, CallbackAnswer, CallbackQuery, Chat, Message, StoredMessage, WorldEvent} from './model.ts';
import {badRequest, Refusal} from './refusal.ts';
import {createUpdateQueue, type UpdateKind} from './updates.ts';

/** Everything that exists: bots, people, chats and what is under way. The methods and the people act on it. */
export interface World {
  readonly clock: Clock;
  readonly buckets: Buckets;
  readonly bots: Map<string, Bot>;
  readonly users: Map<number, TelegramUser>;
  readonly chats: Map<number, Chat>;
  readonly callbacks: Map<string, CallbackQuery>;
  readonly callbackAnswers: CallbackAnswer[];
  readonly callbackTtlMs: number;
  /** Seconds since 1970, as every date of the Bot API. */
  date(): number;
  addBot(token: string, user: Partial<TelegramUser>): Bot;
  addChat(info: TelegramChat, topics: readonly Topic[], members: readonly number[]): Chat;
  /** Puts a message into its chat under the next number. */
  store(chat: Chat, message: Omit<Message, 'message_id' | 'date' | 'chat'>, author?: Bot): StoredMessage;
  update<Kind extends UpdateKind>(kind: Kind, payload: NonNullable<TelegramUpdate[Kind]>): void;
  notify(event: WorldEvent): void;
  subscribe(listener: (event: WorldEvent) => void): () => void;
}

export interface Topic {
  readonly id: number;
  readonly name: string;
}

export interface WorldOptions {
  readonly clock: Clock;
  readonly buckets: Buckets;
  readonly conflictDelayMs: number;
  readonly callbackTtlMs: number;
}

export function createWorld({clock, buckets, conflictDelayMs, callbackTtlMs}: WorldOptions): World {
  const listeners = new Set<(event: WorldEvent) => void>();
  const bots = new Map<string, Bot>();
  const chats = new Map<number, Chat>();
  const date = () => Math.floor(clock.now() / 1000);
  const notify = (event: WorldEvent) => {
    for (const listener of [...listeners]) listener(event);
  };
  return {
    clock,
    buckets,
    bots,
    chats,
    users: new Map(),
    callbacks: new Map(),
    callbackAnswers: [],
    callbackTtlMs,
    date,
    notify,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    addBot: (token, user) => {
      const id = Number(token.split(':')[0]);
      const bot: Bot = {
        token,
        user: {id, is_bot: true, first_name: 'Vakhta', username: 'vakhta_bot', ...user},
        updates: createUpdateQueue({clock, conflictDelayMs}),
        commands: new Map(),
        webhook: '',
      };
      bots.set(token, bot);
      return bot;
    },
    addChat: (info, topics, members) => {
      const named = topics.map(({id, name}): [number, string] => [id, name]);
      const chat: Chat = {
        info,
        topics: new Map(named),
        members: new Set(members),
        messages: [],
        botsAreAdmins: true,
        pinned: [],
      };
      chats.set(info.id, chat);
      notify({kind: 'chats', chat: info.id});
      return chat;
    },
    store: (chat, message, author) => {
      const message_id = chat.messages.length + 1;
      const current: Message = {message_id, date: date(), chat: chat.info, ...message};
      const stored: StoredMessage = {
        current,
        versions: [],
        deleted: false,
        reactions: new Map(),
        ...(author === undefined ? {} : {author}),
      };
      chat.messages.push(stored);
      notify({kind: 'message', chat: chat.info.id});
      return stored;
    },
    update: (kind, payload) => {
      for (const bot of bots.values()) bot.updates.push(kind, payload);
    },
  };
}

/** The chat of a request; throws what the official server answers where the bot cannot get at it. */
export function chatFor(world: World, id: number | string): Chat {
  const byName = [...world.chats.values()].find(({info}) => info.username !== undefined && `@${info.username}` === id);
  const chat = byName ?? world.chats.get(Number(id));
  if (chat === undefined) throw badRequest('chat not found');
  if (chat.migratedTo !== undefined) {
    throw badRequest('group chat was upgraded to a supergroup chat', {migrate_to_chat_id: chat.migratedTo});
  }
  if (chat.forbidden !== undefined) throw new Refusal(403, `Forbidden: ${chat.forbidden}`);
  return chat;
}

/** A message that is still visible. */
export function messageIn(chat: Chat, id: number | undefined): StoredMessage | undefined {
  return chat.messages.find((stored) => stored.current.message_id === id && !stored.deleted);
}

export function userFor(world: World, id: number): TelegramUser {
  const user = world.users.get(id);
  if (user === undefined) throw new Error(`no such user in the simulator: ${id}; addUser first`);
  return user;
}
