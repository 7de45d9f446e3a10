import assert from 'node:assert/strict';
import {test} from 'node:test';
import {plainText} from '../src/bot/messages/html.ts';
import {render} from '../src/bot/messages/render.ts';
import {cronStretch} from '../src/calendar.ts';
import {Pipeline} from '../src/pipeline.ts';
import type {Message} from '../src/state/vocabulary.ts';
import {configWith, keptLog, newFolder, readerOf, rowsOf, storeIn} from './bot/world.ts';
import {createHandClock} from './support/hand-clock.ts';

test('a release is announced once, also over restarts, and again when it is another one', async (context) => {
  const dataDir = newFolder();
  const clock = createHandClock();
  const config = configWith();
  const told = () =>
    rowsOf(dataDir, "SELECT message FROM outbox WHERE kind = 'notice' ORDER BY id").map(({message}) =>
      plainText(render(JSON.parse(String(message)) as Message, readerOf(config), clock.now())),
    );
  /** One life of the program, in which it says this much. */
  const live = async (...said: readonly (readonly [release: string, detail: string])[]) => {
    const store = storeIn(context, dataDir, clock);
    const {log} = keptLog();
    const pipeline = new Pipeline({config, clock, store, log, cron: cronStretch, onQueued: () => {}});
    pipeline.start();
    for (const [release, detail] of said) pipeline.announce(release, detail);
    pipeline.stop();
    pipeline.announce('too late', 'too late');
    await store.close();
  };
  await live(['0.1.0 till-2', '0.1.0\ntill-1'], ['0.1.0 till-2', '0.1.0\ntill-1']);
  await live(['0.1.0 till-2', '0.1.0\ntill-1']);
  const first = '🚀 Vakhta 0.1.0 runs here now; orders are taken by till-1 · shop-7';
  assert.deepEqual(told(), [first]);
  await live(['0.2.0 till-2', '0.2.0']);
  await live(['0.1.0 till-2', '0.1.0\ntill-1']);
  assert.deepEqual(told(), [first, '🚀 Vakhta 0.2.0 runs here now · shop-7', first]);
});
