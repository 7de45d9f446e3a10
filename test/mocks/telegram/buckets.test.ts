import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {createBuckets, type Limits, OFFICIAL_LIMITS} from '../../../mocks/telegram/buckets.ts';
import {ANNA, BORIS, createHandClock, OPS, startBench} from './support.ts';

const NEVER_FULL = {burst: 1e9, perSecond: 1e9};
const limited = (limits: Partial<Limits>) => ({chat: NEVER_FULL, group: NEVER_FULL, global: NEVER_FULL, ...limits});

describe('the buckets', () => {
  it('let a chat have a burst of three, and one a second after it', () => {
    const clock = createHandClock();
    const buckets = createBuckets(limited({chat: OFFICIAL_LIMITS.chat}), clock.monotonic);
    const take = () => buckets.take(ANNA, false);
    assert.deepEqual([take(), take(), take(), take()], [0, 0, 0, 1]);
    clock.advance(1000);
    assert.deepEqual([take(), take()], [0, 1]);
  });

  it('count each chat on its own', () => {
    const buckets = createBuckets(limited({chat: {burst: 1, perSecond: 1}}), createHandClock().monotonic);
    assert.deepEqual([buckets.take(1, false), buckets.take(2, false), buckets.take(1, false)], [0, 0, 1]);
  });

  it('let a group have 20 a minute, and a private chat more', () => {
    const clock = createHandClock();
    const buckets = createBuckets(limited({group: OFFICIAL_LIMITS.group}), clock.monotonic);
    const group = Array.from({length: 21}, () => buckets.take(OPS, true));
    assert.deepEqual(group, [...Array(20).fill(0), 3]);
    assert.deepEqual(
      Array.from({length: 21}, () => buckets.take(ANNA, false)),
      Array(21).fill(0),
    );
  });

  it('let all chats together have 30 a second', () => {
    const clock = createHandClock();
    const buckets = createBuckets(limited({global: OFFICIAL_LIMITS.global}), clock.monotonic);
    const taken = Array.from({length: 31}, (_, chat) => buckets.take(chat, false));
    assert.deepEqual(taken, [...Array(30).fill(0), 1]);
  });

  it('stay shut until the named time, whoever comes back earlier', () => {
    const clock = createHandClock();
    const buckets = createBuckets(limited({group: OFFICIAL_LIMITS.group}), clock.monotonic);
    for (let sent = 0; sent < 20; sent++) buckets.take(OPS, true);
    assert.equal(buckets.take(OPS, true), 3);
    clock.advance(2999);
    assert.equal(buckets.take(OPS, true), 1);
    clock.advance(1);
    assert.equal(buckets.take(OPS, true), 0);
  });

  it('can be turned off', () => {
    const buckets = createBuckets(false, createHandClock().monotonic);
    const taken = Array.from({length: 100}, () => buckets.take(ANNA, false));
    assert.deepEqual(new Set(taken), new Set([0]));
  });
});

describe('a bot that sends too fast', () => {
  it('is told 429 with retry_after, for sending and for editing, and what it sent is not there', async (t) => {
    const clock = createHandClock();
    const {sim, call} = await startBench(t, {clock, limits: {chat: {burst: 2, perSecond: 0.25}}});
    await call('sendMessage', {chat_id: ANNA, text: 'one'});
    await call('sendMessage', {chat_id: ANNA, text: 'two'});
    const refused = {
      ok: false,
      error_code: 429,
      description: 'Too Many Requests: retry after 4',
      parameters: {retry_after: 4},
    };
    assert.deepEqual(await call('sendMessage', {chat_id: ANNA, text: 'three'}), refused);
    assert.deepEqual(await call('editMessageText', {chat_id: ANNA, message_id: 1, text: 'other'}), refused);
    assert.equal((await call('sendMessage', {chat_id: BORIS, text: 'elsewhere'})).ok, true);
    clock.advance(4000);
    assert.equal((await call('sendMessage', {chat_id: ANNA, text: 'four'})).ok, true);
    assert.deepEqual(
      sim.messages(ANNA).map(({text}) => text),
      ['one', 'two', 'four'],
    );
  });
});
