import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {createClock} from '../../src/clock.ts';
import {openStore} from '../../src/store/open.ts';
import type {Button, Store} from '../../src/store/store.ts';
import {inFolder, START, withStore} from './folder.ts';

const button: Button = {
  ...{id: 'k3y', command: 'ack', text: 'api', show: 'toast', once: true},
  ...{card: 1, chatId: -100, expiresAt: START + 1_000},
};

describe("Telegram's tables", () => {
  it('are the same after a restart', () =>
    inFolder(async (folder) => {
      await withStore(folder, ({store: {telegram}}) => {
        telegram.setOffset(4_294_967_301);
        telegram.markHandled(9);
        telegram.migrateChat(-5, -1_001_234_567_890);
        telegram.block('ops', START + 30_000);
        telegram.markDead('lead', START, 'Forbidden: bot was blocked by the user');
        telegram.createButton(button);
        telegram.bindButton('k3y', 77);
      });
      await withStore(folder, ({store: {telegram}}) => {
        assert.equal(telegram.offset(), 4_294_967_301);
        assert.deepEqual([telegram.isHandled(9), telegram.isHandled(8)], [true, false]);
        assert.deepEqual([telegram.currentChatId(-5), telegram.currentChatId(-6)], [-1_001_234_567_890, -6]);
        assert.deepEqual([telegram.blockedUntil('ops'), telegram.blockedUntil('desk')], [START + 30_000, 0]);
        assert.deepEqual(telegram.deadChannels(), [
          {channel: 'lead', since: START, error: 'Forbidden: bot was blocked by the user'},
        ]);
        assert.deepEqual(telegram.button('k3y'), {...button, messageId: 77});
      });
    }));

  it('start at offset 0, with nothing handled', () =>
    inTables((telegram) => {
      assert.equal(telegram.offset(), 0);
      assert.equal(telegram.isHandled(0), false);
      assert.equal(telegram.button('k3y'), undefined);
    }));

  it('do not take a lower update id for a handled one: Telegram starts again at random', () =>
    inTables((telegram) => {
      telegram.setOffset(1_000);
      assert.equal(telegram.isHandled(999), false);
      telegram.setOffset(20);
      assert.equal(telegram.offset(), 20);
    }));

  it('forget handled updates beyond the newest 10,000', () =>
    inTables((telegram) => {
      for (let id = 1; id <= 10_005; id++) telegram.markHandled(id);
      telegram.markHandled(10_005);
      assert.deepEqual([5, 6, 10_005].map(telegram.isHandled), [false, true, true]);
    }));

  it('follow a chat that moved twice, and one that moved back', () =>
    inTables((telegram) => {
      telegram.migrateChat(-1, -2);
      telegram.migrateChat(-2, -3);
      assert.deepEqual([-1, -2, -3].map(telegram.currentChatId), [-3, -3, -3]);
      telegram.migrateChat(-3, -1);
      assert.deepEqual([-1, -2, -3].map(telegram.currentChatId), [-1, -1, -1]);
    }));

  it('know since when a channel is dead, and that it is alive again', () =>
    inTables((telegram) => {
      telegram.markDead('ops', START, 'kicked');
      telegram.markDead('ops', START + 5, 'chat not found');
      assert.deepEqual(telegram.deadChannels(), [{channel: 'ops', since: START, error: 'chat not found'}]);
      telegram.markAlive('ops');
      assert.deepEqual(telegram.deadChannels(), []);
    }));

  it('keep to what Telegram asked for when the wall clock is set back meanwhile', () =>
    inFolder(async (folder) => {
      const hourBefore = START - 3_600_000;
      await withStore(folder, ({store}) => store.telegram.block('ops', START + 30_000));
      const clock = createClock({now: () => hourBefore, monotonic: () => 0, after: () => () => {}});
      const store = openStore({dataDir: folder, clock, keepRawMs: 1, keepHistoryMs: 1});
      assert.equal(store.telegram.blockedUntil('ops'), hourBefore + 30_000);
      assert.equal(store.telegram.blockedUntil('ops'), hourBefore + 30_000);
      await store.close();
    }));

  it('keep a button as it was, and the moment of its first use', () =>
    inFolder((folder) =>
      withStore(folder, ({store}) => {
        const {telegram, commit} = store;
        const rich: Button = {...button, refresh: 'check api', once: false, user: 111, confirms: true, show: 'here'};
        commit({now: START, durable: true, buttons: [rich]});
        assert.deepEqual(telegram.button('k3y'), rich);
        assert.deepEqual(telegram.findButton(1, -100, 'ack', button.text), rich);
        commit({now: START + 1, durable: true, usedButtons: ['k3y', 'unknown']});
        commit({now: START + 2, durable: true, usedButtons: ['k3y']});
        assert.equal(telegram.button('k3y')?.usedAt, START + 1);
        assert.equal(telegram.findButton(1, -100, 'ack', button.text), undefined);
      }),
    ));

  it('keep the board of each chat over a restart, until it is forgotten', () =>
    inFolder(async (folder) => {
      const board = {chatId: -100, messageId: 7, html: '<b>x</b>', isPinned: false};
      await withStore(folder, ({store}) => {
        store.telegram.saveBoard(board);
        store.telegram.saveBoard({...board, chatId: 5, isPinned: true});
        store.telegram.saveBoard({...board, html: 'y'});
      });
      await withStore(folder, ({store: {telegram}}) => {
        assert.deepEqual(telegram.board(-100), {...board, html: 'y'});
        telegram.forgetBoard(-100);
        assert.equal(telegram.board(-100), undefined);
        assert.deepEqual(telegram.boards(), [{...board, chatId: 5, isPinned: true}]);
      });
    }));

  it('know which buttons of a message can still be pressed', () =>
    inTables((telegram) => {
      const ids = (messageId: number) => telegram.openButtons(-100, messageId).map(({id}) => id);
      telegram.createButton({...button, id: 'a', messageId: 7});
      telegram.createButton({...button, id: 'b'});
      telegram.createButton({...button, id: 'c', messageId: 7, usedAt: START});
      telegram.createButton({...button, id: 'd', messageId: 7, expiresAt: START});
      assert.deepEqual([ids(7), ids(8)], [['a'], []]);
      telegram.bindButton('b', 7);
      assert.deepEqual(ids(7), ['a', 'b']);
    }));

  it('know where a reply ended up, until that is pruned', () =>
    inFolder((folder) =>
      withStore(folder, ({store: {telegram, outbox}, clock}) => {
        telegram.rememberReply('t', -100, 7);
        assert.deepEqual(telegram.replyMessage('t'), {chatId: -100, messageId: 7});
        outbox.prune(clock.now() + 1);
        assert.equal(telegram.replyMessage('t'), undefined);
      }),
    ));

  it('do not find a button that has expired, and prune it', () =>
    inFolder((folder) =>
      withStore(folder, ({store: {telegram, outbox}, clock}) => {
        telegram.createButton(button);
        clock.advance(1_000);
        assert.equal(telegram.findButton(1, -100, 'ack', button.text), undefined);
        assert.deepEqual(telegram.button('k3y'), button);
        outbox.prune(clock.now() + 1);
        assert.equal(telegram.button('k3y'), undefined);
      }),
    ));
});

function inTables(use: (tables: Store['telegram']) => void): Promise<void> {
  return inFolder((folder) => withStore(folder, ({store}) => use(store.telegram)));
}
