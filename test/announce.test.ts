import assert from 'node:assert/strict';
import {test} from 'node:test';
import {announce} from '../src/announce.ts';
import {plainText} from '../src/bot/messages/html.ts';
import {render} from '../src/bot/messages/render.ts';
import {cronStretch} from '../src/calendar.ts';
import {Pipeline} from '../src/pipeline.ts';
import type {Message} from '../src/state/vocabulary.ts';
import {configWith, keptLog, newFolder, readerOf, rowsOf, storeIn} from './bot/world.ts';
import {createHandClock} from './support/hand-clock.ts';

test('a release is announced once, also over restarts, and again when it is rolled out again', async (context) => {
  const dataDir = newFolder();
  const clock = createHandClock();
  const elsewhere = {token: '1:a', apiRoot: 'http://127.0.0.1', proxies: [], commands: false, console: 'till-1'};
  const read = readerOf(configWith());
  const told = () =>
    rowsOf(dataDir, "SELECT message FROM outbox WHERE kind = 'notice' ORDER BY id").map(({message}) =>
      plainText(render(JSON.parse(String(message)) as Message, read, clock.now())),
    );
  /** One life of the program. */
  const live = async (version: string, rolledOutAt: number | undefined, config = configWith({telegram: elsewhere})) => {
    const store = storeIn(context, dataDir, clock);
    const pipeline = new Pipeline({config, clock, store, log: keptLog().log, cron: cronStretch, onQueued: () => {}});
    pipeline.start();
    for (const _ of [1, 2]) announce({pipeline, store, clock, version, server: 'till-2'}, config, rolledOutAt);
    pipeline.stop();
    await store.close();
  };
  await live('0.1.0', undefined);
  assert.deepEqual(told(), [], 'a working copy is nobody’s rollout');
  await live('0.1.0', 1);
  await live('0.1.0', 1);
  const first = '🚀 Vakhta 0.1.0 runs here now; orders are taken by till-1 · shop-7';
  assert.deepEqual(told(), [first]);
  await live('0.2.0', 2, configWith());
  await live('0.1.0', 3);
  assert.deepEqual(told(), [first, '🚀 Vakhta 0.2.0 runs here now · shop-7', first]);
});
