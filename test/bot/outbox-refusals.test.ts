import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {Channel, Outcome} from '../../src/bot/channels/channel.ts';
import type {Message} from '../../src/state/vocabulary.ts';
import {START} from '../support/hand-clock.ts';
import {
  bench,
  card,
  channelOf,
  delivered,
  detailOf,
  HOUR,
  retry,
  SECOND,
  type TestChannel,
  undelivered,
} from './outbox-bench.ts';
import {notice} from './world.ts';

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

  test('one bad message that has nowhere to go is kept, and holds nothing up', async (context) => {
    const bad: Outcome = {kind: 'refused', reason: 'Bad Request: what?', channelDead: false};
    const ops = channelOf('ops', ({message}) => (/^bad/.test(detailOf(message)) ? bad : delivered));
    const {clock, queue, store, lines} = bench(context, {ops});
    queue(notice('bad 1'), notice('bad 2'), notice('good'));
    await clock.advance(SECOND);
    assert.deepEqual(ops.details(), ['bad 1', 'bad 2', 'good']);
    assert.equal(lines.filter(({msg}) => msg === 'refused').length, 2);
    await clock.advance(HOUR);
    queue(card('card'));
    await clock.advance(SECOND);
    assert.equal(ops.details().at(-1), 'card first');
    const again = ops.details().filter((detail) => detail.startsWith('bad'));
    assert.deepEqual([again.length, new Set(again).size, undelivered(store)], [14, 2, 2], 'each every 10 minutes');
    ops.behaviour = () => delivered;
    await clock.advance(600 * SECOND);
    assert.equal(undelivered(store), 0);
  });

  test('a bad card is shown once, in its newest form, when it is taken at last', async (context) => {
    const bad: Outcome = {kind: 'refused', reason: 'Bad Request: what?', channelDead: false};
    const ops = channelOf('ops', ({message}) => (detailOf(message) === 'card first' ? bad : delivered));
    const {clock, queue, store} = bench(context, {ops});
    queue(card('card'));
    await clock.advance(SECOND);
    queue(card('edit', {}, {reason: 'HTTP 503'}), card('card', {card: 2, reason: 'digest'}, {id: 2, cards: [2]}));
    await clock.advance(SECOND);
    assert.deepEqual(ops.details(), ['card first', 'card digest']);
    ops.behaviour = () => delivered;
    await clock.advance(600 * SECOND);
    const last = ops.tries.at(-1)?.delivery.message;
    assert.ok(last?.kind === 'card');
    assert.deepEqual([ops.tries.length, last.incidents[0]?.reason, undelivered(store)], [3, 'HTTP 503', 0]);
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

test('a card of which the fallback has its own is given up, and whoever decides is told', async (context) => {
  const ops = channelOf('ops', () => ({kind: 'refused', reason: '403 Forbidden', channelDead: true}));
  const {clock, queue, store, givenUp} = bench(context, {ops}, {fallback: 'desk', to: ['ops', 'desk']});
  queue(card('card'), card('edit'));
  await clock.advance(SECOND);
  assert.deepEqual(givenUp, ['1']);
  assert.equal(undelivered(store), 0);
});

describe('an end that is refused', () => {
  const end = (heardIn: readonly string[]): Message => {
    const {incidents} = card('card', {}, {closedAt: START + SECOND});
    const endings = incidents.map((incident) => ({...incident, heardIn}));
    return {kind: 'recovery', channel: 'ops', reason: 'recovered', card: 1, incidents: endings, more: 0};
  };
  const refusing = () => channelOf('ops', () => ({kind: 'refused', reason: '403 Forbidden', channelDead: true}));
  const shared = {fallback: 'desk', to: ['ops', 'desk']};

  test('goes to the fallback that was never told of the beginning, though the news go there too', async (context) => {
    const desk = channelOf('desk');
    const {clock, queue, store, givenUp} = bench(context, {ops: refusing(), desk}, shared);
    queue(end(['ops']));
    await clock.advance(0);
    await clock.advance(0);
    assert.deepEqual(desk.details(), ['recovery recovered']);
    assert.deepEqual([givenUp, undelivered(store)], [[], 0]);
  });

  test('is not said a second time where the fallback tells it by itself', async (context) => {
    const desk = channelOf('desk');
    const {clock, queue, store} = bench(context, {ops: refusing(), desk}, shared);
    queue(end(['ops', 'desk']));
    await clock.advance(SECOND);
    assert.deepEqual([desk.details(), undelivered(store)], [[], 0]);
  });

  test('is told by the fallback when the late digest that told it is refused, and the card is given up', async (context) => {
    const desk = channelOf('desk');
    const {clock, queue, givenUp} = bench(context, {ops: refusing(), desk}, shared);
    const over = end(['ops']);
    assert.ok(over.kind === 'recovery');
    queue(card('card', {reason: 'late', missed: over.incidents}));
    await clock.advance(0);
    await clock.advance(0);
    assert.deepEqual([desk.details(), givenUp], [['card late'], ['1']]);
  });
});

test('a card that changed while it waited is moved as it is now', async (context) => {
  const refused: Outcome = {kind: 'refused', reason: '403 Forbidden', channelDead: true};
  const desk = channelOf('desk');
  const use = {fallback: 'desk', to: ['ops']};
  const {clock, queue} = bench(context, {ops: channelOf('ops', () => refused), desk}, use);
  queue(card('card'), card('edit', {}, {reason: 'HTTP 503'}));
  await clock.advance(0);
  await clock.advance(0);
  const [moved] = desk.tries.map(({delivery}) => delivery.message);
  assert.ok(moved?.kind === 'card');
  assert.equal(moved.incidents[0]?.reason, 'HTTP 503');
});

test('whoever decides is told where a card went, and an edit that came while it was being refused goes along', async (context) => {
  const {promise, resolve} = Promise.withResolvers<Outcome>();
  const desk = channelOf('desk');
  const use = {fallback: 'desk', to: ['ops']};
  const {clock, queue, store, givenUp} = bench(context, {ops: channelOf('ops', () => promise), desk}, use);
  queue(card('card'));
  await clock.advance(0);
  queue(card('edit', {}, {reason: 'HTTP 503'}));
  resolve({kind: 'refused', reason: '403 Forbidden', channelDead: true});
  await clock.advance(0);
  await clock.advance(0);
  const [arrived] = desk.tries.map(({delivery}) => delivery.message);
  assert.ok(arrived?.kind === 'card');
  assert.deepEqual([arrived.incidents[0]?.reason, givenUp, undelivered(store)], ['HTTP 503', ['1 to desk'], 0]);
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
