import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import {setTimeout} from 'node:timers/promises';
import type {Store} from '../../src/store/store.ts';
import {type Child, kill, startChild} from './child.ts';
import {inFolder, withStore} from './folder.ts';

/** Each starts where the one before was killed. */
const ROUNDS = 10;

describe('a program that is killed', () => {
  it('between leasing and sending finds its message in doubt and the next one not', () =>
    inFolder(async (folder) => {
      const child = await startChild('lease', folder);
      await kill(child);
      assert.deepEqual(child.lines, ['leased 1']);
      await withStore(folder, ({store}) => {
        const row = store.outbox.first('ops');
        assert.deepEqual([row?.id, row?.inDoubt, row?.attempts], [1, true, 1]);
        store.outbox.sent(1, {now: 0});
        assert.equal(store.outbox.first('ops')?.inDoubt, false);
      });
    }));

  it('at any moment has everything that it had committed, and nothing by half', (t) =>
    inFolder(async (folder) => {
      let commits = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const child = await startChild('work', folder);
        const ms = Math.random() * 60;
        await setTimeout(ms);
        await kill(child);
        commits = await withStore(folder, ({store, notices}) => {
          assert.deepEqual(notices, [], `killed after ${ms} ms`);
          return check(store, child, `killed after ${ms} ms`);
        });
      }
      t.diagnostic(`${commits} commits, ${ROUNDS} kills`);
    }));
});

/** The number of commits found. */
function check(store: Store, child: Child, when: string): number {
  const {incidents, cards, checks, nextIncident, nextCard} = store.load();
  const last = nextIncident - 1;
  assert.ok(last >= newest(child, 'committed'), `${when}: incident ${newest(child, 'committed')} is lost`);
  // The parts of a commit are there together.
  assert.deepEqual(
    incidents.map(({id}) => id),
    Array.from({length: last}, (_, n) => n + 1),
    when,
  );
  assert.equal(cards.length, last, when);
  assert.equal(nextCard, nextIncident, when);
  assert.equal(checks.get('api')?.get('')?.errors, last, when);
  assert.deepEqual([store.telegram.isHandled(last), store.telegram.isHandled(last + 1)], [true, false], when);
  // Every message was delivered or waits; what was being sent is in doubt.
  const sent = newest(child, 'sent');
  const row = store.outbox.first('ops');
  const waiting = store.outbox.backlog().rows;
  assert.ok(waiting <= 1 + ROUNDS && last - waiting >= sent, `${when}: ${waiting} wait, ${sent} were sent`);
  if (row) assert.equal(row.id, last - waiting + 1, when);
  if (row && newest(child, 'leased') === row.id) assert.equal(row.inDoubt, true, when);
  return last;
}

function newest(child: Child, what: string): number {
  const line = child.lines.findLast((candidate) => candidate.startsWith(`${what} `));
  return Number(line?.split(' ')[1] ?? 0);
}
