import {Telegram} from 'telegraf';
import {type OpsTelegram, Refused, Unreachable} from '../../src/bot/telegram/api.ts';
import type {SimClock} from './clock.ts';
import {LEAD, OPERATOR, OPS_CHAT, STRANGER, type Weather} from './draw.ts';
import type {Random} from './random.ts';

/** What reached the other side. `lane` is the channel that sent it. */
export interface Arrival {
  readonly lane: string;
  /** What `onAttempt` said when the request left. */
  readonly context: unknown;
  readonly method: string;
  readonly chatId: number;
  readonly text: string;
}

/** One life of the program, as far as calls to the outside go: a dead one hears nothing any more. */
export interface Caller {
  isAlive(): boolean;
  /** A place at which the program may die. */
  point(name: string): void;
}

interface Chat {
  readonly messages: Set<number>;
  shutOut: boolean;
  movedTo?: number;
}

interface Payload {
  readonly chat_id?: number;
  readonly message_id?: number;
  readonly text?: string;
  readonly offset?: number;
  readonly timeout?: number;
  readonly reply_markup?: {readonly inline_keyboard?: readonly (readonly {readonly callback_data: string}[])[]};
}

interface Request {
  readonly caller: Caller;
  readonly lane: string;
  readonly method: string;
  readonly payload: Payload;
}

interface Poll {
  readonly caller: Caller;
  readonly offset: number;
  readonly answer: (updates: readonly object[]) => void;
}

/** The Bot API and all chats, in memory. It goes on when the program dies. */
export class SimTelegram {
  readonly #clock: SimClock;
  readonly #random: Random;
  readonly #weather: readonly Weather[];
  readonly #onArrival: (arrival: Arrival) => void;
  readonly #onAttempt: (lane: string, chatId: number) => unknown;
  readonly #onFlood: (lane: string, chatId: number, seconds: number) => void;
  readonly #chats = new Map<number, Chat>();
  #updates: {readonly update_id: number}[] = [];
  #poll: Poll | undefined;
  #nextUpdate = 1_000;
  #nextMessage = 1;
  #weatherAt = 0;
  /** The newest button on a card. */
  #button: {readonly data: string; readonly chatId: number; readonly messageId: number} | undefined;

  constructor(use: {
    clock: SimClock;
    random: Random;
    weather: readonly Weather[];
    onArrival: (arrival: Arrival) => void;
    /** A request leaves; what this returns comes back with its arrival. */
    onAttempt: (lane: string, chatId: number) => unknown;
    onFlood: (lane: string, chatId: number, seconds: number) => void;
  }) {
    this.#clock = use.clock;
    this.#random = use.random;
    this.#weather = use.weather;
    this.#onArrival = use.onArrival;
    this.#onAttempt = use.onAttempt;
    this.#onFlood = use.onFlood;
    for (const id of [OPS_CHAT, LEAD, OPERATOR, STRANGER]) this.#chats.set(id, {messages: new Set(), shutOut: false});
  }

  /** The client that one life of the program uses in one lane; the listener's lane is empty. */
  client(caller: Caller, lane: string): OpsTelegram {
    const call = (method: string, payload: object) => this.#call({caller, lane, method, payload});
    class SimClient extends Telegram {
      override callApi(method: string, payload: object, {signal}: {signal?: unknown} = {}): Promise<never> {
        const answer = call(method, payload) as Promise<never>;
        return signal instanceof AbortSignal ? Promise.race([answer, aborted(signal)]) : answer;
      }
    }
    return new SimClient('1:sim') as unknown as OpsTelegram;
  }

  mode(): Weather['mode'] {
    const now = this.#clock.monotonic();
    while ((this.#weather[this.#weatherAt + 1]?.at ?? Number.POSITIVE_INFINITY) <= now) this.#weatherAt++;
    return this.#weather[this.#weatherAt]?.mode ?? 'fair';
  }

  isReachable(chatId: number): boolean {
    return this.mode() === 'fair' && this.#chats.get(chatId)?.shutOut !== true;
  }

  hasMoved(chatId: number): boolean {
    return this.#chats.get(chatId)?.movedTo !== undefined;
  }

  says(user: number, chat: number, text: string): number {
    const chatId = this.#chats.get(chat)?.movedTo ?? chat;
    const type = chatId < 0 ? 'supergroup' : 'private';
    const from = {id: user, is_bot: false, first_name: 'x'};
    const message = {message_id: this.#nextMessage++, date: 0, chat: {id: chatId, type}, from, text};
    return this.#update({message});
  }

  presses(user: number): number | undefined {
    if (!this.#button) return undefined;
    const {data, chatId, messageId} = this.#button;
    const chat = {id: chatId, type: chatId < 0 ? 'supergroup' : 'private'};
    const from = {id: user, is_bot: false, first_name: 'x'};
    const message = {message_id: messageId, date: 0, chat, text: 'x'};
    return this.#update({callback_query: {id: '1', chat_instance: '1', from, message, data}});
  }

  shutOut(chatId: number, isOut: boolean): void {
    for (const id of [chatId, this.#chats.get(chatId)?.movedTo]) {
      const chat = this.#chats.get(id ?? 0);
      if (chat) chat.shutOut = isOut;
    }
  }

  migrate(from: number, to: number): void {
    const chat = this.#chats.get(from);
    if (!chat || chat.movedTo !== undefined) return;
    this.#chats.set(to, {messages: new Set(), shutOut: chat.shutOut});
    chat.movedTo = to;
  }

  deleteMessages(chatId: number): void {
    this.#chats.get(chatId)?.messages.clear();
  }

  #update(content: object): number {
    const update = {update_id: this.#nextUpdate++, ...content};
    this.#updates.push(update);
    this.#answerPoll();
    return update.update_id;
  }

  async #call(request: Request): Promise<unknown> {
    const {caller, lane, method, payload} = request;
    caller.point(`before ${method}`);
    if (!caller.isAlive()) return never();
    const context = payload.chat_id === undefined ? undefined : this.#onAttempt(lane, payload.chat_id);
    const trouble = this.#trouble(request, context);
    if (trouble) return trouble;
    if (method === 'getUpdates') return this.#getUpdates(caller, payload);
    const isLost = this.mode() === 'lossy' && this.#random.chance(0.4);
    const result = await this.#later(caller, this.#random.int(20, 300), () => this.#take(request, context));
    caller.point(`after ${method}`);
    if (!caller.isAlive()) return never();
    if (isLost) throw new Unreachable('ECONNRESET', true);
    return result;
  }

  /** What becomes of a request in bad weather; undefined: it goes through. */
  #trouble(request: Request, context: unknown): Promise<unknown> | undefined {
    const {caller, lane, payload} = request;
    const mode = this.mode();
    const chatId = payload.chat_id;
    if (mode === 'down') return this.#later(caller, 50, () => failure('ECONNREFUSED', false));
    if (mode === 'broken' && this.#random.chance(0.7)) {
      return this.#later(caller, 100, () => failure('502 Bad Gateway', true));
    }
    if (mode === 'hanging' && this.#random.chance(0.7)) return this.#hang(request, context);
    if (mode !== 'flooded' || chatId === undefined || this.#random.chance(0.4)) return undefined;
    const seconds = this.#random.int(2, 90);
    return this.#later(caller, 100, () => {
      if (caller.isAlive()) this.#onFlood(lane, chatId, seconds);
      return refusal(429, `Too Many Requests: retry after ${seconds}`, {retry_after: seconds});
    });
  }

  /** The request may have been taken before the connection went silent. */
  #hang(request: Request, context: unknown): Promise<unknown> {
    const {caller, method} = request;
    if (method === 'getUpdates') return this.#later(caller, 65_000, () => failure('no answer in time', true));
    const arrives = this.#random.chance(0.5);
    return this.#later(caller, 20_000, () => {
      if (arrives) this.#take(request, context);
      return failure('no answer in time', true);
    });
  }

  /** What the other side does happens also when the caller is dead by then; the answer is heard by the living. */
  #later(caller: Caller, ms: number, happen: () => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#clock.after(ms, () => {
        const result = happen();
        if (!caller.isAlive()) return;
        if (result instanceof Error) reject(result);
        else resolve(result);
      });
    });
  }

  #take({lane, method, payload}: Request, context: unknown): unknown {
    if (method === 'getMe') return {id: 1, is_bot: true, first_name: 'v', username: 'vakhta_bot'};
    const chatId = payload.chat_id;
    if (chatId === undefined) return true;
    const chat = this.#chats.get(chatId);
    const refused = refusalOf(chat, method, payload);
    if (refused) return refused;
    const messageId = method === 'sendMessage' ? this.#nextMessage++ : (payload.message_id ?? 0);
    chat?.messages.add(messageId);
    const data = payload.reply_markup?.inline_keyboard?.[0]?.[0]?.callback_data;
    // Of answers none: one that runs a check marks its update twice, once for the order and once for the result.
    if (data !== undefined && !lane.startsWith('chat:')) this.#button = {data, chatId, messageId};
    this.#onArrival({lane, context, method, chatId, text: payload.text ?? ''});
    return {message_id: messageId};
  }

  #getUpdates(caller: Caller, {offset = 0, timeout = 0}: Payload): Promise<unknown> {
    this.#updates = this.#updates.filter(({update_id: id}) => id >= offset);
    return new Promise((resolve) => {
      const answer = (updates: readonly object[]) => {
        if (this.#poll === poll) this.#poll = undefined;
        unset();
        if (caller.isAlive()) resolve(updates);
      };
      const poll = {caller, offset, answer};
      this.#poll = poll;
      const unset = this.#clock.after(Math.max(50, timeout * 1_000), () => answer(this.#from(offset)));
      this.#answerPoll();
    });
  }

  #answerPoll(): void {
    const poll = this.#poll;
    if (!poll?.caller.isAlive() || this.#from(poll.offset).length === 0) return;
    this.#clock.after(50, () => {
      if (this.#poll === poll) poll.answer(this.#from(poll.offset));
    });
  }

  #from(offset: number): readonly object[] {
    return this.#updates.filter(({update_id: id}) => id >= offset);
  }
}

function failure(reason: string, mayHaveArrived: boolean): Error {
  return new Unreachable(reason, mayHaveArrived);
}

function refusal(code: number, description: string, parameters?: object): Error {
  return new Refused({error_code: code, description, ...(parameters && {parameters})});
}

function refusalOf(chat: Chat | undefined, method: string, payload: Payload): Error | undefined {
  if (!chat) return refusal(400, 'Bad Request: chat not found');
  if (chat.shutOut) return refusal(403, 'Forbidden: bot was kicked from the group chat');
  const {movedTo} = chat;
  if (movedTo !== undefined) {
    return refusal(400, 'Bad Request: group chat was upgraded', {migrate_to_chat_id: movedTo});
  }
  const isGone = method === 'editMessageText' && !chat.messages.has(payload.message_id ?? 0);
  return isGone ? refusal(400, 'Bad Request: message to edit not found') : undefined;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = () => reject(new Unreachable('AbortError', true));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, {once: true});
  });
}

function never(): Promise<never> {
  return new Promise(() => {});
}
