import type {Config} from '../../src/config/config.ts';
import type {CardMessage, Message} from '../../src/state/vocabulary.ts';
import type {Commit, OutboxRow} from '../../src/store/store.ts';
import type {SimClock} from './clock.ts';
import {LEAD, MINUTE, OPERATOR, OPS_CHAT} from './draw.ts';
import type {Arrival} from './telegram.ts';

/** A row is tried again after 5 minutes at most, one that was refused after 10; 20 messages a minute go to a group. */
const LATE_MS = 30 * MINUTE;
const PER_MESSAGE_MS = 4_000;
const COPY_MS = 15 * MINUTE;

/** What is being delivered in a lane. */
export interface Sending {
  readonly row: OutboxRow;
  /** The row's message, or its card's newest state. */
  readonly message: Message;
  /** Grows with each that leaves: one may arrive after another that left later. */
  readonly order: number;
}

/** What has arrived of one thing: the first of all that left, and the last of those without a mark. */
interface Copies {
  readonly first: number;
  readonly unmarked: number;
}

/** Whether what was decided on arrives: in the right chat, once, and before long. */
export class Deliveries {
  readonly #clock: SimClock;
  readonly #fail: (sentence: string) => void;
  readonly #config: Config;
  readonly #sending = new Map<string, Sending>();
  /** What a channel is owed, and since when. */
  readonly #owed = new Map<string, {readonly channel: string; readonly since: number; readonly from?: string}>();
  /** Given up in one channel, since another has a copy of its own. */
  readonly #trusted = new Map<string, {readonly lane: string; since: number}>();
  /** Of which incidents something is kept for later; whether for too long is for the oracle to say. */
  readonly #waiting = new Set<number>();
  /** Incidents that no card shows: the oracle sees to it that they are told. */
  readonly #unshown = new Set<number>();
  readonly #everOwed = new Set<string>();
  readonly #copies = new Map<string, Copies>();
  /** Incidents of which a reminder has been queued in a lane and has not arrived: a late digest may show them once more. */
  readonly #reminded = new Map<string, number>();
  /** Rows of reminders that have arrived. */
  readonly #remindedBy = new Set<string>();
  /** The card that is to show it once more; it has not arrived, and another may take its place. */
  readonly #unseenAgain = new Map<string, number>();
  /** What these cards may show once more. */
  readonly #shownAgain = new Set<string>();
  readonly #floods = new Map<string, {readonly at: number; readonly until: number}>();
  /** Lanes whose delivery has made a request. */
  readonly #begun = new Set<string>();
  readonly #moved = new Map<string, Set<string>>();
  readonly #allowed: Set<number>;
  /** Channels of which people were told that they refuse, and where nothing has arrived since. */
  readonly #dead = new Set<string>();
  readonly #goodSince = new Map<string, number>();

  #nextOrder = 0;

  constructor(use: {clock: SimClock; config: Config; fail: (sentence: string) => void}) {
    this.#clock = use.clock;
    this.#fail = use.fail;
    this.#config = use.config;
    this.#allowed = new Set([OPS_CHAT, LEAD, OPERATOR]);
  }

  allow(chatId: number): void {
    this.#allowed.add(chatId);
  }

  committed({messages = [], incidents = []}: Commit): void {
    for (const {id, held, gathering, cards} of incidents) {
      if (cards.length === 0) this.#unshown.add(id);
      else this.#unshown.delete(id);
      if (held || gathering) this.#waiting.add(id);
      else this.#waiting.delete(id);
    }
    this.#declaredDead(messages);
    for (const message of messages) {
      for (const key of remindedIn(message)) this.#count(`${message.channel} ${key}`, 1);
      if (message.channel === '' || message.kind === 'edit' || message.kind === 'reminder') continue;
      if (message.kind === 'card' && message.reason === 'late') {
        this.#counted(message);
        this.#showAgain(message);
        continue;
      }
      const since = this.#clock.monotonic();
      for (const key of contentOf(message)) {
        this.#owed.set(`${message.channel} ${key}`, {channel: message.channel, since});
      }
      // A line of what broke and recovered is a copy of its end.
      for (const key of saidIn(message)) this.#everOwed.add(`${message.channel} ${key}`);
    }
  }

  /** It takes the place of the reminders that wait, and so may show once more what they were about. */
  #showAgain({channel, card, incidents}: CardMessage): void {
    for (const key of incidents.map(({id}) => `${channel} incident ${id}`)) {
      if (!this.#reminded.delete(key) && !this.#unseenAgain.has(key)) continue;
      this.#shownAgain.add(`${key} ${card}`);
      this.#unseenAgain.set(key, card);
    }
  }

  /** A digest of very many lists some of what came and went, and counts the others; not those that people know began. */
  #counted({channel, incidents, missed, missedMore = 0}: CardMessage): void {
    const listed = new Set([...incidents, ...missed].map(({id}) => `${channel} incident ${id}`));
    const begun = `${channel} incident `;
    const unlisted = [...this.#owed.keys()].filter((key) => key.startsWith(begun) && !listed.has(key));
    for (const key of unlisted.slice(0, missedMore)) {
      this.#owed.delete(key);
      this.#owed.delete(`${channel} recovery ${key.slice(begun.length)}`);
    }
  }

  /** That a channel refuses is said once, until something arrives there again. */
  #declaredDead(messages: readonly Message[]): void {
    const dead = new Set<string>();
    for (const message of messages) {
      if (message.kind === 'notice' && message.code === 'channel_dead') dead.add(message.detail.split(': ')[0] ?? '');
    }
    for (const channel of dead) {
      if (this.#dead.has(channel)) this.#fail(`people were told twice that ${channel} refuses`);
      this.#dead.add(channel);
    }
  }

  sending(row: OutboxRow, message: Message): void {
    this.#begun.delete(row.lane);
    this.#sending.set(row.lane, {row, message, order: this.#nextOrder++});
  }

  current(lane: string): Sending | undefined {
    return this.#sending.get(lane);
  }

  /** What a row says is given to another channel, or given up since that has a copy of its own. */
  refused(rowId: number, moved: Message | undefined): void {
    for (const [lane, {row, message}] of this.#sending) {
      if (row.id !== rowId) continue;
      if (moved) this.#handOver(lane, moved);
      this.#givenUp(lane, message);
    }
  }

  #handOver(lane: string, moved: Message): void {
    const to = moved.channel;
    this.#movedFrom(to).add(lane);
    const since = this.#clock.monotonic();
    for (const key of saidIn(moved)) {
      if (!this.#owed.delete(`${lane} ${key}`)) continue;
      this.#owed.set(`${to} ${key}`, {channel: to, since, from: lane});
      this.#everOwed.add(`${to} ${key}`);
    }
  }

  #givenUp(lane: string, message: Message): void {
    const since = this.#clock.monotonic();
    for (const key of saidIn(message)) {
      if (!this.#owed.delete(`${lane} ${key}`)) continue;
      // What is over is told by nobody any more, if not by this message.
      const isToldLater = key.startsWith('incident ') && this.#unshown.has(Number(key.split(' ')[1]));
      if (!isToldLater) this.#trusted.set(key, {lane, since});
    }
  }

  /** The copy that it was given up for may be gathering still, or wait for its window. */
  #lookForCopies(now: number): void {
    for (const [key, trust] of this.#trusted) {
      const {lane, since} = trust;
      const others = [...this.#config.channels.keys()].filter((channel) => channel !== lane);
      if (others.some((channel) => this.#everOwed.has(`${channel} ${key}`))) this.#trusted.delete(key);
      else if (this.#waiting.has(Number(key.split(' ')[1]))) trust.since = now;
      else if (now - since > COPY_MS) this.#fail(`${lane} refused a message, and it went nowhere else: ${key}`);
    }
  }

  /** What was begun before another lane of the chat was told to rest may take a second request. */
  attempted(lane: string, chat: number): void {
    const names = this.#begun.has(lane) ? [lane] : [lane, `${chat}`];
    this.#begun.add(lane);
    const until = Math.max(...names.map((name) => this.#floods.get(name)?.until ?? Number.NEGATIVE_INFINITY));
    const now = this.#clock.monotonic();
    if (now < until - 50) this.#fail(`${lane} was sent to ${until - now} ms before retry_after had passed`);
  }

  flooded(lane: string, chat: number, seconds: number): void {
    const at = this.#clock.monotonic();
    for (const name of [lane, `${chat}`]) this.#floods.set(name, {at, until: at + seconds * 1_000});
  }

  /** What was asked for in the moment of death was never read. */
  died(): void {
    for (const [lane, {at}] of this.#floods) if (at === this.#clock.monotonic()) this.#floods.delete(lane);
    this.#goodSince.clear();
  }

  /** The time that was asked for means another moment now. */
  clockSet(): void {
    this.#floods.clear();
    this.#goodSince.clear();
  }

  arrived({lane, method, chatId, text, context}: Arrival): void {
    if (!this.#allowed.has(chatId)) this.#fail(`a message was sent to the chat ${chatId}, which is not configured`);
    this.#dead.delete(lane);
    const sending = context as Sending | undefined;
    if (!sending) return this.#fail(`something was sent to ${lane} that was not in the outbox`);
    if (method === 'sendMessage') this.#posted(lane, sending, text);
    else this.#satisfy(lane, sending.message);
  }

  printed(lane: string, text: string): void {
    const sending = this.#sending.get(lane);
    if (sending) this.#posted(lane, sending, text);
  }

  /** `isGood`: the channel could be delivered to just now. */
  look(isGood: (channel: string) => boolean): void {
    const now = this.#clock.monotonic();
    const people = [...this.#config.users.keys()].map((id) => `person:${id}`);
    for (const channel of [...this.#config.channels.keys(), ...people]) {
      if (!isGood(channel)) this.#goodSince.delete(channel);
      else if (!this.#goodSince.has(channel)) this.#goodSince.set(channel, now);
    }
    this.#lookForCopies(now);
    const bound = LATE_MS + PER_MESSAGE_MS * this.#owed.size;
    for (const [key, {channel, since}] of this.#owed) {
      const goodSince = this.#goodSince.get(channel);
      if (goodSince === undefined || now - Math.max(since, goodSince) < bound) continue;
      this.#fail(`a message was never delivered: ${key}, owed for ${now - since} ms`);
    }
  }

  end(): void {
    const until = this.#clock.monotonic() - LATE_MS;
    for (const [key, {since}] of this.#owed) if (since < until) this.#fail(`a message was never delivered: ${key}`);
  }

  #posted(lane: string, {row, message, order}: Sending, text: string): void {
    const isMarked = text.includes('(repeated)') || message.kind === 'reply';
    if (this.#isUnmarkedCopy(`${lane} ${row.id} ${row.createdAt}`, order, isMarked))
      this.#fail(`row ${row.id} (${message.kind}) was sent to ${lane} twice without a mark`);
    // A fallback gets a copy of each channel that refuses.
    const isFallback = this.#movedFrom(lane).size > 0;
    if (message.kind === 'card' && row.message.kind === 'card' && row.message.reason !== 'escalation' && !isFallback) {
      for (const {id} of message.incidents) {
        const key = `${lane} incident ${id}`;
        if (this.#unseenAgain.get(key) === row.message.card) this.#unseenAgain.delete(key);
        const isAgain = this.#shownAgain.has(`${key} ${row.message.card}`);
        if (this.#isUnmarkedCopy(key, order, isMarked || isAgain)) this.#fail(`shown a second time: ${key}`);
      }
    }
    if (message.kind === 'reminder' && !this.#remindedBy.has(`${row.id} ${row.createdAt}`)) {
      this.#remindedBy.add(`${row.id} ${row.createdAt}`);
      for (const key of remindedIn(message)) this.#count(`${lane} ${key}`, -1);
    }
    const missing = namesIn(message).find((name) => !text.includes(name));
    if (missing !== undefined) this.#fail(`the text of a ${message.kind} does not name ${missing}: ${text}`);
    this.#satisfy(lane, message);
  }

  #count(key: string, by: number): void {
    const count = (this.#reminded.get(key) ?? 0) + by;
    if (count > 0) this.#reminded.set(key, count);
    else this.#reminded.delete(key);
  }

  /** Of all that arrive of one thing, only the one that left first may be without a mark. */
  #isUnmarkedCopy(key: string, order: number, isMarked: boolean): boolean {
    const {first, unmarked} = this.#copies.get(key) ?? {first: order, unmarked: Number.NEGATIVE_INFINITY};
    const copies = {first: Math.min(first, order), unmarked: isMarked ? unmarked : Math.max(unmarked, order)};
    this.#copies.set(key, copies);
    return copies.unmarked > copies.first;
  }

  #satisfy(lane: string, message: Message): void {
    for (const key of saidIn(message)) {
      this.#owed.delete(`${lane} ${key}`);
      for (const from of this.#movedFrom(lane)) this.#owed.delete(`${from} ${key}`);
    }
    if (message.kind === 'recovery') for (const {id} of message.incidents) this.#outdated(lane, id);
  }

  /** A channel that hears the end itself needs nobody any more to hear the beginning in its place. */
  #outdated(lane: string, incident: number): void {
    for (const [key, {channel, from}] of this.#owed) {
      if (from === lane && key === `${channel} incident ${incident}`) this.#owed.delete(key);
    }
  }

  #movedFrom(to: string): Set<string> {
    const from = this.#moved.get(to) ?? new Set();
    this.#moved.set(to, from);
    return from;
  }
}

/** What a message says, one key for each thing. */
function contentOf(message: Message): string[] {
  switch (message.kind) {
    case 'card':
    case 'edit':
      return [...message.incidents, ...message.missed].map(({id}) => `incident ${id}`);
    case 'recovery':
      return message.incidents.map(({id}) => `recovery ${id}`);
    case 'flapping':
      return [`${message.reason} ${message.check} ${message.since}`];
    case 'notice':
      return [`notice ${message.code} ${message.detail}`];
    case 'reminder':
    case 'reply':
      return [];
  }
}

function remindedIn(message: Message): string[] {
  return message.kind === 'reminder' ? message.incidents.map(({id}) => `incident ${id}`) : [];
}

function saidIn(message: Message): string[] {
  return [...contentOf(message), ...(message.kind === 'card' || message.kind === 'edit' ? closedIn(message) : [])];
}

/** A late digest tells the end of what it lists as over. */
function closedIn(message: Message & {kind: 'card' | 'edit'}): string[] {
  const closed = message.incidents.filter(({closedAt}) => closedAt !== undefined);
  return [...(message.reason === 'late' ? closed : []), ...message.missed].map(({id}) => `recovery ${id}`);
}

function namesIn(message: Message): string[] {
  if (message.kind === 'card') return message.incidents.slice(0, 3).map(({check}) => check);
  return message.kind === 'flapping' ? [message.check] : [];
}
