import type {Logger} from 'pino';
import type {Clock} from '../clock.ts';
import type {Config, Role} from '../config/config.ts';
import type {Pipeline} from '../pipeline.ts';
import {explain} from '../state/explain.ts';
import type {Person} from '../state/vocabulary.ts';
import type {Store} from '../store/store.ts';
import {mayDo} from './access.ts';
import type {Answer, Call, Desk} from './commands/command.ts';
import {commands} from './commands/index.ts';
import {clip, escapeHtml} from './messages/html.ts';
import type {Reader} from './messages/render.ts';

/** Where orders are taken, whoever brings them: a chat, a button or the console. */
export interface OrderDesk {
  /** Runs a command and carries out what it causes. Never throws. */
  take(name: string, call: Call, attached?: Attached): Answer;
}

/** What is committed together with an order, made from its answer. */
export type Attached = (answer: Answer) => Pick<Parameters<Pipeline['order']>[0], 'messages' | 'handledUpdate'>;

export interface DeskUse {
  readonly config: Config;
  readonly reader: Reader;
  readonly version: string;
  readonly pipeline: Pick<Pipeline, 'order' | 'view' | 'statusMap' | 'silences' | 'alerts' | 'policy'>;
  readonly store: {
    readonly outbox: Pick<Store['outbox'], 'backlog'>;
    readonly telegram: Pick<Store['telegram'], 'deadChannels'>;
  };
  readonly clock: Clock;
  readonly log: Logger;
  readonly reload: () => void;
}

export function createDesk(use: DeskUse): OrderDesk {
  const {config, reader, version, pipeline, store, log} = use;
  const desk: Desk = {
    words: reader.words,
    format: reader.format,
    server: reader.server,
    version,
    config,
    commands,
    view: () => pipeline.view(),
    statusMap: () => pipeline.statusMap(),
    silences: () => pipeline.silences(),
    reload: use.reload,
    explain: (check, now) => explain(pipeline.alerts, pipeline.policy.alerts, check, now),
    backlog: (channel) => store.outbox.backlog(channel),
    deadChannels: () => store.telegram.deadChannels(),
  };
  return {
    take: (name, call, attached) => {
      const answer = answerTo(name, call, desk, log);
      const order = `/${name} ${call.text}`.trim();
      const isOrder = answer.events !== undefined || answer.denied === true;
      pipeline.order({
        events: answer.events ?? [],
        ...(isOrder && {audit: audit(call, order, answer)}),
        ...attached?.(answer),
      });
      if (isOrder) log.info({user: call.person, chat: call.chatId, order, denied: answer.denied}, 'order');
      answer.afterwards?.();
      return answer;
    },
  };
}

/** Whoever sits at the console could read the token and the database anyway. */
export const CONSOLE_ROLE: Role = 'admin';
export const CONSOLE_PERSON: Person = {id: 0, name: 'console'};

function answerTo(name: string, call: Call, desk: Desk, log: Logger): Answer {
  const {words} = desk;
  const command = commands.find((other) => other.name === name);
  if (!command) return {lines: [escapeHtml(words.order.unknown(clip(name, 32)))], unknown: true};
  if (!mayDo(call.role, command.role)) return {lines: [words.order.notForYou(command.role)], denied: true};
  try {
    return command.run(call, desk);
  } catch (error) {
    log.error({err: error}, 'a command failed');
    return {lines: [words.order.internal]};
  }
}

function audit(call: Call, order: string, answer: Answer) {
  const {id: userId, name: userName} = call.person;
  const outcome = answer.denied ? 'denied' : 'done';
  return {at: call.now, userId, userName, chatId: call.chatId ?? 0, order, outcome};
}
