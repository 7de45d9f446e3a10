import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {describe, it} from 'node:test';
import type {FlappingSpell, Incident} from '../../src/state/vocabulary.ts';
import {inFolder, START, withStore} from './folder.ts';
import {card, cardMessage, checkState, counter, incident, silence, spell} from './samples.ts';

describe('the state', () => {
  it('counts its transactions, those that waited for the disk apart', () =>
    inFolder((folder) =>
      withStore(folder, ({store}) => {
        const {durable, relaxed} = store.figures().state;
        store.commit({now: START, durable: true});
        store.commit({now: START, durable: false});
        store.commit({now: START, durable: false});
        const after = store.figures().state;
        assert.equal(after.durable.count - durable.count, 1);
        assert.equal(after.relaxed.count - relaxed.count, 2);
      }),
    ));

  it('comes back whole after a restart', () =>
    inFolder(async (folder) => {
      const steep = {changes: 0b1111_0000_1111_0000_1111, last: false, isFlapping: true};
      const open: Incident = {
        ...incident(1, {check: 'terminals', held: 'outside_window', cards: [1]}),
        falseTargets: {listed: [{target: '10.0.0.7', reason: 'no answer', since: START}], count: 1, of: 3},
        acknowledged: {by: {id: 222, name: 'Борис'}, at: START + 1, why: 'смотрю', until: START + 7_200_000},
      };
      const down = checkState({status: false, since: START + 3, downRuns: 7, flap: steep});
      const timed = silence(2, {kind: 'maintenance', what: {kind: 'glob', glob: 'till-*'}, until: START + 0.5});
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
          checkStates: [
            {check: 'api', ...checkState()},
            {check: 'terminals', ...down},
          ],
          silences: [silence(1), timed],
          spells: new Map([['api', spell('api', {held: 'outside_window', until: START + 9})]]),
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
        assert.deepEqual(
          loaded.checkStates,
          new Map([
            ['api', checkState()],
            ['terminals', down],
          ]),
        );
        assert.deepEqual(loaded.silences, [silence(1), timed]);
        assert.deepEqual(loaded.spells, [spell('api', {held: 'outside_window', until: START + 9})]);
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

  it('has the incidents of a check page by page, newest first, also closed ones', () =>
    inFolder((folder) =>
      withStore(folder, ({store}) => {
        const incidents = [1, 2, 3].map((id) => incident(id, {openedAt: START + id, closedAt: START + id + 1}));
        store.commit({now: START, durable: true, incidents: [...incidents, incident(4, {check: 'other'})]});
        const ids = (limit: number, offset: number) => store.incidents('api', {limit, offset}).map(({id}) => id);
        assert.deepEqual([ids(2, 0), ids(2, 2), ids(2, 4)], [[3, 2], [1], []]);
        assert.deepEqual(store.incidents('api', {limit: 1, offset: 0}), [incidents[2]]);
      }),
    ));

  it('never gives an id twice, also when its row is gone', () =>
    inFolder(async (folder) => {
      await withStore(folder, ({store}) => {
        const batch = {now: START, durable: true};
        store.commit({...batch, incidents: [incident(41)], cards: [card(17)], silences: [silence(8)]});
        store.commit({...batch, incidents: [incident(3, {closedAt: START})], silences: [silence(2)]});
      });
      const db = new DatabaseSync(join(folder, 'state.db'));
      db.exec('DELETE FROM incidents; DELETE FROM cards; DELETE FROM card_incidents; DELETE FROM silences');
      db.close();
      await withStore(folder, ({store}) => {
        const {nextIncident, nextCard, nextSilence} = store.load();
        assert.deepEqual([nextIncident, nextCard, nextSilence], [42, 18, 9]);
        // A silence that came and went within one batch is not written, and its id was told to people all the same.
        store.commit({now: START, durable: true, endedSilences: [11]});
        assert.equal(store.load().nextSilence, 12);
      });
    }));

  it('loads no silence that has ended, and keeps it, also when it is written again', () =>
    inFolder((folder) =>
      withStore(folder, ({store}) => {
        store.commit({now: START, durable: true, silences: [silence(1), silence(2), silence(3)], endedSilences: [3]});
        store.commit({now: START + 5, durable: true, endedSilences: [1]});
        store.commit({now: START + 6, durable: true, silences: [silence(1), silence(2)], endedSilences: [1]});
        assert.deepEqual(store.load().silences, [silence(2)]);
        assert.deepEqual(rows(folder, 'SELECT id, ended_at FROM silences'), [
          {id: 1, ended_at: START + 5},
          {id: 2, ended_at: null},
          {id: 3, ended_at: START},
        ]);
      }),
    ));

  it('keeps a spell of flapping in its newest form, until it is over', () =>
    inFolder((folder) =>
      withStore(folder, ({store}) => {
        const commit = (...spells: [string, FlappingSpell | undefined][]) =>
          store.commit({now: START, durable: true, spells: new Map(spells)});
        commit(['api', spell('api', {told: false})], ['till', spell('till')]);
        commit(['api', spell('api', {endedAt: START + 1})]);
        assert.deepEqual(store.load().spells, [spell('api', {endedAt: START + 1}), spell('till')]);
        commit(['api', undefined], ['never', undefined]);
        assert.deepEqual(store.load().spells, [spell('till')]);
      }),
    ));

  it('keeps the last decision on each check, until the check is forgotten', () =>
    inFolder((folder) =>
      withStore(folder, ({store}) => {
        const held = {check: 'api', at: START, decision: 'held', reason: 'silenced'} as const;
        const sent = {...held, at: START + 5, decision: 'sent', reason: 'first'} as const;
        store.commit({now: START, durable: true, verdicts: [held, {...held, check: 'till'}]});
        store.commit({now: START, durable: true, verdicts: [sent]});
        assert.deepEqual(store.load().verdicts, [sent, {...held, check: 'till'}]);
        store.commit({now: START, durable: true, forgotten: [{check: 'api'}, {check: 'till', target: 'x'}]});
        assert.deepEqual(store.load().verdicts, [{...held, check: 'till'}]);
      }),
    ));

  it('forgets a check with all its targets, or one target only', () =>
    inFolder((folder) =>
      withStore(folder, ({store}) => {
        store.commit({
          now: START,
          durable: false,
          counters: ['a', 'b'].flatMap((check) => ['1', '2'].map((target) => ({check, target, counter: counter(1)}))),
          checkStates: ['a', 'b'].map((check) => ({check, ...checkState()})),
          spells: new Map(['a', 'b'].map((check) => [check, spell(check)])),
        });
        store.commit({now: START, durable: false, forgotten: [{check: 'a'}, {check: 'b', target: '2'}]});
        assert.deepEqual(store.load().checks, new Map([['b', new Map([['1', counter(1)]])]]));
        assert.deepEqual([...store.load().checkStates.keys()], ['b']);
        assert.deepEqual(store.load().spells, [spell('b')]);
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
        assert.deepEqual(rows(folder, 'SELECT user_id, order_text FROM audit'), [
          {user_id: 222, order_text: 'ack api'},
        ]);
      }),
    ));

  it('tells the closed incidents of a span page by page, by their end', () =>
    inFolder((folder) =>
      withStore(folder, ({store}) => {
        const acknowledged = {by: {id: 222, name: 'Boris'}, at: START + 5, why: ''};
        const incidents = [
          incident(1, {openedAt: START - 9, closedAt: START}),
          incident(2, {openedAt: START - 9, closedAt: START + 8}),
          incident(3, {openedAt: START + 3, closedAt: START + 8, acknowledged, check: 'web'}),
          incident(4, {openedAt: START - 99}),
          incident(5, {openedAt: START + 100, closedAt: START + 101}),
          incident(6, {openedAt: START - 99, closedAt: START + 1, removed: true}),
        ];
        store.commit({now: START, durable: false, incidents});
        const span = {from: START, to: START + 100};
        const sixth = {id: 6, check: 'api', openedAt: START - 99, closedAt: START + 1, removed: true} as const;
        const second = {id: 2, check: 'api', openedAt: START - 9, closedAt: START + 8};
        const third = {id: 3, check: 'web', openedAt: START + 3, closedAt: START + 8, acknowledgedAt: START + 5};
        assert.deepEqual(store.closedWithin(span, {limit: 9}), [sixth, second, third]);
        assert.deepEqual(store.closedWithin(span, {limit: 1, after: sixth}), [second]);
        assert.deepEqual(store.closedWithin(span, {limit: 9, after: second}), [third]);
        assert.deepEqual(store.closedWithin(span, {limit: 9, after: third}), []);
      }),
    ));

  it('tells when there were maintenances, to their planned end or to the earlier one', () =>
    inFolder((folder) =>
      withStore(folder, ({store}) => {
        const ordered = (id: number, until: number | 'recovered', at = START) =>
          silence(id, {kind: 'maintenance', what: {kind: 'check', name: `check-${id}`}, at, until});
        const silences = [
          silence(1, {until: START + 50}),
          ordered(2, START + 50),
          ordered(3, START + 50),
          ordered(4, 'recovered'),
          ordered(5, START + 500),
          ordered(6, START - 10, START - 20),
        ];
        store.commit({now: START, durable: false, silences});
        store.commit({now: START + 20, durable: false, endedSilences: [3]});
        // The program was not running when it was over.
        store.commit({now: START + 90, durable: false, endedSilences: [2, 6]});
        const found = store.maintenances({from: START - 5, to: START + 100});
        assert.deepEqual(
          found.map(({what, from, to}) => [what.kind === 'check' && what.name, from - START, to - START]),
          [
            ['check-2', 0, 50],
            ['check-3', 0, 20],
            ['check-4', 0, 100],
            ['check-5', 0, 100],
          ],
        );
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

/** What another program sees in the file. */
function rows(folder: string, query: string): unknown[] {
  const reader = new DatabaseSync(join(folder, 'state.db'), {readOnly: true});
  const found = reader.prepare(query).all();
  reader.close();
  return found.map((row) => ({...row}));
}
