import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import type {Message} from '../../src/state/vocabulary.ts';
import type {Store} from '../../src/store/store.ts';
import {inFolder, START, withStore} from './folder.ts';
import {cardMessage, edit, incident} from './samples.ts';

const recovery = (id: number): Message => ({
  kind: 'recovery',
  channel: 'ops',
  reason: 'recovered',
  card: id,
  incidents: [incident(id)],
  more: 0,
});
const reply: Message = {kind: 'reply', channel: '', reason: 'reply', to: {chatId: -100, replyTo: 5}, html: '<b>ok</b>'};

describe('the outbox', () => {
  it('serves each lane in the order in which its messages came', () =>
    inStore((store) => {
      queue(store, cardMessage(1), reply, cardMessage(2, {channel: 'desk'}), edit(1, 'x'));
      assert.deepEqual(store.outbox.lanes(), [
        {lane: 'chat:-100', dueAt: START},
        {lane: 'desk', dueAt: START},
        {lane: 'ops', dueAt: START},
      ]);
      assert.deepEqual(take(store, 'ops'), cardMessage(1));
      assert.deepEqual(take(store, 'ops'), edit(1, 'x'));
      assert.equal(take(store, 'ops'), undefined);
      assert.deepEqual(take(store, 'chat:-100'), reply);
      assert.deepEqual(store.outbox.backlog(), {rows: 1, oldestAt: START});
      assert.deepEqual(take(store, 'desk'), cardMessage(2, {channel: 'desk'}));
      assert.deepEqual(store.outbox.lanes(), []);
      assert.deepEqual(store.outbox.backlog(), {rows: 0});
    }));

  it('counts what waits in all lanes, or in one', () =>
    inStore((store) => {
      queue(store, cardMessage(1));
      store.commit({now: START + 5, durable: true, messages: [cardMessage(2, {channel: 'desk'})]});
      assert.deepEqual(store.outbox.backlog(), {rows: 2, oldestAt: START});
      assert.deepEqual(store.outbox.backlog('desk'), {rows: 1, oldestAt: START + 5});
      assert.deepEqual(store.outbox.backlog('lead'), {rows: 0});
    }));

  it('says from when a lane may be served: its first row and what Telegram asked for', () =>
    inStore((store) => {
      queue(store, cardMessage(1));
      store.outbox.retry(1, START + 5_000, 'HTTP 502');
      assert.deepEqual(store.outbox.lanes(), [{lane: 'ops', dueAt: START + 5_000}]);
      store.telegram.block('ops', START + 9_000);
      assert.deepEqual(store.outbox.lanes(), [{lane: 'ops', dueAt: START + 9_000}]);
      // Once it has passed it is forgotten, or it would come back when the wall clock is set back.
      store.outbox.lease(1, START + 9_000);
      assert.equal(store.telegram.blockedUntil('ops'), 0);
    }));

  it('serves what is set aside when nothing else waits, the one whose time comes first, also after a restart', () =>
    inFolder(async (folder) => {
      await withStore(folder, ({store}) => {
        queue(store, cardMessage(1), cardMessage(2), cardMessage(3));
        store.outbox.lease(1, START);
        store.outbox.setAside(1, START + 9_000, 'HTTP 400');
        store.outbox.setAside(2, START + 7_000, 'HTTP 400');
        assert.deepEqual([store.outbox.first('ops')?.id, store.outbox.waiting('ops', 9).length], [3, 1]);
        assert.deepEqual(store.outbox.lanes(), [{lane: 'ops', dueAt: START}]);
        store.outbox.sent(3, {now: START});
      });
      await withStore(folder, ({store}) => {
        assert.deepEqual([store.outbox.first('ops')?.id, store.outbox.waiting('ops', 9)], [2, []]);
        assert.deepEqual(store.outbox.lanes(), [{lane: 'ops', dueAt: START + 7_000}]);
        assert.equal(store.outbox.backlog().rows, 2);
      });
    }));

  it('doubts a row that was leased and not marked, and one whose connection broke', () =>
    inStore((store) => {
      queue(store, cardMessage(1));
      const {outbox} = store;
      assert.equal(outbox.first('ops')?.inDoubt, false);
      outbox.lease(1, START);
      assert.equal(outbox.first('ops')?.inDoubt, true);
      outbox.retry(1, START, 'refused');
      assert.deepEqual([outbox.first('ops')?.inDoubt, outbox.first('ops')?.attempts], [false, 1]);
      outbox.lease(1, START);
      outbox.doubt(1, START, 'reset');
      assert.equal(outbox.first('ops')?.inDoubt, true);
      // The second try certainly failed, but the first may still have been delivered.
      outbox.lease(1, START);
      outbox.retry(1, START, 'HTTP 429');
      assert.deepEqual([outbox.first('ops')?.inDoubt, outbox.first('ops')?.attempts], [true, 3]);
    }));

  it('doubts what was being sent when the program ended', () =>
    inFolder(async (folder) => {
      await withStore(folder, ({store}) => {
        queue(store, cardMessage(1), cardMessage(2));
        store.outbox.lease(1, START);
      });
      await withStore(folder, ({store}) => {
        assert.equal(store.outbox.first('ops')?.inDoubt, true);
        store.outbox.sent(1, {now: START});
        assert.equal(store.outbox.first('ops')?.inDoubt, false);
      });
    }));

  it('remembers the message that shows a card, not the recovery under it', () =>
    inStore(({outbox, ...store}) => {
      queue({...store, outbox}, cardMessage(1), recovery(1), cardMessage(2, {channel: 'desk'}));
      outbox.sent(1, {now: START, chatId: -100, messageId: 70});
      outbox.sent(2, {now: START, chatId: -100, messageId: 71});
      outbox.sent(3, {now: START});
      assert.deepEqual(outbox.cardMessage(1, 'ops'), {chatId: -100, messageId: 70});
      assert.equal(outbox.cardMessage(1, 'desk'), undefined);
      assert.equal(outbox.cardMessage(2, 'desk'), undefined);
    }));

  it('lets a card that waited leave in its newest state, also if the program dies on the way', () =>
    inFolder(async (folder) => {
      await withStore(folder, ({store}) => {
        queue(store, cardMessage(1), recovery(1), edit(2, 'other'), edit(1, 'newest'));
        assert.deepEqual(store.outbox.takeEdits('ops', 1, START), edit(1, 'newest'));
        store.outbox.lease(1, START);
      });
      await withStore(folder, ({store}) => {
        const row = store.outbox.first('ops');
        assert.deepEqual(row?.message, cardMessage(1, {incidents: [incident(1, {reason: 'newest'})]}));
        assert.equal(row?.inDoubt, true);
        store.outbox.sent(1, {now: START});
        assert.deepEqual(take(store, 'ops'), recovery(1));
        assert.deepEqual(take(store, 'ops'), edit(2, 'other'));
        assert.equal(take(store, 'ops'), undefined);
      });
    }));

  it('keeps of several answers that take the place of one message the last, until it is sent', () =>
    inStore((store) => {
      const page = (html: string, edits: number | string): Message => ({...reply, to: {chatId: -100, edits}, html});
      queue(store, page('1', 7), page('other', 8), page('2', 7), page('ticket', 't'), page('3', 7));
      assert.deepEqual(
        store.outbox.waiting('chat:-100', 9).map(({message}) => message.kind === 'reply' && message.html),
        ['3', 'other', 'ticket'],
      );
      const [first] = store.outbox.waiting('chat:-100', 1);
      store.outbox.lease(first?.id ?? 0, START);
      queue(store, page('4', 7));
      assert.equal(store.outbox.waiting('chat:-100', 9).length, 4);
    }));

  it('keeps the first of several edits, with the newest content, until it is sent', () =>
    inStore((store) => {
      queue(store, edit(1, 'a'));
      store.outbox.lease(1, START);
      queue(store, edit(1, 'b'));
      assert.equal(store.outbox.backlog().rows, 2);
      assert.deepEqual(store.outbox.takeEdits('ops', 1, START), edit(1, 'b'));
      assert.deepEqual(store.outbox.backlog().rows, 1);
      assert.deepEqual(store.outbox.takeEdits('ops', 1, START), edit(1, 'b'));
      assert.deepEqual(take(store, 'ops'), edit(1, 'b'));
      assert.equal(store.outbox.takeEdits('ops', 1, START), undefined);
    }));

  it('holds one waiting edit of a card, however often it changes, in the place and with the age of the first', () =>
    inStore((store) => {
      queue(store, cardMessage(2), edit(1, 'first'), recovery(1), edit(1, 'x', 'desk'));
      const edits = Array.from({length: 10_000}, (_, n) => edit(1, `change ${n}`));
      store.commit({now: START + 60_000, durable: true, messages: edits});
      assert.deepEqual(store.outbox.backlog(), {rows: 4, oldestAt: START});
      assert.deepEqual(take(store, 'ops'), cardMessage(2));
      assert.equal(store.outbox.first('ops')?.createdAt, START);
      assert.deepEqual(take(store, 'ops'), edit(1, 'change 9999'));
      assert.deepEqual(take(store, 'ops'), recovery(1));
      assert.equal(take(store, 'ops'), undefined);
      assert.deepEqual(take(store, 'desk'), edit(1, 'x', 'desk'));
    }));

  it('leaves an edit as it is that may have been delivered, and puts the next one behind it', () =>
    inStore((store) => {
      queue(store, edit(1, 'a'));
      store.outbox.lease(1, START);
      store.outbox.retry(1, START, 'HTTP 429');
      queue(store, edit(1, 'b'), edit(1, 'c'));
      assert.deepEqual(take(store, 'ops'), edit(1, 'a'));
      assert.deepEqual(take(store, 'ops'), edit(1, 'c'));
      assert.equal(take(store, 'ops'), undefined);
    }));

  it('moves a refused message to another channel, with its age', () =>
    inStore((store) => {
      queue(store, cardMessage(1));
      store.outbox.lease(1, START);
      store.outbox.refuse(1, {now: START + 9, error: 'chat not found', moved: cardMessage(1, {channel: 'desk'})});
      assert.equal(store.outbox.first('ops'), undefined);
      const row = store.outbox.first('desk');
      assert.deepEqual(row?.message, cardMessage(1, {channel: 'desk'}));
      assert.deepEqual([row?.createdAt, row?.dueAt, row?.inDoubt, row?.attempts], [START, START + 9, false, 0]);
    }));

  it('moves nothing to the channel that has just refused it', () =>
    inStore((store) => {
      queue(store, cardMessage(1));
      store.outbox.refuse(1, {now: START, error: 'chat not found', moved: cardMessage(1)});
      assert.deepEqual(store.outbox.lanes(), []);
    }));

  it('deletes old delivered rows and never an undelivered one, nor gives an id again', () =>
    inFolder(async (folder) => {
      await withStore(folder, ({store}) => {
        queue(store, cardMessage(1), cardMessage(2), cardMessage(3));
        store.outbox.sent(2, {now: START});
        store.outbox.sent(3, {now: START + 10});
        store.outbox.prune(START + 11);
        assert.equal(store.outbox.first('ops')?.id, 1);
      });
      await withStore(folder, ({store}) => {
        store.outbox.sent(1, {now: START});
        queue(store, cardMessage(4));
        assert.equal(store.outbox.first('ops')?.id, 4);
      });
    }));

  it('finds the next row as quickly among 100,000 waiting ones (printed)', (t) =>
    inStore((store) => {
      const messages = Array.from({length: 100_000}, (_, n) => cardMessage(n, {channel: `lane-${n % 3}`}));
      store.commit({now: START, durable: false, messages});
      for (const call of ['lanes', 'first', 'backlog'] as const) {
        const began = performance.now();
        for (let n = 0; n < 100; n++) store.outbox[call]('lane-2');
        t.diagnostic(`${call} among 100,000 rows: ${((performance.now() - began) * 10).toFixed(0)} µs`);
      }
      assert.equal(store.outbox.first('lane-2')?.id, 3);
      assert.equal(store.outbox.lanes().length, 3);
      assert.equal(store.outbox.backlog().rows, 100_000);
    }));
});

function inStore(use: (store: Store) => void): Promise<void> {
  return inFolder((folder) => withStore(folder, ({store}) => use(store)));
}

function queue(store: Store, ...messages: Message[]): void {
  store.commit({now: START, durable: true, messages});
}

/** Delivers the lane's first row. */
function take(store: Store, lane: string): Message | undefined {
  const row = store.outbox.first(lane);
  if (row) store.outbox.sent(row.id, {now: START});
  return row?.message;
}
