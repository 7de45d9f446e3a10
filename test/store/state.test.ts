import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {describe, it} from 'node:test';
import type {Incident} from '../../src/state/vocabulary.ts';
import {inFolder, START, withStore} from './folder.ts';
import {card, cardMessage, counter, incident} from './samples.ts';

describe('the state', () => {
  it('comes back whole after a restart', () =>
    inFolder(async (folder) => {
      const open: Incident = {
        ...incident(1, {check: 'terminals', held: 'outside_window', cards: [1]}),
        falseTargets: {listed: [{target: '10.0.0.7', reason: 'no answer', since: START}], count: 1, of: 3},
        acknowledged: {by: {id: 222, name: 'Борис'}, at: START + 1, why: 'смотрю', until: START + 7_200_000},
      };
      const shown = {...card(1), missed: [incident(7, {closedAt: START})]};
      await withStore(folder, ({store}) => {
        store.commit({
          now: START,
          durable: true,
          counters: [
            {check: 'api', target: '', counter: counter(0)},
            {check: 'terminals', target: '10.0.0.7', counter: counter(4)},
            {check: 'terminals', target: '10.0.0.8', counter: counter(0, {lastResult: 'inconclusive', known: false})},
          ],
          checkStates: [{check: 'terminals', status: false, known: true, since: START + 3}],
          incidents: [open],
          cards: [shown],
        });
      });
      await withStore(folder, ({store}) => {
        const loaded = store.load();
        assert.deepEqual(loaded.checks.get('api'), new Map([['', counter(0)]]));
        assert.deepEqual(
          loaded.checks.get('terminals'),
          new Map([
            ['10.0.0.7', counter(4)],
            ['10.0.0.8', counter(0, {lastResult: 'inconclusive', known: false})],
          ]),
        );
        assert.deepEqual(loaded.checkStates, new Map([['terminals', {status: false, known: true, since: START + 3}]]));
        assert.deepEqual(loaded.incidents, [open]);
        assert.deepEqual(loaded.cards, [shown]);
      });
    }));

  it('loads open incidents, closed ones that are held, and what shares a card with them', () =>
    inFolder((folder) =>
      withStore(folder, ({store}) => {
        const closedAt = START + 60_000;
        store.commit({
          now: START,
          durable: false,
          incidents: [
            incident(1),
            incident(2, {closedAt, held: 'outside_window'}),
            incident(3, {closedAt}), // shares a card with 1
            incident(4, {closedAt}), // shares a card with nobody that matters
          ],
          cards: [card(1, [1, 3]), card(2, [2]), card(3, [3, 1], 'lead'), card(4, [4])],
        });
        const {incidents, cards} = store.load();
        assert.deepEqual(
          incidents.map(({id}) => id),
          [1, 2, 3],
        );
        assert.deepEqual(
          cards.map(({id}) => id),
          [1, 2, 3],
        );
        store.commit({now: START, durable: false, incidents: [incident(1, {closedAt}), incident(2, {closedAt})]});
        assert.deepEqual(store.load().incidents, []);
        assert.deepEqual(store.load().cards, []);
      }),
    ));

  it('never gives an id twice, also when its row is gone', () =>
    inFolder(async (folder) => {
      await withStore(folder, ({store}) => {
        store.commit({now: START, durable: true, incidents: [incident(41)], cards: [card(17)]});
        store.commit({now: START, durable: true, incidents: [incident(3, {closedAt: START})]});
      });
      const db = new DatabaseSync(join(folder, 'state.db'));
      db.exec('DELETE FROM incidents; DELETE FROM cards; DELETE FROM card_incidents');
      db.close();
      await withStore(folder, ({store}) => {
        const {nextIncident, nextCard} = store.load();
        assert.deepEqual({nextIncident, nextCard}, {nextIncident: 42, nextCard: 18});
      });
    }));

  it('forgets a check with all its targets, or one target only', () =>
    inFolder((folder) =>
      withStore(folder, ({store}) => {
        store.commit({
          now: START,
          durable: false,
          counters: ['a', 'b'].flatMap((check) => ['1', '2'].map((target) => ({check, target, counter: counter(1)}))),
          checkStates: ['a', 'b'].map((check) => ({check, status: true, known: true, since: START})),
        });
        store.commit({now: START, durable: false, forgotten: [{check: 'a'}, {check: 'b', target: '2'}]});
        assert.deepEqual(store.load().checks, new Map([['b', new Map([['1', counter(1)]])]]));
        assert.deepEqual([...store.load().checkStates.keys()], ['b']);
      }),
    ));

  it('writes nothing of a commit of which one part cannot be written', () =>
    inFolder((folder) =>
      withStore(folder, ({store}) => {
        const broken = counter(1, {lastResult: 'maybe' as 'ok'});
        const batch = {now: START, durable: true, incidents: [incident(1)], messages: [cardMessage(1)]};
        assert.throws(
          () => store.commit({...batch, counters: [{check: 'api', target: '', counter: broken}], handledUpdate: 5}),
          /CHECK constraint/,
        );
        assert.deepEqual(store.load().incidents, []);
        assert.equal(store.outbox.backlog().rows, 0);
        assert.deepEqual(store.commit({...batch, handledUpdate: 5}), {queued: 1});
        assert.equal(store.telegram.isHandled(5), true);
      }),
    ));

  it('keeps orders, and can be read by another program meanwhile', () =>
    inFolder((folder) =>
      withStore(folder, ({store}) => {
        const entry = {at: START, userId: 222, userName: 'Boris', chatId: -100, order: 'ack api', outcome: 'done'};
        store.commit({now: START, durable: true, audit: entry});
        const reader = new DatabaseSync(join(folder, 'state.db'), {readOnly: true});
        const row = reader.prepare('SELECT user_id, order_text FROM audit').get();
        reader.close();
        assert.deepEqual({...row}, {user_id: 222, order_text: 'ack api'});
      }),
    ));

  it('leaves no log beside the file after a clean stop', () =>
    inFolder(async (folder) => {
      await withStore(folder, ({store}) => {
        store.commit({now: START, durable: false, incidents: [incident(1)]});
      });
      assert.throws(() => readFileSync(join(folder, 'state.db-wal')), /ENOENT/);
      assert.throws(() => readFileSync(join(folder, 'history.db-wal')), /ENOENT/);
    }));
});
