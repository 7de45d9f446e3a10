import assert from 'node:assert/strict';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {describe, type TestContext, test} from 'node:test';
import type {Update} from 'telegraf/types';
import {type Simulator, startSimulator} from '../../../mocks/telegram/simulator.ts';
import {OpsTelegram} from '../../../src/bot/telegram/api.ts';
import {pollUpdates} from '../../../src/bot/telegram/updates.ts';
import type {Store} from '../../../src/store/store.ts';
import {createHandClock, type HandClock, settle} from '../../support/hand-clock.ts';
import {ANNA, BORIS, keptLog, type LogLine, newFolder, storeIn} from '../world.ts';

interface Bench {
  readonly telegram: Simulator;
  readonly clock: HandClock;
  readonly store: Store;
  readonly lines: LogLine[];
  /** Texts, in the order in which their handlers ended. */
  readonly handled: string[];
  readonly say: (text: string, from?: number) => void;
  /** Polls until the test ends or `stop` is called. */
  readonly poll: (handle?: (text: string) => Promise<void> | void) => Polling;
}

interface Polling {
  readonly ended: Promise<'stopped' | 'unauthorized'>;
  stop(): Promise<'stopped' | 'unauthorized'>;
}

async function startBench(context: TestContext, token?: string): Promise<Bench> {
  const telegram = await startSimulator({limits: false, conflictDelayMs: 0});
  telegram.addUser({id: ANNA, first_name: 'Anna'});
  telegram.addUser({id: BORIS, first_name: 'Boris'});
  const clock = createHandClock();
  const api = new OpsTelegram({token: token ?? telegram.token, apiRoot: telegram.apiRoot, clock});
  // The store's timers are no concern of these tests.
  const store = storeIn(context, newFolder(), createHandClock());
  const {log, lines} = keptLog();
  const handled: string[] = [];
  const started: Polling[] = [];
  const poll: Bench['poll'] = (handle) => {
    const stopping = new AbortController();
    const serve = async (update: Update) => {
      await handle?.(textOf(update));
      handled.push(textOf(update));
    };
    const ended = pollUpdates({api, tables: store.telegram, clock, log, handle: serve, signal: stopping.signal});
    const polling: Polling = {
      ended,
      stop: () => {
        stopping.abort();
        return ended;
      },
    };
    started.push(polling);
    return polling;
  };
  context.after(async () => {
    await Promise.all(started.map((polling) => polling.stop()));
    await api.hangUp();
    await telegram.stop();
    await store.close();
  });
  const say: Bench['say'] = (text, from = ANNA) => void telegram.say({chat: from, from, text});
  return {telegram, clock, store, lines, handled, say, poll};
}

function textOf(update: Update): string {
  return 'message' in update && 'text' in update.message ? update.message.text : '';
}

/** Lets so much time pass at each look. */
function passing(clock: HandClock, ms: number, holds: () => boolean): () => boolean {
  return () => {
    void clock.advance(ms);
    return holds();
  };
}

function gate(): {readonly opened: Promise<void>; open(): void} {
  const {promise, resolve} = Promise.withResolvers<void>();
  return {opened: promise, open: resolve};
}

describe('taking updates', () => {
  test('each is handled once, in the order of its chat, and confirmed', async (context) => {
    const {telegram, handled, say, poll} = await startBench(context);
    for (const text of ['1', '2', '3']) say(text);
    poll();
    await telegram.waitFor(() => handled.length === 3);
    say('4');
    await telegram.waitFor(() => handled.length === 4 && telegram.pendingUpdates() === 0);
    assert.deepEqual(handled, ['1', '2', '3', '4']);
    assert.deepEqual(telegram.violations, []);
  });

  test('asks for messages, buttons and reactions only', async (context) => {
    const {telegram, poll} = await startBench(context);
    poll();
    await telegram.waitFor(() => telegram.isPolling());
    assert.deepEqual(telegram.requests[0]?.params.allowed_updates, ['message', 'callback_query', 'message_reaction']);
  });

  test('a slow handler delays its own chat and no other', async (context) => {
    const {telegram, clock, handled, say, poll} = await startBench(context);
    const slow = gate();
    poll(async (text) => {
      if (text === 'slow') await slow.opened;
    });
    say('slow');
    say('behind it');
    say('elsewhere', BORIS);
    await telegram.waitFor(() => handled.length === 1);
    assert.deepEqual(handled, ['elsewhere']);
    say('elsewhere, later', BORIS);
    await telegram.waitFor(passing(clock, 250, () => handled.length === 2));
    assert.deepEqual(handled, ['elsewhere', 'elsewhere, later']);
    slow.open();
    await telegram.waitFor(() => handled.length === 4);
    assert.deepEqual(handled.slice(2), ['slow', 'behind it']);
  });

  test('nothing is confirmed before it is handled, and a busy loop does not hammer Telegram', async (context) => {
    const {telegram, clock, store, handled, say, poll} = await startBench(context);
    const slow = gate();
    poll(() => slow.opened);
    say('slow');
    await telegram.waitFor(() => telegram.requests[0]?.answer !== undefined);
    for (let polls = 0; polls < 3; polls++) {
      await clock.advance(250);
      await telegram.waitFor(() => telegram.requests.every(({answer}) => answer));
    }
    await settle();
    assert.ok(telegram.requests.length <= 4, `${telegram.requests.length} requests in 750 ms`);
    assert.equal(telegram.pendingUpdates(), 1);
    assert.ok(store.telegram.offset() <= 1_000);
    slow.open();
    await telegram.waitFor(() => telegram.pendingUpdates() === 0);
    assert.deepEqual(handled, ['slow']);
    assert.equal(store.telegram.offset(), 1_001);
  });

  test('a handler that throws loses its own update only, and the log says so', async (context) => {
    const {telegram, handled, lines, say, poll} = await startBench(context);
    poll((text) => {
      if (text === 'bad') throw new Error('a bug');
    });
    for (const text of ['bad', 'good']) say(text);
    await telegram.waitFor(() => handled.length === 1 && telegram.pendingUpdates() === 0);
    assert.deepEqual(handled, ['good']);
    assert.equal(lines.filter(({msg}) => msg.includes('a handler failed')).length, 1);
  });

  test('an update that comes again after it was handled does nothing', async (context) => {
    const {telegram, store, handled, say, poll} = await startBench(context);
    store.telegram.markHandled(1_000);
    say('handled before the crash');
    say('new');
    poll();
    await telegram.waitFor(() => telegram.pendingUpdates() === 0);
    assert.deepEqual(handled, ['new']);
  });

  test('what was fetched and not begun when it stops comes again at the next start', async (context) => {
    const {telegram, handled, say, poll} = await startBench(context);
    const slow = gate();
    let begun = 0;
    for (const text of ['begun', 'not begun']) say(text);
    const first = poll(() => {
      begun++;
      return slow.opened;
    });
    await telegram.waitFor(() => begun === 1 || void settle());
    const stopped = first.stop();
    slow.open();
    assert.equal(await stopped, 'stopped');
    assert.deepEqual(handled, ['begun']);
    poll();
    await telegram.waitFor(() => handled.length === 2 && telegram.pendingUpdates() === 0);
    assert.deepEqual(handled, ['begun', 'not begun']);
  });

  test('after a restart it goes on where it was', async (context) => {
    const {telegram, handled, say, poll} = await startBench(context);
    say('before');
    const first = poll();
    await telegram.waitFor(() => handled.length === 1);
    assert.equal(await first.stop(), 'stopped');
    say('meanwhile');
    poll();
    await telegram.waitFor(() => handled.length === 2 && telegram.pendingUpdates() === 0);
    assert.deepEqual(handled, ['before', 'meanwhile']);
  });
});

test('ids that went back, as after a quiet week, are followed instead of being asked for in a circle', async (context) => {
  const {offsets, root} = await officialQueue(context, 5);
  const api = new OpsTelegram({token: '1:x', apiRoot: root, clock: createHandClock()});
  const store = storeIn(context, newFolder(), createHandClock());
  store.telegram.setOffset(1_000_000);
  const handled: number[] = [];
  const {promise: twice, resolve} = Promise.withResolvers<void>();
  const handle = async (update: Update) => {
    handled.push(update.update_id);
    if (handled.length === 2) resolve();
  };
  const stopping = new AbortController();
  const clock = createHandClock();
  const {log} = keptLog();
  const ended = pollUpdates({api, tables: store.telegram, clock, log, handle, signal: stopping.signal});
  await twice;
  await settle();
  stopping.abort();
  await ended;
  await api.hangUp();
  assert.deepEqual(handled, [5, 6]);
  assert.deepEqual(offsets.slice(0, 2), [1_000_000, 6]);
  assert.ok(offsets.length <= 3, `asked with ${offsets}`);
});

/** Answers as the official server does: an offset beyond the newest update means the oldest. Two updates, one after the other. */
async function officialQueue(context: TestContext, first: number): Promise<{offsets: number[]; root: string}> {
  const offsets: number[] = [];
  const server = createServer(async (request, response) => {
    const {offset} = JSON.parse(Buffer.concat(await request.toArray()).toString());
    offsets.push(offset);
    const known = offsets.length === 1 ? [first] : [first, first + 1];
    const wanted = offset > first + 2 ? known : known.filter((id) => id >= offset);
    const chat = {id: ANNA, type: 'private', first_name: 'Anna'};
    const result = wanted.map((id) => ({update_id: id, message: {message_id: id, date: 0, chat, text: 'x'}}));
    if (result.length > 0) response.end(JSON.stringify({ok: true, result}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return {offsets, root: `http://127.0.0.1:${(server.address() as AddressInfo).port}`};
}

describe('when polling goes wrong', () => {
  test('another poller is named in the log, and polling goes on', async (context) => {
    const {telegram, clock, lines, handled, say, poll} = await startBench(context);
    telegram.fault({kind: 'error', method: 'getUpdates', times: 1, code: 409, description: 'Conflict: terminated'});
    poll();
    await telegram.waitFor(() => lines.some(({msg}) => /another program polls with this token/.test(msg)));
    say('still here');
    await clock.advance(1_000);
    await telegram.waitFor(() => handled.length === 1);
  });

  test('a webhook is removed', async (context) => {
    const {telegram, clock, lines, handled, say, poll} = await startBench(context);
    await fetch(`${telegram.apiRoot}/bot${telegram.token}/setWebhook?url=https://example.org/hook`);
    say('hello');
    poll();
    await telegram.waitFor(() => telegram.requests.some(({method}) => method === 'deleteWebhook'));
    await telegram.waitFor(passing(clock, 1_000, () => handled.length === 1));
    assert.ok(lines.some(({msg}) => /had a webhook/.test(msg)));
  });

  test('an unknown token ends it with a clear line in the log', async (context) => {
    const {lines, poll} = await startBench(context, '1:wrong');
    assert.equal(await poll().ended, 'unauthorized');
    assert.match(lines.at(-1)?.msg ?? '', /does not know this bot token.*telegram\.token/);
  });

  test('an outage is waited out, ever longer but no longer than 30 s', async (context) => {
    const {telegram, clock, lines, handled, say, poll} = await startBench(context);
    const fault = telegram.fault({kind: 'html', method: 'getUpdates'});
    poll();
    await telegram.waitFor(() => fault.hits === 1);
    for (const waitMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      const {hits} = fault;
      await telegram.waitFor(() => clock.waiting() === 1 && lines.length === fault.hits, {what: 'the pause'});
      await clock.advance(waitMs - 1);
      assert.equal(fault.hits, hits, `within ${waitMs} ms nothing is asked`);
      await clock.advance(1);
      await telegram.waitFor(() => fault.hits === hits + 1, {what: `a try after ${waitMs} ms`});
    }
    telegram.clearFaults();
    say('back');
    await telegram.waitFor(passing(clock, 30_000, () => handled.length === 1));
  });

  test('retry_after is obeyed', async (context) => {
    const {telegram, clock, lines, poll} = await startBench(context);
    const parameters = {retry_after: 77};
    telegram.fault({kind: 'error', method: 'getUpdates', times: 1, code: 429, parameters});
    poll();
    await telegram.waitFor(() => lines.length === 1 && clock.waiting() === 1);
    await clock.advance(76_999);
    assert.equal(telegram.requests.length, 1);
    await clock.advance(1);
    await telegram.waitFor(() => telegram.requests.length === 2);
  });

  test('stopping ends a held poll at once', async (context) => {
    const {telegram, clock, poll} = await startBench(context);
    const polling = poll();
    await telegram.waitFor(() => telegram.isPolling());
    assert.equal(await polling.stop(), 'stopped');
    assert.equal(clock.waiting(), 0);
    await telegram.waitFor(() => !telegram.isPolling());
  });

  test('stopping in a pause ends it at once', async (context) => {
    const {telegram, clock, poll} = await startBench(context);
    telegram.fault({kind: 'html'});
    const polling = poll();
    await telegram.waitFor(() => clock.waiting() === 1 && telegram.requests.length === 1);
    assert.equal(await polling.stop(), 'stopped');
    assert.equal(clock.waiting(), 0);
  });
});
