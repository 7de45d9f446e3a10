import assert from 'node:assert/strict';
import {join} from 'node:path';
import {describe, it} from 'node:test';
import type {Observation} from '../../src/state/vocabulary.ts';
import {glance, history} from '../../src/store/beside.ts';
import {StoreRefused} from '../../src/store/sickness.ts';
import {DAY, inFolder, openIn, START} from './folder.ts';
import {cardMessage, counter, incident, observation} from './samples.ts';

describe('the store seen from beside the program that owns it', () => {
  it('has the state of a moment ago, and follows it', () =>
    inFolder(async (folder) => {
      const {store} = openIn(folder);
      const counters = [{check: 'api', target: '', counter: counter(4)}];
      store.commit({now: START, durable: false, counters, incidents: [incident(1)], messages: [cardMessage(1)]});
      store.telegram.markDead('desk', START, 'bot was kicked');
      const seen = glance(folder);
      assert.deepEqual(seen.loaded, store.load());
      assert.deepEqual(seen.backlog('ops'), {rows: 1, oldestAt: START});
      assert.deepEqual(seen.deadChannels(), [{channel: 'desk', since: START, error: 'bot was kicked'}]);
      seen.close();
      store.commit({now: START, durable: true, incidents: [incident(2)]});
      const later = glance(folder);
      assert.equal(later.loaded.incidents.length, 2);
      later.close();
      await store.close();
      const after = glance(folder);
      assert.equal(after.loaded.incidents.length, 2);
      after.close();
    }));

  it('has the raw history of all series in the order of time, however it is sliced', () =>
    inFolder(async (folder) => {
      const {store} = openIn(folder);
      // Every 7 minutes, by three subjects, over slices of 10 minutes.
      const made: Observation[] = Array.from({length: 60}, (_, n) => n).flatMap((n) => [
        observation(START + n * 420_000, {reason: n % 2 ? 'HTTP 503' : '', result: n % 2 ? 'failed' : 'ok'}),
        observation(START + n * 420_000, {check: 'tills', target: '10.0.0.1', result: 'inconclusive'}),
        observation(START + n * 420_000 + 1, {check: 'tills', target: '10.0.0.2', values: {loss_percent: 5}}),
      ]);
      store.history.record(made);
      await store.history.raw({check: 'api', from: START, to: START + DAY});
      const seen = [...history(folder, {from: START, to: START + DAY})];
      const key = ({at, check, target = ''}: Observation) => `${at} ${check} ${target}`;
      assert.deepEqual(seen.map(key), made.map(key));
      assert.deepEqual(seen.slice(0, 6), made.slice(0, 6));
      const some = [...history(folder, {from: START + 420_000, to: START + 420_001})];
      assert.deepEqual(some, made.slice(3, 5));
      await store.close();
    }));

  it('costs no time where nothing was kept, however long the span', () =>
    inFolder(async (folder) => {
      const {store} = openIn(folder);
      const made = [observation(START), observation(START + 400 * DAY), observation(START + 400 * DAY + 600_001)];
      store.history.record(made);
      await store.history.raw({check: 'api', from: START, to: START + DAY});
      // A slice at a time, this would take a day.
      const span = {from: START - 99_999_999 * DAY, to: START + 99_999_999 * DAY};
      assert.deepEqual([...history(folder, span)], made);
      assert.deepEqual([...history(folder, {from: START + 1, to: START + 2})], []);
      await store.close();
    }));

  it('is refused with the cure where there is nothing', () =>
    inFolder((folder) => {
      const refused = (work: () => unknown) =>
        assert.throws(work, (error) => error instanceof StoreRefused && /is not there: .*data_dir/.test(error.message));
      refused(() => glance(folder));
      refused(() => [...history(join(folder, 'deeper'), {from: 0, to: 1})]);
    }));
});
