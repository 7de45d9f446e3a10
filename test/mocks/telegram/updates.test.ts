import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {ANNA, BORIS, callAs, createHandClock, OPS, startBench} from './support.ts';

const DAY_MS = 86_400_000;
const OTHER_POLL = {
  ok: false,
  error_code: 409,
  description: 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
};
const textsOf = (answer: {result?: Array<{message?: {text: string}}>}) =>
  answer.result?.map(({message}) => message?.text);

describe('getUpdates', () => {
  it('repeats what is not confirmed, and forgets what is', async (t) => {
    const {sim, call} = await startBench(t);
    for (const text of ['one', 'two', 'three']) sim.say({chat: ANNA, from: ANNA, text});
    const first = await call('getUpdates');
    assert.deepEqual(textsOf(first), ['one', 'two', 'three']);
    assert.deepEqual(textsOf(await call('getUpdates')), ['one', 'two', 'three']);
    assert.deepEqual(textsOf(await call('getUpdates', {offset: first.result[1].update_id})), ['two', 'three']);
    assert.deepEqual(textsOf(await call('getUpdates', {offset: 0})), ['two', 'three']);
    assert.equal(sim.pendingUpdates(), 2);
  });

  it('keeps the last N with a negative offset', async (t) => {
    const {sim, call} = await startBench(t);
    for (const text of ['one', 'two', 'three']) sim.say({chat: ANNA, from: ANNA, text});
    assert.deepEqual(textsOf(await call('getUpdates', {offset: -2})), ['two', 'three']);
    assert.deepEqual(textsOf(await call('getUpdates')), ['two', 'three']);
  });

  it('obeys the limit, and knows no more than 100', async (t) => {
    const {sim, call} = await startBench(t);
    for (let said = 0; said < 101; said++) sim.say({chat: ANNA, from: ANNA, text: `${said}`});
    assert.deepEqual(textsOf(await call('getUpdates', {limit: 2})), ['0', '1']);
    assert.equal((await call('getUpdates', {limit: 1000})).result.length, 100);
  });

  it('answers a held poll as soon as something happens', async (t) => {
    const {sim, call} = await startBench(t);
    const poll = call('getUpdates', {timeout: 50});
    await sim.waitFor(() => sim.isPolling());
    sim.say({chat: OPS, from: BORIS, text: '/status'});
    assert.deepEqual(textsOf(await poll), ['/status']);
    assert.equal(sim.isPolling(), false);
  });

  it('answers an empty list when the timeout is over', async (t) => {
    const clock = createHandClock();
    const {sim, call} = await startBench(t, {clock});
    const poll = call('getUpdates', {timeout: 30});
    await sim.waitFor(() => sim.isPolling());
    clock.advance(29_999);
    assert.equal(sim.isPolling(), true);
    clock.advance(1);
    assert.deepEqual(await poll, {ok: true, result: []});
  });

  it('remembers allowed_updates, and applies them when an update comes into being', async (t) => {
    const {sim, call} = await startBench(t);
    sim.say({chat: ANNA, from: ANNA, text: 'before'});
    assert.deepEqual(textsOf(await call('getUpdates', {allowed_updates: ['callback_query']})), ['before']);
    sim.say({chat: ANNA, from: ANNA, text: 'unwanted'});
    assert.deepEqual(textsOf(await call('getUpdates')), ['before']);
    await call('getUpdates', {allowed_updates: []});
    sim.say({chat: ANNA, from: ANNA, text: 'wanted'});
    assert.deepEqual(textsOf(await call('getUpdates')), ['before', 'wanted']);
  });

  it('forgets updates after a day', async (t) => {
    const clock = createHandClock();
    const {sim, call} = await startBench(t, {clock});
    sim.say({chat: ANNA, from: ANNA, text: 'old'});
    clock.advance(DAY_MS);
    assert.deepEqual(await call('getUpdates'), {ok: true, result: []});
  });

  it('lets go of a poll whose client has hung up, without a conflict', async (t) => {
    const {sim, call} = await startBench(t);
    const hangup = new AbortController();
    const poll = call('getUpdates', {timeout: 50}, hangup.signal);
    await sim.waitFor(() => sim.isPolling());
    hangup.abort();
    await assert.rejects(poll, {name: 'AbortError'});
    await sim.waitFor(() => !sim.isPolling(), {what: 'the end of the poll'});
    sim.say({chat: ANNA, from: ANNA, text: 'later'});
    assert.deepEqual(textsOf(await call('getUpdates')), ['later']);
  });

  it('gives every bot its own updates', async (t) => {
    const {sim, call} = await startBench(t);
    sim.addBot('42:other', {first_name: 'Other'});
    sim.say({chat: OPS, from: ANNA, text: 'hello'});
    await call('getUpdates', {offset: 9999});
    assert.equal(sim.pendingUpdates(), 0);
    assert.deepEqual(textsOf(await callAs('42:other', sim, 'getUpdates')), ['hello']);
  });
});

describe('two pollers', () => {
  it('fail the older held poll', async (t) => {
    const {sim, call} = await startBench(t);
    const older = call('getUpdates', {timeout: 50});
    await sim.waitFor(() => sim.isPolling());
    const newer = call('getUpdates', {timeout: 50});
    assert.deepEqual(await older, OTHER_POLL);
    sim.say({chat: ANNA, from: ANNA, text: 'for the newer'});
    assert.deepEqual(textsOf(await newer), ['for the newer']);
  });

  it('are answered 3 s late when they conflict again within 3 s', async (t) => {
    const clock = createHandClock();
    const {sim, call} = await startBench(t, {clock});
    const polls = [];
    for (let started = 1; started <= 3; started++) {
      polls.push(call('getUpdates', {timeout: 50}));
      await sim.waitFor(() => sim.requests.length === started && sim.isPolling());
    }
    assert.deepEqual(await polls[0], OTHER_POLL);
    assert.equal(sim.requests[1]?.answer, undefined);
    clock.advance(3000);
    assert.deepEqual(await polls[1], OTHER_POLL);
    sim.say({chat: ANNA, from: ANNA, text: 'for the last'});
    assert.deepEqual(textsOf((await polls[2]) ?? {}), ['for the last']);
  });
});

describe('a webhook', () => {
  const active =
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";

  it('shuts getUpdates out until it is deleted', async (t) => {
    const {sim, call} = await startBench(t);
    await call('setWebhook', {url: 'https://example.org/hook'});
    assert.deepEqual(await call('getUpdates'), {ok: false, error_code: 409, description: active});
    assert.equal((await call('getWebhookInfo')).result.url, 'https://example.org/hook');
    sim.say({chat: ANNA, from: ANNA, text: 'meanwhile'});
    assert.deepEqual(await call('deleteWebhook'), {ok: true, result: true});
    assert.deepEqual(textsOf(await call('getUpdates')), ['meanwhile']);
    assert.deepEqual(sim.violations, []);
  });

  it('ends a held poll', async (t) => {
    const {sim, call} = await startBench(t);
    const poll = call('getUpdates', {timeout: 50});
    await sim.waitFor(() => sim.isPolling());
    await call('setWebhook', {url: 'https://example.org/hook'});
    assert.equal((await poll).description, 'Conflict: terminated by setWebhook request');
  });

  it('drops pending updates where it is told to', async (t) => {
    const {sim, call} = await startBench(t);
    sim.say({chat: ANNA, from: ANNA, text: 'lost'});
    await call('deleteWebhook', {drop_pending_updates: true});
    assert.deepEqual(await call('getUpdates'), {ok: true, result: []});
  });
});
