import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import {type Simulator, startSimulator} from '../../../mocks/telegram/simulator.ts';
import {createBudget} from '../../../src/bot/budget.ts';
import {createTelegramChannel} from '../../../src/bot/channels/telegram.ts';
import {createOutbox} from '../../../src/bot/outbox.ts';
import {createReaders} from '../../../src/bot/readers.ts';
import {OpsTelegram} from '../../../src/bot/telegram/api.ts';
import {BOARD_EVERY_MS, keepBoards} from '../../../src/bot/telegram/board.ts';
import {cronStretch} from '../../../src/calendar.ts';
import type {Config} from '../../../src/config/config.ts';
import {Pipeline} from '../../../src/pipeline.ts';
import {openStore} from '../../../src/store/open.ts';
import {createHandClock, type HandClock} from '../../support/hand-clock.ts';
import {ANNA, checkConfig, configWith, failed, GROUP, keptLog, machine, newFolder, notice, ok} from '../world.ts';
import {FORUM} from './chat.ts';

const MINUTE = 60_000;
const SHOPS = ['api', 'mail'].map((name) => checkConfig(name, {group: 'shop'}));

interface World {
  readonly telegram: Simulator;
  readonly clock: HandClock;
  readonly folder: string;
}

async function startWorld(context: TestContext, options: {botsAreAdmins?: boolean} = {}): Promise<World> {
  const clock = createHandClock();
  const telegram = await startSimulator({limits: false, clock});
  context.after(() => telegram.stop());
  telegram.addUser({id: ANNA, first_name: 'Anna'});
  telegram.addChat({id: GROUP, type: 'supergroup', title: 'Shop operations', ...options});
  telegram.addChat({id: FORUM, type: 'supergroup', title: 'Forum', topics: [{id: 7, name: 'alerts'}], ...options});
  return {telegram, clock, folder: newFolder()};
}

/** Knows whether an answer is still on its way, before which the hand clock must not move on. */
class CountingTelegram extends OpsTelegram {
  underWay = 0;

  override async callApi(...call: Parameters<OpsTelegram['callApi']>): Promise<never> {
    this.underWay++;
    try {
      return await super.callApi(...call);
    } finally {
      this.underWay--;
    }
  }
}

/** One life of the program, as far as boards and alerts go; `end` is its end, and the store may be opened anew. */
async function live({telegram, clock, folder}: World, changes: Partial<Config> = {}, board = true) {
  const config = configWith({
    checks: SHOPS,
    channels: new Map([['ops', {name: 'ops', type: 'telegram', chatId: GROUP}]]),
    telegram: {token: telegram.token, apiRoot: telegram.apiRoot, commands: false, proxies: [], ...(board && {board})},
    ...changes,
  });
  const {log, lines} = keptLog();
  const store = openStore({dataDir: folder, clock, keepRawMs: MINUTE, keepHistoryMs: MINUTE});
  const readers = createReaders(config, 'shop-7', store.telegram);
  const api = new CountingTelegram({token: telegram.token, apiRoot: telegram.apiRoot, clock});
  const budget = createBudget();
  const pipeline = new Pipeline({config, clock, store, log, cron: cronStretch, onQueued: () => outbox.wake()});
  const outbox = createOutbox({
    ...{
      store,
      clock,
      log,
      fallback: () => ({kind: 'nowhere'}),
      onBacklog: () => {},
      onGivenUp: () => {},
      onDead: () => {},
    },
    channel: (name) => {
      const place = config.channels.get(name);
      if (place?.type !== 'telegram') return undefined;
      return createTelegramChannel(
        {api, store, clock, budget, reader: readers.channel(name), machine, takesOrders: false},
        place,
      );
    },
    random: () => 0.5,
  });
  const stopping = new AbortController();
  const use = {api, budget, config, store, clock, log, reader: readers.channel, view: () => pipeline.view()};
  const boards = keepBoards(use, stopping.signal);
  const observe = async (check: string, what: typeof ok, runs = 3) => {
    for (let run = 0; run < runs; run++) {
      pipeline.observe([what(check, clock.now())]);
      await clock.advance(10);
    }
  };
  /** Looks of a board that may have something to do, one after the other. */
  const until = async (holds: () => unknown, what: string) => {
    await telegram.waitFor(() => (holds() ? true : void clock.advance(500)), {what, timeoutMs: 15_000});
  };
  /** Lets time pass in steps, and every answer arrive in between. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 500) {
      await clock.advance(500);
      await telegram.waitFor(() => api.underWay === 0, {what: 'the answers'});
    }
  };
  const end = async () => {
    stopping.abort();
    pipeline.stop();
    const stopped = outbox.stop(0);
    await clock.advance(0);
    await Promise.all([boards, stopped, api.hangUp()]);
    await store.close();
  };
  return {config, lines, store, pipeline, outbox, observe, until, pass, end};
}

async function start(context: TestContext, changes?: Partial<Config>, options?: {botsAreAdmins?: boolean}) {
  const world = await startWorld(context, options);
  const life = await live(world, changes);
  context.after(life.end);
  const board = (chat = GROUP) =>
    world.telegram.messages(chat).find(({text}) => /Last change|checks? down ·|fine ·/.test(text));
  const sent = (method: string) => world.telegram.requests.filter((request) => request.method === method);
  return {...world, ...life, board, sent};
}

describe('a board', () => {
  test('is one silent, pinned message with the problems first, and the groups', async (context) => {
    const {telegram, board, observe, until, sent} = await start(context);
    await observe('mail', ok);
    await until(() => board()?.pinned, 'the board');
    assert.match(
      board()?.text ?? '',
      /^✅ All 2 checks are fine · shop-7\n🟢 shop: 2 of 2 fine\n🕓 Last change \d\d:\d\d:\d\d$/,
    );
    assert.equal(sent('sendMessage')[0]?.params.disable_notification, true);
    assert.equal(sent('pinChatMessage')[0]?.params.disable_notification, true);
    await observe('api', failed);
    await until(() => board()?.text.startsWith('🔴 1 of 2'), 'the edit');
    assert.match(board()?.text ?? '', /\n🔴 api · HTTP 503 · since .*\n🟡 shop: 1 of 2 fine\n🕓 Last change/);
    const link = board()?.entities.find(({type}) => type === 'text_link')?.url;
    const card = telegram.messages(GROUP).find(({text}) => text.startsWith('🔴 api is down'));
    assert.equal(link, `https://t.me/c/1234567890/${card?.message_id}`);
    assert.deepEqual(telegram.violations, []);
  });

  test('is edited at most every five seconds, and only when it says something else', async (context) => {
    const {pass, board, observe, until, sent} = await start(context);
    await observe('api', ok);
    await until(() => board()?.pinned, 'the board');
    await pass(MINUTE);
    await observe('api', ok, 5);
    await pass(MINUTE);
    assert.equal(sent('editMessageText').length, 0, 'latencies and times are no news');
    for (let turn = 0; turn < 40; turn++) {
      await observe('mail', turn % 2 === 0 ? failed : ok, 1);
      await pass(1_000);
    }
    const times = sent('editMessageText')
      .filter(({params}) => params.message_id === board()?.message_id)
      .map(({at}) => at);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    assert.ok(times.length > 2, 'it was edited');
    assert.ok(Math.min(...gaps) >= BOARD_EVERY_MS, `gaps of ${gaps}`);
  });

  test('lasts over a restart, which says nothing anew', async (context) => {
    const world = await startWorld(context);
    const {telegram, clock} = world;
    const first = await live(world);
    await first.observe('api', failed);
    const pinned = () => telegram.messages(GROUP).filter((message) => message.pinned);
    await first.until(() => pinned().length === 1 && first.store.outbox.backlog().rows === 0, 'the board');
    await clock.advance(10_000);
    await first.until(() => pinned()[0]?.text.includes('api'), 'what is down');
    await clock.advance(10_000);
    await first.end();
    const before = telegram.requests.length;
    const second = await live(world);
    context.after(second.end);
    await clock.advance(MINUTE);
    assert.equal(telegram.requests.length, before);
    await second.observe('api', ok);
    await second.until(() => pinned()[0]?.text.startsWith('✅'), 'the edit');
    assert.equal(pinned().length, 1);
  });

  test('that somebody deleted is shown and pinned anew', async (context) => {
    const {telegram, board, observe, until} = await start(context);
    await until(() => board()?.pinned, 'the board');
    const old = board()?.message_id ?? 0;
    telegram.remove(GROUP, old);
    await observe('api', failed);
    await until(() => board()?.pinned, 'the new one');
    assert.notEqual(board()?.message_id, old);
    assert.deepEqual(telegram.violations, []);
  });

  test('stays unpinned where the bot may not pin, and the log says so once', async (context) => {
    const {telegram, clock, board, observe, until, lines, sent} = await start(context, {}, {botsAreAdmins: false});
    await until(() => lines.some(({msg}) => msg.startsWith('the board is not pinned')), 'the line');
    await observe('api', failed);
    await until(() => board()?.text.startsWith('🔴'), 'the edit');
    await clock.advance(10 * MINUTE);
    assert.equal(board()?.pinned, undefined);
    assert.equal(sent('pinChatMessage').length, 1);
    assert.deepEqual(telegram.violations, []);
  });

  test('stands in the topic of its channel, and in the group when that is deleted', async (context) => {
    const place = {name: 'ops', type: 'telegram', chatId: FORUM} as const;
    const channels = new Map([
      ['ops', {...place, threadId: 7}],
      ['other', {...place, name: 'other', threadId: 99}],
    ]);
    const {telegram, board, until} = await start(context, {channels});
    await until(() => board(FORUM)?.pinned, 'the board');
    assert.equal(board(FORUM)?.thread, 7);
    assert.equal(telegram.messages(FORUM).length, 1, 'one for the chat');
  });

  test('goes into the group without a topic that is not there', async (context) => {
    const channels = new Map([['ops', {name: 'ops', type: 'telegram', chatId: FORUM, threadId: 99} as const]]);
    const {board, until} = await start(context, {channels});
    await until(() => board(FORUM)?.pinned, 'the board');
    assert.equal(board(FORUM)?.thread, undefined);
  });

  test('follows its group to the new id of a supergroup', async (context) => {
    const {telegram, board, until, observe, store} = await start(context);
    await until(() => board()?.pinned, 'the board');
    telegram.upgradeToSupergroup(GROUP, -1007777);
    await observe('mail', failed, 1);
    await until(() => board(-1007777)?.pinned, 'the board');
    assert.deepEqual(
      store.telegram.boards().map(({chatId}) => chatId),
      [-1007777],
    );
  });

  test('waits as long as Telegram asks it to, and then shows what is so by then', async (context) => {
    const {telegram, pass, board, observe, until, sent} = await start(context);
    await until(() => board()?.pinned, 'the board');
    const parameters = {retry_after: 60};
    const description = 'Too Many Requests: retry after 60';
    telegram.fault({kind: 'error', method: 'editMessageText', code: 429, description, parameters, times: 1});
    await observe('mail', failed, 1);
    await until(() => sent('editMessageText').length === 1, 'the refusal');
    await pass(50_000);
    assert.equal(sent('editMessageText').length, 1);
    await until(() => board()?.text.includes('failure 1 of 3'), 'the edit');
  });

  test('goes after everything else that is to be said in its chat', async (context) => {
    const {telegram, clock, store, outbox, until, board, observe} = await start(context);
    await until(() => board()?.pinned, 'the board');
    await observe('mail', failed, 1);
    const messages = Array.from({length: 15}, (_, index) => notice(`${index}`));
    store.commit({now: clock.now(), messages, durable: true});
    outbox.wake();
    const began = telegram.requests.length;
    await until(() => board()?.text.includes('failure 1 of 3'), 'the edit');
    const methods = telegram.requests.slice(began).map(({method}) => method);
    assert.deepEqual(methods, [...messages.map(() => 'sendMessage'), 'editMessageText']);
  });

  test('that is not wanted any more says so, and is unpinned', async (context) => {
    const world = await startWorld(context);
    const first = await live(world);
    const {telegram} = world;
    await first.until(() => telegram.messages(GROUP)[0]?.pinned, 'the board');
    await first.end();
    const second = await live(world, {}, false);
    context.after(second.end);
    await second.until(() => second.store.telegram.boards().length === 0, 'the end');
    assert.equal(telegram.messages(GROUP)[0]?.text, 'This overview is no longer kept up to date.');
    assert.equal(telegram.messages(GROUP)[0]?.pinned, undefined);
    assert.deepEqual(telegram.violations, []);
  });

  test('survives an outage of Telegram', async (context) => {
    const {telegram, pass, board, observe, until} = await start(context);
    await until(() => board()?.pinned, 'the board');
    telegram.outage(true);
    await observe('mail', failed, 1);
    await pass(MINUTE);
    telegram.outage(false);
    await until(() => board()?.text.includes('failure 1 of 3'), 'the edit');
    assert.equal(telegram.messages(GROUP).length, 1);
  });

  test('of many problems fits one message', async (context) => {
    const checks = Array.from({length: 300}, (_, index) =>
      checkConfig(`check-${index}`, {group: `group-${index % 40}`}),
    );
    const {board, observe, until, telegram, pipeline, clock} = await start(context, {checks});
    for (const {name} of checks.slice(0, 100)) pipeline.observe([failed(name, clock.now())]);
    await observe('check-0', failed, 1);
    await until(() => board()?.text.includes('failure'), 'the board');
    const lines = board()?.text.split('\n') ?? [];
    assert.equal(lines.filter((line) => line.startsWith('🟡 check-')).length, 20);
    assert.ok(lines.includes('… and 80 more'));
    assert.deepEqual(telegram.violations, []);
  });
});
