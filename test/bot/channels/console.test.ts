import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {createConsoleChannel} from '../../../src/bot/channels/console.ts';
import type {CardMessage, Message} from '../../../src/state/vocabulary.ts';
import type {OutboxRow} from '../../../src/store/store.ts';
import {createHandClock, START} from '../../support/hand-clock.ts';
import {readerOf} from '../world.ts';

async function printed(message: Message, changes: Partial<OutboxRow> = {}): Promise<string | undefined> {
  const lines: string[] = [];
  const use = {reader: readerOf(), clock: createHandClock(), print: (text: string) => void lines.push(text)};
  const row = {id: 1, lane: 'desk', message, createdAt: START, dueAt: START, attempts: 0, inDoubt: false, ...changes};
  const channel = createConsoleChannel(use, 'desk');
  const outcome = await channel.deliver({row, message}, new AbortController().signal);
  assert.deepEqual(outcome, {kind: 'delivered'});
  return lines[0];
}

const card: CardMessage = {
  kind: 'card',
  channel: 'desk',
  reason: 'first',
  card: 1,
  incidents: [{id: 1, check: 'a<b', openedAt: START, reason: 'HTTP 503 \u001b[31m', errors: 3, cards: [1]}],
  total: 1,
  open: 1,
  missed: [],
};

describe('the console as a channel', () => {
  test('prints an alert with its time, without markup and without what would command the terminal', async () => {
    assert.equal(
      await printed(card),
      [
        '06:13:00  🔴 a<b is down · shop-7',
        '          HTTP 503  [31m',
        '          3 failures, down since 06:13:00',
      ].join('\n'),
    );
  });

  test('marks what may have been printed already', async () => {
    assert.match((await printed(card, {inDoubt: true})) ?? '', /\(repeated\)$/);
  });

  for (const [reason, isPrinted] of [
    ['acknowledged', true],
    ['acknowledgement_ended', true],
    ['recovered', false],
    ['targets_changed', false],
  ] as const) {
    test(`an edit because of ${reason} is ${isPrinted ? 'printed' : 'no news'}`, async () => {
      assert.equal((await printed({...card, kind: 'edit', reason})) !== undefined, isPrinted);
    });
  }
});
