import assert from 'node:assert/strict';
import {test} from 'node:test';
import {backlogOf} from '../../src/bot/backlog.ts';
import type {Ending, Message} from '../../src/state/vocabulary.ts';
import type {OutboxRow} from '../../src/store/store.ts';

const over = (id: number): Ending => ({
  id,
  check: `c${id}`,
  openedAt: 0,
  closedAt: 1,
  reason: '',
  errors: 1,
  cards: [],
});
const row = (id: number, message: Message): OutboxRow => ({
  ...{id, lane: 'ops', message, createdAt: 0, dueAt: 0, attempts: 0, inDoubt: false},
});

test('what people were told began is over before what came and went unseen, as a digest lists only so many', () => {
  const rows = [
    row(1, {
      ...{kind: 'card', channel: 'ops', reason: 'window_opened', card: 9, incidents: [], total: 0, open: 0},
      missed: [over(1), over(2)],
    }),
    row(2, {kind: 'recovery', channel: 'ops', reason: 'recovered', card: 7, incidents: [over(3)], more: 0}),
  ];
  const ids = backlogOf(rows, 3_600_000)?.backlog.over.map(({id}) => id);
  assert.deepEqual(ids, [3, 1, 2]);
});
