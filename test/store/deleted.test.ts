import assert from 'node:assert/strict';
import {existsSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {setImmediate} from 'node:timers/promises';
import {inFolder, START, withStore} from './folder.ts';
import {card, cardMessage, incident, observation} from './samples.ts';

function numbered(n: number) {
  return {now: START, durable: true, incidents: [incident(n)], cards: [card(n)], messages: [cardMessage(n)]};
}

test('a data folder that is deleted under the store is noticed, and everything known is written again', () =>
  inFolder(async (outer) => {
    const folder = join(outer, 'data');
    await withStore(folder, async ({store, clock, notices}) => {
      store.commit(numbered(1));
      rmSync(folder, {recursive: true});
      store.commit(numbered(2));
      await setImmediate();
      assert.deepEqual(
        notices.map(({code}) => code),
        ['store_in_memory'],
      );
      assert.match(notices[0]?.detail ?? '', /it was deleted/);
      assert.equal(store.load().incidents.length, 2);
      clock.advance(60_000);
      await setImmediate();
      assert.equal(notices[1]?.code, 'store_back_on_disk');
      assert.ok(existsSync(join(folder, 'state.db')));
      store.commit(numbered(3));
    });
    await withStore(folder, ({store}) => assert.equal(store.load().incidents.length, 3));
  }));

test('a data folder that is deleted gets a history again, with what is observed from then on', () =>
  inFolder(async (outer) => {
    const folder = join(outer, 'data');
    const everything = {check: 'api', from: 0, to: START + 1_000};
    await withStore(folder, async ({store: {history}}) => {
      history.record([observation(START)]);
      assert.equal((await history.raw(everything)).length, 1);
      rmSync(folder, {recursive: true});
      history.record([observation(START + 1)]);
      assert.deepEqual(
        (await history.raw(everything)).map(({at}) => at),
        [START + 1],
      );
      assert.ok(existsSync(join(folder, 'history.db')));
    });
  }));

test('what the last try at the end has to tell is written down, for the next start to send', () =>
  inFolder(async (outer) => {
    const folder = join(outer, 'data');
    await withStore(folder, async ({store}) => {
      store.onNotice((code, detail) => {
        const notice = {kind: 'notice', channel: 'ops', reason: 'notice', code, detail} as const;
        store.commit({now: START, durable: true, messages: [notice]});
      });
      rmSync(folder, {recursive: true});
      store.commit({now: START, durable: true, messages: []});
      await setImmediate();
    });
    await withStore(folder, ({store}) => {
      assert.equal(store.outbox.backlog().rows, 2);
    });
  }));
