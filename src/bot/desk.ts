import type {Logger} from 'pino';
import type {Clock} from '../clock.ts';
import type {Config, Role} from '../config/config.ts';
import type {Order, Pipeline} from '../pipeline.ts';
import {explain} from '../state/explain.ts';
import {dutyOf} from '../state/oncall.ts';
import type {Person} from '../state/vocabulary.ts';
import type {Store} from '../store/store.ts';
import {mayDo} from './access.ts';
import type {Answer, Call, Command, Desk} from './commands/command.ts';
import {commands} from './commands/index.ts';
import {createEntrance} from './entrance.ts';
import {NO_ACCESS, runWithin} from './groups.ts';
import {CONSOLE_ID} from './invites.ts';
import type {Words} from './messages/en.ts';
import {clip, escapeHtml} from './messages/html.ts';
import {inReadersZone} from './messages/moments.ts';
import {createPast} from './past.ts';
import type {Painter} from './pictures/painter.ts';
import type {Readers} from './readers.ts';

/** Where orders are taken, whoever brings them: a chat, a button or the console. */
export interface OrderDesk {
  /**
   * Runs a command and carries out what it causes. Never throws. A command without a name is the "No" to a question: nothing
   * is done. `attached` is called for the answer, and again for what takes its place later.
   */
  take(name: string, call: Call, attached?: Attached): Taken;
  /** Waits for the history no longer; resolves when nothing is on its way that an order has begun. */
  stop(): Promise<void>;
  /** Writes down that somebody was refused before the command was even looked at, and that this update is done with. */
  deny(name: string, call: Call, handledUpdate: number): void;
  /** Makes a stranger one of the people, where the code is good for that; otherwise nothing is done. */
  join(code: string, stranger: Stranger, attached: Attached): boolean;
  /** While nobody may give orders in Telegram: a new code for the first admin, in place of the one before it. */
  firstCode(): string | undefined;
  /** Called with the Telegram user id of whoever has become one of the people, or is one no longer. */
  onPeopleChange(listener: (userId: number) => void): void;
}

/** Somebody with a code, in a private chat with the bot. */
export interface Stranger {
  readonly person: Person;
  readonly chatId: number;
  /** What their Telegram says of their language. */
  readonly languageCode?: string;
}

/** Who gave an order, where and when. */
export type By = Pick<Call, 'person' | 'chatId' | 'now'>;

export interface Taken extends Answer {
  /** What takes the answer's place, committed; never rejects. */
  readonly rest?: Promise<Answer>;
}

/** What is committed together with an answer, made from it. */
export type Attached = (answer: Answer) => Pick<Order, 'messages' | 'handledUpdate' | 'buttons' | 'usedButtons'>;

export interface DeskUse {
  readonly config: Config;
  readonly readers: Readers;
  readonly version: string;
  readonly pipeline: Pick<Pipeline, 'order' | 'view' | 'statusMap' | 'silences' | 'alerts' | 'policy'>;
  readonly store: {
    readonly outbox: Pick<Store['outbox'], 'backlog'>;
    readonly telegram: Pick<Store['telegram'], 'deadChannels'>;
    /** Left out where nothing runs, as in a simulation: then there is no past. */
    readonly history?: Desk['history'];
    readonly incidents?: Store['incidents'];
    readonly closedWithin?: Store['closedWithin'];
    readonly maintenances?: Store['maintenances'];
    /** Left out where nobody but the console gives orders. */
    readonly access?: Store['access'];
  };
  /** Left out: there are no pictures, only words. */
  readonly painter?: Painter;
  /** Left out: nothing runs. */
  readonly runNow?: (check: string) => Promise<boolean>;
  /** Left out: no log is kept. */
  readonly logs?: {recent(): readonly string[]};
  readonly clock: Clock;
  readonly log: Logger;
  readonly reload: () => void;
}

export function createDesk(use: DeskUse): OrderDesk {
  const {pipeline, log} = use;
  const stopping = new AbortController();
  const view = createView(use, stopping.signal);
  const underWay = new Set<Promise<unknown>>();
  const listeners: ((userId: number) => void)[] = [];

  function take(name: string, call: Call, attached?: Attached): Taken {
    const {words, format: plain} = use.readers.of(call);
    const format = call.chatId === undefined ? plain : inReadersZone(plain);
    const answer = answerTo(name, call, {...view, words, format}, log);
    // A question whose answer takes a moment is committed with that.
    if (isOrder(answer) || !answer.later || answer.lines.length > 0)
      commit(orderText(name, call), call, answer, attached);
    answer.afterwards?.();
    if (!answer.later) return answer;
    const later = answer.later;
    return {
      ...answer,
      rest: follow(later, words, (last) => commit(orderText(name, call), call, last, attached, isOrder(answer))),
    };
  }

  /** An order's audit entry, and all that it causes. */
  function commit(order: string, by: By, answer: Answer, attached?: Attached, isAudited = false): void {
    const {events = [], access} = answer;
    const language = answer.language && {language: {userId: by.person.id, ...answer.language}};
    const isNew = isOrder(answer) && !isAudited;
    const entry = isNew ? {audit: audit(by, order, answer)} : {};
    pipeline.order({events, ...entry, ...(access && {access}), ...language, ...attached?.(answer)});
    if (isNew) log.info({user: by.person, chat: by.chatId, order, denied: answer.denied}, 'order');
    for (const change of access ?? []) {
      const id = change.kind === 'joined' ? change.user.id : change.kind === 'user_revoked' ? change.id : undefined;
      if (id !== undefined) for (const listener of listeners) listener(id);
    }
  }

  function follow(
    later: NonNullable<Answer['later']>,
    words: Words,
    conclude: (last: Answer) => void,
  ): Promise<Answer> {
    const failed = (error: unknown): Answer => {
      log.error({err: error}, 'a command failed');
      return {lines: [words.order.internal]};
    };
    const rest = later()
      .catch(failed)
      .then((last) => {
        conclude(last);
        return last;
      })
      .catch(failed)
      .finally(() => underWay.delete(rest));
    underWay.add(rest);
    return rest;
  }

  async function stop(): Promise<void> {
    stopping.abort();
    await Promise.all(underWay);
  }

  const entrance = createEntrance({...use, access: view.access, commit});
  return {
    take,
    deny: (name, call, handledUpdate) =>
      commit(orderText(name, call), call, {lines: [], denied: true}, () => ({handledUpdate})),
    ...entrance,
    onPeopleChange: (listener) => void listeners.push(listener),
    stop,
  };
}

/** Goes into the audit table, and into the log. */
function isOrder({events, language, denied}: Answer): boolean {
  return events !== undefined || language !== undefined || denied === true;
}

function orderText(name: string, {text}: Call): string {
  return `/${name} ${text}`.trim();
}

/** Whoever sits at the console could read the token and the database anyway. */
export const CONSOLE_ROLE: Role = 'admin';
export const CONSOLE_PERSON: Person = {id: CONSOLE_ID, name: 'console'};
/** A yes that comes later is no answer to the question any more. */
export const CONFIRM_MS = 60_000;

/** All but the words, which depend on who asks. */
function createView(use: DeskUse, stopped: AbortSignal): Omit<Desk, 'words' | 'format'> {
  const {config, readers, version, pipeline, store, reload} = use;
  return {
    server: readers.in().server,
    unchosen: (call) => readers.unchosen(call).words,
    version,
    config,
    commands,
    view: () => pipeline.view(),
    statusMap: () => pipeline.statusMap(),
    silences: () => pipeline.silences(),
    duty: (rotation, at) => dutyOf(pipeline.policy.alerts.rotations, pipeline.alerts.overrides, rotation, at),
    reload,
    explain: (check, now) => explain(pipeline.alerts, pipeline.policy.alerts, check, now),
    backlog: (channel) => store.outbox.backlog(channel),
    deadChannels: () => store.telegram.deadChannels(),
    history: {
      raw: (query) => inTime(use.clock, stopped, store.history?.raw(query)),
      rollups: (query) => inTime(use.clock, stopped, store.history?.rollups(query)),
      slots: (query) => inTime(use.clock, stopped, store.history?.slots(query)),
      begins: () => inTime(use.clock, stopped, store.history?.begins()),
    },
    incidents: (check, page) => store.incidents?.(check, page) ?? [],
    runNow: async (check) => {
      const hasRun = (await use.runNow?.(check)) ?? false;
      // What the run found waits to be counted with what others find.
      pipeline.order({events: []});
      return hasRun;
    },
    ...createPast(use, stopped),
    logLines: (count) => use.logs?.recent().slice(-count) ?? [],
    access: store.access ?? NO_ACCESS,
  };
}

/** A disk that hangs must not keep the chat waiting. */
const HISTORY_MS_MAX = 3_000;

async function inTime<Row>(
  clock: Clock,
  stopped: AbortSignal,
  asked: Promise<readonly Row[]> | undefined,
): Promise<readonly Row[]> {
  if (!asked) return [];
  const {signal, cancel} = clock.deadline(HISTORY_MS_MAX, stopped);
  const {promise, resolve} = Promise.withResolvers<readonly Row[]>();
  const giveUp = () => resolve([]);
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp);
  asked.then(resolve, giveUp);
  return promise.finally(cancel);
}

function answerTo(name: string, call: Call, desk: Desk, log: Logger): Answer {
  const {words} = desk;
  if (name === '') return {lines: [words.confirm.dropped]};
  const command = commands.find((other) => other.name === name);
  if (!command) return {lines: [escapeHtml(words.order.unknown(clip(name, 32)))], unknown: true};
  if (!mayDo(call.role, command.role)) return {lines: [words.order.notForYou(command.role)], denied: true};
  try {
    const answer = call.groups ? runWithin(call.groups, command, call, desk) : command.run(call, desk);
    const isMeant = answer.events === undefined || call.confirmed || !isDangerous(command, call);
    return isMeant ? answer : askFirst(name, call, desk);
  } catch (error) {
    log.error({err: error}, 'a command failed');
    return {lines: [words.order.internal]};
  }
}

function isDangerous({dangerous = false}: Command, call: Call): boolean {
  return typeof dangerous === 'function' ? dangerous(call) : dangerous;
}

const ORDER_UNITS_MAX = 200;

/** Is that really meant? Only whoever gave the order may say so, within a minute; at the console, by typing yes. */
function askFirst(name: string, call: Call, {words, format}: Desk): Answer {
  const press = `${name} ${call.text}`.trim();
  const question = `⚠️ ${escapeHtml(words.confirm.really(`/${clip(press, ORDER_UNITS_MAX)}`))}`;
  if (call.chatId === undefined) {
    return {lines: [question, words.confirm.typeYes(format.duration(CONFIRM_MS))], confirm: true};
  }
  const only = {user: call.person.id, once: true, ms: CONFIRM_MS};
  return {
    lines: [question],
    confirm: true,
    buttons: [
      [
        {label: words.confirm.yes, press, confirms: true, ...only},
        {label: words.confirm.no, press: '', ...only},
      ],
    ],
  };
}

function audit(call: By, order: string, answer: Answer) {
  const {id: userId, name: userName} = call.person;
  const outcome = answer.denied ? 'denied' : 'done';
  return {at: call.now, userId, userName, chatId: call.chatId ?? 0, order, outcome};
}
