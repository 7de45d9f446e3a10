import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {Channel} from '../../src/bot/channels/channel.ts';
import {createOutbox} from '../../src/bot/outbox.ts';
import {createHandClock, START} from '../support/hand-clock.ts';
import {bench, card, channelOf, delivered, detailOf, HOUR, retry, SECOND, undelivered} from './outbox-bench.ts';
import {keptLog, newFolder, notice, storeIn} from './world.ts';

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
    const callbacks = {
      fallback: () => ({kind: 'nowhere'}) as const,
      onBacklog: () => {},
      onGivenUp: () => {},
      onDead: () => {},
      random: () => 0.5,
    };
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
