import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {Channel, Delivery, Outcome} from '../../src/bot/channels/channel.ts';
import {createFallback} from '../../src/bot/fallback.ts';
import {createOutbox} from '../../src/bot/outbox.ts';
import type {CardMessage, Incident, Message} from '../../src/state/vocabulary.ts';
import type {Store} from '../../src/store/store.ts';
import {createHandClock, START} from '../support/hand-clock.ts';
import {alertConfig, configWith, keptLog, newFolder, notice, storeIn} from './world.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const delivered: Outcome = {kind: 'delivered'};
const retry: Outcome = {kind: 'retry', reason: 'no network'};

type Behaviour = (delivery: Delivery) => Outcome | Promise<Outcome>;

/** A channel that does what the test says, and keeps what it was given. */
function channelOf(name: string, behaviour: Behaviour = () => delivered) {
  const tries: {at: number; delivery: Delivery}[] = [];
  const bench = {behaviour, tries};
  const channel = (now: () => number): Channel => ({
    name,
    deliver: async (delivery) => {
      tries.push({at: now(), delivery});
      return bench.behaviour(delivery);
    },
  });
  return Object.assign(bench, {channel, details: () => tries.map(({delivery}) => detailOf(delivery.message))});
}

function detailOf(message: Message): string {
  return message.kind === 'notice' ? message.detail : `${message.kind} ${message.reason}`;
}

type TestChannel = ReturnType<typeof channelOf>;

function bench(
  context: Parameters<typeof storeIn>[0],
  channels: Record<string, TestChannel>,
  use: {fallback?: string; dataDir?: string; clock?: ReturnType<typeof createHandClock>; random?: number} = {},
) {
  const {clock = createHandClock(), dataDir = newFolder()} = use;
  const store = storeIn(context, dataDir, clock);
  const {log, lines} = keptLog();
  const dead: string[] = [];
  const config = configWith({
    alerts: alertConfig({...(use.fallback !== undefined && {fallback: use.fallback})}),
    channels: new Map(),
    checks: [],
  });
  const outbox = createOutbox({
    store,
    clock,
    log,
    channel: (lane) => channels[lane]?.channel(clock.now),
    fallback: createFallback(config),
    onBacklog: (name) => assert.fail(`${name} has a backlog`),
    onDead: (channel) => void dead.push(channel),
    random: () => use.random ?? 0.5,
  });
  const queue = (...messages: Message[]) => {
    store.commit({now: clock.now(), messages, durable: true});
    outbox.wake();
  };
  return {clock, dataDir, store, outbox, queue, lines, dead};
}

function card(
  kind: 'card' | 'edit',
  changes: Partial<CardMessage> = {},
  incident: Partial<Incident> = {},
): CardMessage {
  const whole: Incident = {id: 1, check: 'api', openedAt: START, reason: 'x', errors: 3, cards: [1], ...incident};
  return {
    kind,
    channel: 'ops',
    reason: 'first',
    card: 1,
    incidents: [whole],
    total: 1,
    open: 1,
    missed: [],
    ...changes,
  };
}

function undelivered(store: Store): number {
  return store.outbox.backlog().rows;
}

describe('the outbox', () => {
  test('delivers each lane in order, one message at a time', async (context) => {
    let under = 0;
    let most = 0;
    const {promise, resolve} = Promise.withResolvers<void>();
    const ops = channelOf('ops', async () => {
      most = Math.max(most, ++under);
      await promise;
      under--;
      return delivered;
    });
    const {clock, store, queue} = bench(context, {ops});
    queue(notice('1'), notice('2'));
    queue(notice('3'));
    await clock.advance(0);
    assert.deepEqual(ops.details(), ['1']);
    resolve();
    await clock.advance(0);
    await clock.advance(0);
    assert.deepEqual(ops.details(), ['1', '2', '3']);
    assert.equal(most, 1);
    assert.equal(undelivered(store), 0);
  });

  test('a lane that fails does not hold up another', async (context) => {
    const ops = channelOf('ops', () => retry);
    const desk = channelOf('desk');
    const {clock, queue} = bench(context, {ops, desk});
    queue(notice('1'), notice('2', 'desk'));
    await clock.advance(0);
    assert.deepEqual(desk.details(), ['2']);
  });

  test('tries again ever later, but at least every 5 minutes, and for as long as it takes', async (context) => {
    const ops = channelOf('ops', () => retry);
    const {clock, queue, store} = bench(context, {ops});
    queue(notice('1'));
    await clock.advance(24 * HOUR);
    const waits = ops.tries.slice(1).map(({at}, index) => (at - (ops.tries[index]?.at ?? 0)) / SECOND);
    assert.deepEqual(waits.slice(0, 11), [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    assert.equal(undelivered(store), 1);
    ops.behaviour = () => delivered;
    await clock.advance(300 * SECOND);
    assert.equal(undelivered(store), 0);
  });

  test('spreads its tries by a quarter either way', async (context) => {
    for (const [random, first] of [
      [0, 750],
      [0.999_999, 1_250],
    ] as const) {
      const ops = channelOf('ops', () => retry);
      const {clock, queue} = bench(context, {ops}, {random});
      queue(notice('1'));
      await clock.advance(2 * SECOND);
      assert.equal(Math.round((ops.tries[1]?.at ?? 0) - START), first);
    }
  });

  test('an outage of an hour with 50 messages loses none and keeps their order', async (context) => {
    const ops = channelOf('ops', () => retry);
    const {clock, queue, store} = bench(context, {ops});
    const names = Array.from({length: 50}, (_, index) => String(index));
    for (const name of names) {
      queue(notice(name));
      await clock.advance(72 * SECOND);
    }
    ops.tries.length = 0;
    ops.behaviour = () => delivered;
    await clock.advance(400 * SECOND);
    assert.deepEqual(ops.details(), names);
    assert.equal(undelivered(store), 0);
  });

  test('what may have arrived comes again, marked', async (context) => {
    const ops = channelOf('ops', () => ({kind: 'doubt', reason: 'reset'}));
    const {clock, queue} = bench(context, {ops});
    queue(notice('1'));
    await clock.advance(0);
    ops.behaviour = () => delivered;
    await clock.advance(2 * SECOND);
    assert.deepEqual(
      ops.tries.map(({delivery}) => delivery.row.inDoubt),
      [false, true],
    );
  });

  test('what was being sent when the program died comes again, marked', async (context) => {
    const dead = channelOf('ops', () => new Promise(() => {}));
    const before = bench(context, {ops: dead});
    before.queue(notice('1'));
    await before.clock.advance(0);
    await before.store.close();
    const ops = channelOf('ops');
    const after = bench(context, {ops}, {dataDir: before.dataDir});
    after.outbox.wake();
    await after.clock.advance(0);
    assert.deepEqual(ops.details(), ['1']);
    assert.equal(ops.tries[0]?.delivery.row.inDoubt, true);
  });

  test('retry_after is obeyed, also after a restart', async (context) => {
    const before = bench(context, {ops: channelOf('ops', () => ({...retry, retryAfterMs: 90 * SECOND}))});
    before.queue(notice('1'), notice('2'));
    await before.clock.advance(30 * SECOND);
    await before.outbox.stop(0);
    await before.store.close();
    const ops = channelOf('ops');
    const clock = createHandClock(START + 30 * SECOND);
    const after = bench(context, {ops}, {dataDir: before.dataDir, clock});
    after.outbox.wake();
    after.queue(notice('3'));
    await clock.advance(60 * SECOND - 1);
    assert.deepEqual(ops.details(), []);
    await clock.advance(1);
    assert.deepEqual(ops.details(), ['1', '2', '3']);
  });

  test('a wall clock that is set back by hours does not hold a message for hours', async (context) => {
    const ops = channelOf('ops', () => retry);
    const {clock, queue, store} = bench(context, {ops});
    queue(notice('1'));
    await clock.advance(0);
    clock.stepWall(-3 * HOUR);
    ops.behaviour = () => delivered;
    queue(notice('2'));
    await clock.advance(600 * SECOND);
    assert.equal(undelivered(store), 0);
  });

  test('a channel with a bug is neither asked in a circle nor able to stop another', async (context) => {
    const ops = channelOf('ops', () => {
      throw new TypeError('a bug');
    });
    const desk = channelOf('desk');
    const {clock, queue, lines, store} = bench(context, {ops, desk});
    queue(notice('1'), notice('2', 'desk'));
    await clock.advance(10 * SECOND);
    assert.deepEqual(desk.details(), ['2']);
    assert.ok(ops.tries.length <= 4, `${ops.tries.length} tries in 10 s`);
    assert.ok(lines.some(({msg}) => /unforeseen/.test(msg)));
    assert.equal(undelivered(store), 1);
  });

  test('a bug outside the delivery itself does not turn in a circle either', async (context) => {
    let asked = 0;
    const clock = createHandClock();
    const store = storeIn(context, newFolder(), clock);
    const broken: Channel = {
      name: 'ops',
      waitMs: () => {
        asked++;
        throw new TypeError('a bug');
      },
      deliver: async () => delivered,
    };
    const {log} = keptLog();
    const callbacks = {fallback: () => undefined, onBacklog: () => {}, onDead: () => {}, random: () => 0.5};
    const outbox = createOutbox({store, clock, log, channel: () => broken, ...callbacks});
    store.commit({now: clock.now(), messages: [notice('1')], durable: true});
    outbox.wake();
    await clock.advance(10 * SECOND);
    assert.ok(asked >= 2 && asked <= 12, `asked ${asked} times in 10 s`);
    assert.equal(undelivered(store), 1);
  });
});

describe('a card that changed while it waited', () => {
  test('leaves once, as it is now, and as the card that it is', async (context) => {
    const ops = channelOf('ops', () => retry);
    const {clock, queue, store} = bench(context, {ops});
    queue(card('card'));
    await clock.advance(0);
    queue(card('edit', {reason: 'acknowledged'}, {reason: 'second'}), notice('between'));
    queue(card('edit', {reason: 'recovered'}, {reason: 'newest'}));
    ops.tries.length = 0;
    ops.behaviour = () => delivered;
    await clock.advance(2 * SECOND);
    const messages = ops.tries.map(({delivery}) => delivery.message);
    assert.deepEqual(messages.map(detailOf), ['card first', 'between']);
    assert.equal(messages[0]?.kind === 'card' && messages[0].incidents[0]?.reason, 'newest');
    assert.equal(undelivered(store), 0);
  });
});

describe('a channel that refuses for good', () => {
  const refused: Outcome = {kind: 'refused', reason: '403 Forbidden', channelDead: true};

  test('hands its messages to the fallback, in order, and is told of once', async (context) => {
    const ops = channelOf('ops', () => refused);
    const desk = channelOf('desk');
    const {clock, queue, store, dead} = bench(context, {ops, desk}, {fallback: 'desk'});
    queue(notice('1'), notice('2'), notice('3'));
    await clock.advance(0);
    await clock.advance(0);
    assert.deepEqual(desk.details(), ['1', '2', '3']);
    assert.deepEqual(dead, ['ops']);
    assert.deepEqual(
      store.telegram.deadChannels().map(({channel, error}) => ({channel, error})),
      [{channel: 'ops', error: '403 Forbidden'}],
    );
    assert.equal(undelivered(store), 0);
  });

  test('is alive again after its next delivery, and not after what became needless', async (context) => {
    const ops = channelOf('ops', () => refused);
    const {clock, queue, store} = bench(context, {ops, desk: channelOf('desk')}, {fallback: 'desk'});
    queue(notice('1'));
    await clock.advance(0);
    ops.behaviour = () => ({kind: 'needless'});
    queue(notice('2'));
    await clock.advance(0);
    assert.equal(store.telegram.deadChannels().length, 1);
    ops.behaviour = () => delivered;
    queue(notice('3'));
    await clock.advance(0);
    assert.deepEqual(store.telegram.deadChannels(), []);
  });

  test('without a fallback keeps its messages and is asked again every 10 minutes', async (context) => {
    const ops = channelOf('ops', () => refused);
    const {clock, queue, store, dead} = bench(context, {ops});
    queue(notice('1'));
    await clock.advance(HOUR);
    assert.equal(ops.tries.length, 7);
    assert.deepEqual(dead, ['ops']);
    assert.equal(undelivered(store), 1);
    ops.behaviour = () => delivered;
    await clock.advance(600 * SECOND);
    assert.equal(undelivered(store), 0);
  });

  test('a fallback that refuses too keeps the messages', async (context) => {
    const ops = channelOf('ops', () => refused);
    const desk = channelOf('desk', () => refused);
    const {clock, queue, store} = bench(context, {ops, desk}, {fallback: 'desk'});
    queue(notice('1'));
    await clock.advance(HOUR);
    assert.equal(undelivered(store), 1);
    assert.ok(ops.tries.length + desk.tries.length < 12);
  });

  test('one bad message does not make the channel dead', async (context) => {
    const bad: Outcome = {kind: 'refused', reason: 'Bad Request: what?', channelDead: false};
    const ops = channelOf('ops', ({message}) => (detailOf(message) === 'bad' ? bad : delivered));
    const desk = channelOf('desk');
    const {clock, queue, dead} = bench(context, {ops, desk}, {fallback: 'desk'});
    queue(notice('bad'), notice('good'));
    await clock.advance(0);
    await clock.advance(0);
    assert.deepEqual([ops.details(), desk.details(), dead], [['bad', 'good'], ['bad'], []]);
  });

  test('messages of a channel that left the configuration go to the fallback', async (context) => {
    const desk = channelOf('desk');
    const {clock, queue, store} = bench(context, {desk}, {fallback: 'desk'});
    queue(notice('1', 'removed'), card('card', {channel: 'removed'}));
    await clock.advance(0);
    await clock.advance(0);
    assert.deepEqual(desk.details(), ['1', 'card first']);
    assert.equal(undelivered(store), 0);
  });
});

describe('answers and endings', () => {
  const reply: Message = {kind: 'reply', channel: '', reason: 'reply', to: {chatId: 5}, html: 'hi'};

  test('an answer that could not be given within 10 minutes is given up', async (context) => {
    const chat = channelOf('chat:5', () => retry);
    const {clock, queue, store} = bench(context, {'chat:5': chat});
    queue(reply);
    await clock.advance(600 * SECOND);
    assert.equal(undelivered(store), 1);
    const {length} = chat.tries;
    await clock.advance(400 * SECOND);
    assert.equal(undelivered(store), 0);
    assert.ok(chat.tries.length <= length + 1);
  });

  test('an answer that is refused goes nowhere else and kills no channel', async (context) => {
    const chat = channelOf('chat:5', () => ({kind: 'refused', reason: '403', channelDead: true}));
    const desk = channelOf('desk');
    const {clock, queue, store, dead} = bench(context, {'chat:5': chat, desk}, {fallback: 'desk'});
    queue(reply);
    await clock.advance(0);
    assert.deepEqual([desk.details(), dead, undelivered(store)], [[], [], 0]);
  });

  test('stopping lets a delivery end, and begins no other', async (context) => {
    const {promise, resolve} = Promise.withResolvers<Outcome>();
    const ops = channelOf('ops', () => promise);
    const {clock, queue, store, outbox} = bench(context, {ops});
    queue(notice('1'), notice('2'));
    await clock.advance(0);
    const stopped = outbox.stop(SECOND);
    resolve(delivered);
    await stopped;
    await clock.advance(HOUR);
    assert.deepEqual(ops.details(), ['1']);
    assert.equal(undelivered(store), 1);
  });

  test('stopping aborts what has not ended within the grace', async (context) => {
    const ops = channelOf('ops');
    const {clock, store, outbox, queue} = bench(context, {ops: slowly(ops)});
    queue(notice('1'));
    await clock.advance(0);
    let stopped = false;
    const stopping = outbox.stop(SECOND).then(() => {
      stopped = true;
    });
    await clock.advance(SECOND - 1);
    assert.equal(stopped, false);
    await clock.advance(1);
    await stopping;
    assert.equal(store.outbox.first('ops')?.inDoubt, true);
  });
});

/** Ends only when it is aborted, in doubt. */
function slowly(channel: TestChannel): TestChannel {
  const aborted = (signal: AbortSignal) =>
    new Promise<Outcome>((resolve) => {
      signal.addEventListener('abort', () => resolve({kind: 'doubt', reason: 'aborted'}));
    });
  const slow = (): Channel => ({name: 'ops', deliver: (_delivery, signal) => aborted(signal)});
  return {...channel, channel: slow};
}
