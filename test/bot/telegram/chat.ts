import type {TestContext} from 'node:test';
import {type Simulator, startSimulator, type VisibleMessage} from '../../../mocks/telegram/simulator.ts';
import {createBudget} from '../../../src/bot/budget.ts';
import {createTelegramChannel} from '../../../src/bot/channels/telegram.ts';
import {createDesk} from '../../../src/bot/desk.ts';
import {createOutbox, type Outbox} from '../../../src/bot/outbox.ts';
import {createReaders} from '../../../src/bot/readers.ts';
import {OpsTelegram} from '../../../src/bot/telegram/api.ts';
import {serveTelegram} from '../../../src/bot/telegram/serve.ts';
import {cronStretch} from '../../../src/calendar.ts';
import type {Config} from '../../../src/config/config.ts';
import {Pipeline} from '../../../src/pipeline.ts';
import type {RecoveryRun} from '../../../src/state/recovery-vocabulary.ts';
import type {Store} from '../../../src/store/store.ts';
import {createHandClock, type HandClock} from '../../support/hand-clock.ts';
import {
  ANNA,
  BORIS,
  CLARA,
  configWith,
  failed,
  GROUP,
  keptLog,
  type LogLine,
  machine,
  newFolder,
  ok,
  STRANGER,
  storeIn,
} from '../world.ts';

export const FORUM = -1009876543210;
export const OTHER_GROUP = -1005550000;

/** The whole bot between a real store and the simulated Telegram, on a clock that the test moves. */
export interface Chat {
  readonly telegram: Simulator;
  readonly clock: HandClock;
  readonly dataDir: string;
  readonly config: Config;
  readonly store: Store;
  readonly pipeline: Pipeline;
  readonly lines: LogLine[];
  /** What was said to whoever sits beside the server. */
  readonly told: readonly string[];
  /** Recoveries whose commands were to start. */
  readonly runs: readonly RecoveryRun[];
  readonly outbox: Outbox;
  /** Begins to take orders; `listen` resolves when it does. */
  readonly serve: () => void;
  readonly listen: () => Promise<void>;
  /** Fails or mends the check until its status flips. */
  readonly breaks: (check?: string) => Promise<void>;
  readonly recovers: (check?: string) => Promise<void>;
  /** What the bot said in a chat. */
  readonly said: (chat?: number) => readonly VisibleMessage[];
  /** Lets budgets and pauses pass until the condition holds. */
  readonly until: (holds: () => unknown, what: string) => Promise<void>;
}

export async function startChat(
  context: TestContext,
  changes: Partial<Config> = {},
  parts: Pick<Parameters<typeof createDesk>[0], 'runNow' | 'logs' | 'painter'> = {},
): Promise<Chat> {
  const clock = createHandClock();
  // The simulator lives on the machine's clock, so that its buttons can be answered while the bot's time runs fast.
  const telegram = await startSimulator({limits: false});
  people(telegram);
  const config = configWith({channels: new Map([['ops', {name: 'ops', type: 'telegram', chatId: GROUP}]]), ...changes});
  const {log, lines} = keptLog();
  const dataDir = changes.dataDir ?? newFolder();
  const store = storeIn(context, dataDir, clock);
  const readers = createReaders(config, 'shop-7', store.telegram);
  const api = new OpsTelegram({token: telegram.token, apiRoot: telegram.apiRoot, clock});
  const budget = createBudget();
  const stopping = new AbortController();
  const runs: RecoveryRun[] = [];
  const onRun = (run: RecoveryRun) => void runs.push(run);
  const pipeline = new Pipeline({config, clock, store, log, cron: cronStretch, onQueued: () => outbox.wake(), onRun});
  const desk = createDesk({config, readers, version: '0.1.0', pipeline, store, clock, log, reload: () => {}, ...parts});
  const channel = (lane: string) => {
    const known = config.channels.get(lane);
    const reply = lane.startsWith('chat:') ? {name: lane, chatId: Number(lane.slice(5))} : undefined;
    const place = known?.type === 'telegram' ? known : reply;
    const reader = readers.channel(lane);
    return place && createTelegramChannel({api, store, clock, budget, reader, machine, takesOrders: true}, place);
  };
  const onDead = (name: string, reason: string) => pipeline.notice('channel_dead', `${name}: ${reason}`);
  const outbox: Outbox = createOutbox({
    store,
    clock,
    log,
    channel,
    fallback: () => ({kind: 'nowhere'}),
    onBacklog: (name, {rows, backlog}) => pipeline.delayed(name, backlog, rows),
    onGivenUp: (card, movedTo) => pipeline.givenUp(card, movedTo),
    onDead,
    random: () => 0.5,
  });
  const told: string[] = [];
  let serving: Promise<void> | undefined;
  const serve = () => {
    serving = serveTelegram(
      {
        api,
        config,
        desk,
        store,
        clock,
        log,
        readers,
        tell: (text) => void told.push(text),
        view: () => pipeline.view(),
      },
      stopping.signal,
    );
  };
  context.after(async () => {
    stopping.abort();
    pipeline.stop();
    const stopped = outbox.stop(0);
    await clock.advance(0);
    await Promise.all([stopped, serving, api.hangUp(), telegram.stop()]);
    await store.close();
  });
  const until: Chat['until'] = async (holds, what) => {
    await telegram.waitFor(() => (holds() ? true : void clock.advance(200)), {what, timeoutMs: 15_000});
  };
  const observe = async (check: string, observe: typeof ok) => {
    for (let run = 0; run < 3; run++) {
      await clock.advance(1_000);
      pipeline.observe([observe(check, clock.now())]);
      await clock.advance(10);
    }
  };
  return {
    telegram,
    clock,
    dataDir,
    config,
    store,
    pipeline,
    lines,
    told,
    runs,
    outbox,
    until,
    serve,
    listen: async () => {
      serve();
      await telegram.waitFor(() => telegram.isPolling(), {what: 'the first poll'});
    },
    breaks: (check = 'billing-api') => observe(check, failed),
    recovers: (check = 'billing-api') => observe(check, ok),
    said: (chat = GROUP) => telegram.messages(chat).filter((message) => message.byBot),
  };
}

/** The one button of a message. */
export function buttonOf(message: VisibleMessage | undefined): {text: string; data: string} | undefined {
  const [button] = message?.reply_markup?.inline_keyboard.flat() ?? [];
  return button && {text: button.text, data: String(button.callback_data)};
}

function people(telegram: Simulator): void {
  telegram.addUser({id: ANNA, first_name: 'Anna'});
  telegram.addUser({id: BORIS, first_name: 'Boris'});
  telegram.addUser({id: CLARA, first_name: 'Clara'});
  telegram.addUser({id: STRANGER, first_name: 'Mallory'});
  telegram.addUser({id: 777, first_name: 'Robot', is_bot: true});
  telegram.addChat({id: GROUP, type: 'supergroup', title: 'Shop operations'});
  telegram.addChat({id: OTHER_GROUP, type: 'supergroup', title: 'Elsewhere'});
  telegram.addChat({id: FORUM, type: 'supergroup', title: 'Forum', topics: [{id: 7, name: 'alerts'}]});
  telegram.addChat({id: -100777, type: 'channel', title: 'News'});
}
