import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import type {TelegramInlineKeyboardMarkup, TelegramMessageEntity, TelegramUser} from '@gramio/types/objects';
import {type Clock, systemClock} from '../../src/clock.ts';
import {createApi} from './api.ts';
import {createBuckets, type Limits, OFFICIAL_LIMITS} from './buckets.ts';
import {createControl} from './control.ts';
import {createFaults, type Fault, type FaultRule} from './faults.ts';
import type {CallbackAnswer, Chat, Message, RequestRecord, SentFile, StoredMessage, Version} from './model.ts';
import {servePage} from './page.ts';
import {knownChat, type Press, press, type Reacting, react, type Saying, say} from './people.ts';
import {createWaiter, type WaitOptions} from './waiter.ts';
import {createWorld, messageIn, type Topic, type World} from './world.ts';

export interface SimulatorOptions {
  /** 0 (the default): any free port. */
  readonly port?: number;
  readonly host?: string;
  /** The bot's token; left out: an invented one, which `simulator.token` tells. */
  readonly token?: string;
  readonly bot?: Partial<TelegramUser>;
  /** The 429 buckets; `false` turns them off. Left out: `OFFICIAL_LIMITS`; single buckets may be replaced. */
  readonly limits?: Partial<Limits> | false;
  /** Time for dates, buckets, long polls and slow answers; the machine's by default. `waitFor` always uses the machine's. */
  readonly clock?: Clock;
  /** How late a second 409 within that time is answered; 3,000 as at the official server. */
  readonly conflictDelayMs?: number;
  /** How long a pressed button can be answered: 15,000, about what the apps wait. */
  readonly callbackTtlMs?: number;
  /** Checks every request against the Bot API's types; true by default. */
  readonly validate?: boolean;
  /** What the page offers to break and mend; its POSTs are forwarded there. */
  readonly breakables?: readonly Breakable[];
}

/** A service with addresses that take a POST: one mends it, the others break it. */
export interface Breakable {
  readonly name: string;
  /** Several ways of breaking have names, which the page shows; whoever names none gets the first. */
  readonly break: string | Readonly<Record<string, string>>;
  readonly mend: string;
}

export interface NewUser {
  /** Also the id of the private chat with the person. */
  readonly id: number;
  readonly first_name: string;
  readonly last_name?: string;
  readonly username?: string;
  readonly language_code?: string;
  readonly is_bot?: boolean;
  /** False: has never written to the bot, which therefore cannot write first (403). True by default. */
  readonly started?: boolean;
}

export interface NewChat {
  readonly id: number;
  readonly type: 'group' | 'supergroup' | 'channel';
  readonly title: string;
  readonly username?: string;
  /** Makes it a forum. */
  readonly topics?: readonly Topic[];
  /** Ids of users, for getChatMember and the page; left out: everybody known by now. */
  readonly members?: readonly number[];
  /** Whether bots are administrators here; true by default. */
  readonly botsAreAdmins?: boolean;
}

/** A message as a person sees it in the chat. */
export interface VisibleMessage {
  readonly message_id: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly from: TelegramUser;
  /** Written by a bot of the simulator. */
  readonly byBot: boolean;
  /** Of a message with a file: its caption. */
  readonly text: string;
  readonly entities: readonly TelegramMessageEntity[];
  readonly file?: {readonly as: 'document' | 'photo'; readonly name: string; readonly size: number};
  readonly reply_markup?: TelegramInlineKeyboardMarkup;
  /** The `message_id` that it answers, and what that said. */
  readonly reply_to?: number;
  readonly quote?: string;
  readonly thread?: number;
  /** Left out: none. */
  readonly reactions?: readonly {readonly from: number; readonly emoji: string}[];
  readonly pinned?: true;
  /** What it said before each edit, oldest first. */
  readonly edits: readonly Version[];
}

/**
 * A running Bot API server with its people. What a person does is synchronous: when `say` returns, the update is there.
 * Functions of the test API throw an Error for what cannot be (an unknown chat, a button that is not there).
 */
export interface Simulator {
  /** What `telegram.api_root` of a config is set to: `http://127.0.0.1:PORT`. */
  readonly apiRoot: string;
  /** The chat page; the control API is under `/_sim/`. */
  readonly url: string;
  readonly token: string;
  /** Ends every connection and frees the port; calling it again does nothing. */
  stop(): Promise<void>;

  /** A person, and the private chat with the bot. */
  addUser(user: NewUser): TelegramUser;
  addChat(chat: NewChat): void;
  /** A second bot with its own token and updates. */
  addBot(token: string, user: Partial<TelegramUser>): void;
  /** A person types (or edits, with `edited`): an update for the bot. Returns the message. */
  say(saying: Saying): Message;
  /** A person presses an inline button. Returns the callback query's id. */
  press(press: Press): string;
  /** A person leaves a reaction, or takes it back: an update for the bot where that is an administrator. */
  react(reacting: Reacting): void;
  /** A person deletes any message; bots are not told, as in Telegram. */
  remove(chat: number, messageId: number): void;

  /** The visible messages of a chat in order, people's and bots'; `thread` picks one topic. */
  messages(chat: number, thread?: number): readonly VisibleMessage[];
  /** What was uploaded with a message; undefined if nothing was. */
  file(chat: number, messageId: number): SentFile | undefined;
  /** Every request to the Bot API, oldest first, getUpdates included. */
  readonly requests: readonly RequestRecord[];
  /** What did not fit the Bot API's types, and methods that are not simulated. A test ends by asserting that it is empty. */
  readonly violations: readonly string[];
  readonly callbackAnswers: readonly CallbackAnswer[];
  /** Updates that no getUpdates has confirmed yet. */
  pendingUpdates(): number;
  /** Whether a long poll is held at this moment. */
  isPolling(): boolean;
  /** What setMyCommands has stored for the default scope, or for another scope or language. */
  commands(scope?: object, languageCode?: string): readonly {command: string; description: string}[];
  /**
   * Resolves with what `predicate` returns as soon as that is neither undefined, null nor false; looks after each event
   * and every 50 ms. Rejects after `timeoutMs` (5,000) with `what` and a dump of chats, requests and violations.
   */
  waitFor<T>(predicate: () => T | undefined | null | false, options?: WaitOptions): Promise<T>;

  /** From now on something goes wrong; see FaultRule. Without `times` until `clearFaults()` or the fault's own `clear()`. */
  fault(rule: FaultRule): Fault;
  clearFaults(): void;
  faults(): readonly FaultRule[];
  /** True: every connection to the Bot API is reset at once, those under way too; the page and the control API go on. */
  outage(on: boolean): void;
  isOut(): boolean;
  /** 403 from a private chat: `bot was blocked by the user` or, as `deactivated`, `user is deactivated`. */
  block(chat: number, how?: 'blocked' | 'deactivated'): void;
  /** 403 from a group: `bot was kicked from the … chat` or, as `deleted`, `the group chat was deleted`. */
  kick(chat: number, how?: 'kicked' | 'deleted'): void;
  /** Undoes `block` and `kick`. */
  restore(chat: number): void;
  /** The group becomes a supergroup under a new id; the old id is answered with `migrate_to_chat_id`. */
  upgradeToSupergroup(chat: number, newId: number): void;
}

const DEFAULT_TOKEN = '123456789:AAsimulatedsimulatedsimulatedsimula';

/** Starts a Bot API server in memory. Rejects where the port is taken. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const {port = 0, host = '127.0.0.1', token = DEFAULT_TOKEN, clock = systemClock} = options;
  const limits = options.limits === false ? false : {...OFFICIAL_LIMITS, ...options.limits};
  const buckets = createBuckets(limits, clock.monotonic);
  const {conflictDelayMs = 3000, callbackTtlMs = 15_000} = options;
  const world = createWorld({clock, buckets, conflictDelayMs, callbackTtlMs});
  world.addBot(token, options.bot ?? {});
  const faults = createFaults();
  const api = createApi({world, faults, validate: options.validate ?? true});
  const server = createServer();
  const url = await listen(server, port, host);
  const simulator: Simulator = {
    apiRoot: url,
    url,
    token,
    stop: () => close(server),
    ...createPeople(world),
    ...createFates(world),
    requests: api.requests,
    violations: api.violations,
    callbackAnswers: world.callbackAnswers,
    waitFor: createWaiter({world, api}),
    fault: faults.add,
    clearFaults: faults.clear,
    faults: faults.list,
    outage: (on) => {
      api.outage(on);
      world.notify({kind: 'faults'});
    },
    isOut: api.isOut,
    ...createViews(world, token),
  };
  const control = createControl({simulator, world, breakables: options.breakables ?? []});
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const at = new URL(request.url ?? '/', url);
    const serve = at.pathname.startsWith('/bot')
      ? api.serve
      : at.pathname.startsWith('/_sim/')
        ? control.serve
        : servePage;
    serve(request, response, at).catch((error: Error) => {
      // Whoever hangs up in the middle of a request is no concern of the simulator; everything else is a bug of it.
      if (!request.destroyed) api.violations.push(`the simulator broke: ${error.stack ?? error.message}`);
      request.socket.destroy();
    });
  });
  return simulator;
}

async function listen(server: Server, port: number, host: string): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`;
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}

function createPeople(
  world: World,
): Pick<Simulator, 'addUser' | 'addChat' | 'addBot' | 'say' | 'press' | 'react' | 'remove'> {
  return {
    addUser: ({started = true, is_bot = false, ...names}) => {
      const user = {is_bot, ...names};
      world.users.set(user.id, user);
      const {id, first_name, username} = user;
      const name = username === undefined ? {} : {username};
      const chat = world.addChat({id, type: 'private', first_name, ...name}, [], [id]);
      if (!started) chat.forbidden = "bot can't initiate conversation with a user";
      return user;
    },
    addChat: ({topics, members, botsAreAdmins = true, ...info}) => {
      const forum = topics === undefined ? {} : {is_forum: true as const};
      const chat = world.addChat({...info, ...forum}, topics ?? [], members ?? [...world.users.keys()]);
      chat.botsAreAdmins = botsAreAdmins;
    },
    addBot: (token, user) => {
      world.addBot(token, user);
    },
    say: (saying) => structuredClone(say(world, saying)),
    press: (what) => press(world, what),
    react: (what) => react(world, what),
    remove: (chat, messageId) => {
      const stored = knownChat(world, chat).messages.find(({current}) => current.message_id === messageId);
      if (stored === undefined) throw new Error(`no message ${messageId} in chat ${chat}`);
      stored.deleted = true;
      world.notify({kind: 'deleted', chat});
    },
  };
}

function createFates(world: World): Pick<Simulator, 'block' | 'kick' | 'restore' | 'upgradeToSupergroup'> {
  return {
    block: (chat, how = 'blocked') => {
      knownChat(world, chat).forbidden = how === 'blocked' ? 'bot was blocked by the user' : 'user is deactivated';
    },
    kick: (id, how = 'kicked') => {
      const chat = knownChat(world, id);
      const kicked = `bot was kicked from the ${chat.info.type === 'group' ? 'group' : chat.info.type} chat`;
      chat.forbidden = how === 'kicked' ? kicked : 'the group chat was deleted';
    },
    restore: (chat) => {
      delete knownChat(world, chat).forbidden;
    },
    upgradeToSupergroup: (id, newId) => {
      const old = knownChat(world, id);
      const next = world.addChat({...old.info, id: newId, type: 'supergroup'}, [], [...old.members]);
      old.migratedTo = newId;
      const from = world.users.get([...old.members][0] ?? 0);
      const by = from === undefined ? {} : {from};
      const leaving = world.store(old, {...by, migrate_to_chat_id: newId});
      const arriving = world.store(next, {...by, migrate_from_chat_id: id});
      for (const {current} of [leaving, arriving]) world.update('message', structuredClone(current));
    },
  };
}

function createViews(
  world: World,
  token: string,
): Pick<Simulator, 'messages' | 'file' | 'pendingUpdates' | 'isPolling' | 'commands'> {
  return {
    messages: (id, thread) => {
      const visible = knownChat(world, id).messages.filter(
        ({deleted, current, file}) => !deleted && (current.text !== undefined || file !== undefined),
      );
      const views = visible.map((stored) => visibleOf(knownChat(world, id), stored));
      return thread === undefined ? views : views.filter((message) => message.thread === thread);
    },
    file: (chat, messageId) => messageIn(knownChat(world, chat), messageId)?.file,
    pendingUpdates: () => world.bots.get(token)?.updates.pending().length ?? 0,
    isPolling: () => world.bots.get(token)?.updates.held() ?? false,
    commands: (scope = {type: 'default'}, languageCode = '') =>
      world.bots.get(token)?.commands.get(JSON.stringify([scope, languageCode])) ?? [],
  };
}

function visibleOf(chat: Chat, {current, author, versions, file, reactions}: StoredMessage): VisibleMessage {
  const reply = current.reply_to_message;
  return {
    message_id: current.message_id,
    at: current.date * 1000,
    from: current.from ?? {id: chat.info.id, is_bot: false, first_name: chat.info.title ?? ''},
    byBot: author !== undefined,
    text: current.text ?? current.caption ?? '',
    entities: current.entities ?? current.caption_entities ?? [],
    ...(file && {file: {as: file.as, name: file.name, size: file.bytes.length}}),
    ...(current.reply_markup === undefined ? {} : {reply_markup: current.reply_markup}),
    ...(reply === undefined ? {} : {reply_to: reply.message_id, quote: reply.text ?? ''}),
    ...(current.message_thread_id === undefined ? {} : {thread: current.message_thread_id}),
    ...(reactions.size > 0 && {reactions: [...reactions].map(([from, emoji]) => ({from, emoji}))}),
    ...(chat.pinned.includes(current.message_id) && {pinned: true}),
    edits: [...versions],
  };
}
