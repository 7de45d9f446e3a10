import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {plainText, TEXT_UNITS_MAX} from '../../../src/bot/messages/html.ts';
import {render} from '../../../src/bot/messages/render.ts';
import {
  CARD_LISTED_MAX,
  type CardMessage,
  type Incident,
  type IncidentTarget,
  type Message,
} from '../../../src/state/vocabulary.ts';
import {START} from '../../support/hand-clock.ts';
import {checkConfig, configWith, readerOf} from '../world.ts';

const MINUTE = 60_000;
const config = configWith({
  checks: [
    checkConfig('billing-api', {comment: 'Call Anna & <b>hurry</b>.'}),
    checkConfig('terminals', {targets: [{address: '10.0.0.1', label: 'Till <1>'}, {address: '10.0.0.2'}]}),
    checkConfig('talkative', {comment: 'c'.repeat(5_000)}),
  ],
});
const reader = readerOf(config);

function incident(changes: Partial<Incident> = {}): Incident {
  return {id: 1, check: 'billing-api', openedAt: START, reason: 'HTTP 503', errors: 3, cards: [1], ...changes};
}

function card(incidents: readonly Incident[], changes: Partial<CardMessage> = {}): CardMessage {
  const open = incidents.filter(({closedAt}) => closedAt === undefined).length;
  const counts = {total: incidents.length, open};
  return {kind: 'card', channel: 'ops', reason: 'first', card: 1, incidents, ...counts, missed: [], ...changes};
}

function shown(message: Message, now = START + MINUTE): string {
  const text = plainText(render(message, reader, now));
  assert.ok(text.length <= TEXT_UNITS_MAX, `${text.length} units`);
  return text;
}

function targets(count: number, of: number): Incident['falseTargets'] {
  const listed: IncidentTarget[] = Array.from({length: Math.min(20, count)}, (_, index) => ({
    target: `10.0.0.${index + 1}`,
    reason: 'no answer',
    since: START,
  }));
  return {listed, count, of};
}

describe('a card that somebody is on call for', () => {
  const anna = {id: 111, name: 'Anna <b>'};
  const oncall = [{rotation: 'primary', person: anna, until: START + 60 * MINUTE}];
  const mention = '<a href="tg://user?id=111">Anna &lt;b&gt;</a>';

  test('names them with a mention, which rings them alone', () => {
    const html = render(card([incident()], {oncall}), reader, START);
    assert.equal(html.split('\n').at(-1), `📟 ${mention} until 07:13:00`);
    assert.doesNotMatch(render(card([incident()]), reader, START), /📟/);
  });

  test('names them below a digest', () => {
    const html = render(card([incident(), incident({id: 2, check: 'terminals'})], {oncall}), reader, START);
    assert.equal(html.split('\n').at(-1), `📟 ${mention} until 07:13:00`);
  });

  test('tells them in private, and in the group that stands in for that, why they are called', () => {
    const html = render(card([incident()], {calls: anna}), reader, START);
    assert.equal(html.split('\n').at(-1), `📟 ${mention}, you are on call, and nobody has acknowledged this`);
  });
});

describe('a card of one incident', () => {
  test('says what is down, why, since when, on which server, and what to do', () => {
    assert.equal(
      shown(card([incident()])),
      [
        '🔴 billing-api is down · shop-7',
        'HTTP 503',
        '3 failures, down since 06:13:00',
        '💬 Call Anna & <b>hurry</b>.',
      ].join('\n'),
    );
  });

  test('that is acknowledged names who, when, until when and why', () => {
    const by = {id: 222, name: 'Boris <op>'};
    const acknowledged = {by, at: START + MINUTE, why: 'on it', until: START + 121 * MINUTE};
    const text = shown(card([incident({acknowledged})]));
    assert.match(text, /^🟠 billing-api is down/);
    assert.match(text, /👤 Acknowledged by Boris <op> at 06:14:00, until 08:14:00: on it$/);
  });

  test('that is over says how long it took and keeps the reason', () => {
    const text = shown(card([incident({closedAt: START + 7 * MINUTE + 3_000})], {kind: 'edit'}));
    assert.equal(
      text,
      '🟢 billing-api recovered after 7m 3s · shop-7\nIt was: HTTP 503\nDown from 06:13:00 to 06:20:03',
    );
  });

  test('that ended because the check was removed does not claim a recovery', () => {
    const text = shown(card([incident({closedAt: START + MINUTE, removed: true})]));
    assert.match(text, /^⚪️ billing-api left the configuration after 1m of being down/);
    assert.doesNotMatch(text, /recovered/);
  });

  test('lists its false targets with their labels', () => {
    const text = shown(card([incident({check: 'terminals', falseTargets: targets(2, 40)})]));
    assert.match(text, /2 of 40 targets are down:\n• 10\.0\.0\.1 Till <1>: no answer\n• 10\.0\.0\.2: no answer\n/);
    assert.doesNotMatch(text, /more/);
  });

  for (const [count, more] of [
    [0, undefined],
    [20, undefined],
    [21, '… and 1 more'],
    [10_000, '… and 9,980 more'],
  ] as const) {
    test(`with ${count} false targets lists ${Math.min(20, count)}`, () => {
      const text = shown(card([incident({check: 'terminals', falseTargets: targets(count, 10_000)})]));
      assert.equal(text.split('\n').filter((line) => line.startsWith('•')).length, Math.min(20, count));
      assert.equal(text.includes('more'), more !== undefined);
      if (more !== undefined) assert.ok(text.includes(more));
    });
  }

  test('stays one message, with its acknowledgement, however much everybody has to say', () => {
    const listed = Array.from({length: 20}, (_, index) => ({
      target: `${index}.${'terminal'.repeat(30)}`,
      reason: 'r'.repeat(100_000),
      since: START,
    }));
    const acknowledged = {by: {id: 1, name: 'Boris'}, at: START, why: 'w'.repeat(100_000)};
    const text = shown(
      card([incident({check: 'talkative', falseTargets: {listed, count: 500, of: 500}, acknowledged})]),
    );
    assert.match(text, /Acknowledged by Boris/);
  });

  test('clips a reason of 100 kB', () => {
    const text = shown(card([incident({reason: `<html>${'&'.repeat(100_000)}`})]));
    assert.match(text, /^<html>&+…$/m);
    assert.match(text, /Call Anna/);
  });
});

describe('a card of several incidents', () => {
  test('says how many are broken, with one line for each', () => {
    const others = [incident(), incident({id: 2, check: 'terminals', reason: '', closedAt: START + MINUTE})];
    const text = shown(card(others, {reason: 'window_opened'}));
    assert.equal(
      text,
      [
        '🔴 1 check is down · shop-7',
        '🔴 billing-api HTTP 503, since 06:13:00',
        '🟢 terminals recovered after 1m',
      ].join('\n'),
    );
  });

  test('has one line for what was missed while the window was closed', () => {
    const missed = [incident({id: 5, check: 'a<b', closedAt: START + MINUTE}), incident({closedAt: START + 5_000})];
    const text = shown(card([], {reason: 'window_opened', missed}));
    assert.equal(
      text,
      '🟢 Nothing of this is broken now · shop-7\nBroke and recovered meanwhile: a<b (1m), billing-api (5s)',
    );
  });

  test('counts what was missed and is not listed', () => {
    const text = shown(card([], {missed: [incident({closedAt: START + 5_000})], missedMore: 49}));
    assert.equal(text.split('\n')[1], 'Broke and recovered meanwhile: billing-api (5s) … and 49 more');
  });

  const many = Array.from({length: 10_000}, (_, id) => incident({id, check: `check-${id}`}));

  test('of 10,000 incidents and 10,000 missed ones is one message that says how many are left', () => {
    const missed = many.map((one) => ({...one, closedAt: START + MINUTE}));
    const text = shown(card(many, {missed}));
    const lines = text.split('\n');
    assert.match(lines[0] ?? '', /10,000 checks are down/);
    assert.equal(lines.at(-1), `… and ${(10_000 - (lines.length - 3)).toLocaleString('en')} more`);
  });

  test('of more than 50 lists those it carries and counts the others', () => {
    const text = shown(card(many.slice(0, CARD_LISTED_MAX), {reason: 'digest', total: 123, open: 100}));
    const lines = text.split('\n');
    assert.equal(lines[0], '🔴 100 checks are down · shop-7');
    assert.equal(lines.filter((line) => /^🔴 check-\d+ HTTP 503, since /.test(line)).length, 50);
    assert.deepEqual(lines.slice(51), ['… and 73 more']);
  });

  test('says that the server is cut off, where one of its incidents does, until that is over', () => {
    const guards = [incident({check: 'dns'}), incident({check: 'gateway', cutOff: true})];
    const lines = shown(card(guards)).split('\n');
    assert.deepEqual(lines.slice(0, 2), [
      '🔴 2 checks are down · shop-7',
      '🔌 shop-7 is cut off: none of its guards answers, so other failures are not counted',
    ]);
    const over = guards.map((one) => ({...one, closedAt: START + MINUTE}));
    assert.doesNotMatch(shown(card(over, {open: 0})), /cut off/);
  });

  test('that does not fit counts what was cut off together with what it never carried', () => {
    const long = many.slice(0, CARD_LISTED_MAX).map((one) => ({...one, reason: 'r'.repeat(200)}));
    const lines = shown(card(long, {reason: 'digest', total: 123, open: 123})).split('\n');
    assert.ok(lines.length < 50);
    assert.equal(lines.at(-1), `… and ${123 - (lines.length - 2)} more`);
  });

  test('of which only one is left to list is still a digest', () => {
    const text = shown(card([incident()], {reason: 'digest', total: 2, open: 1}));
    assert.deepEqual(text.split('\n').slice(1), ['🔴 billing-api HTTP 503, since 06:13:00', '… and 1 more']);
  });
});

describe('other messages', () => {
  test('a recovery says how long it was down', () => {
    const closed = incident({closedAt: START + 90_000});
    const message: Message & {kind: 'recovery' | 'reminder'} = {
      kind: 'recovery',
      channel: 'ops',
      reason: 'recovered',
      card: 1,
      incidents: [closed],
      more: 0,
    };
    assert.equal(shown(message), '🟢 billing-api is back after 1m 30s · shop-7');
    const removed = {...message, reason: 'removed', incidents: [{...closed, removed: true}]} as const;
    assert.match(shown(removed), /^⚪️ billing-api is no longer watched/);
  });

  test('a recovery is down for no time, not for a negative one, when the clock was set back meanwhile', () => {
    const closed = incident({closedAt: START - 90_000});
    const message: Message = {
      kind: 'recovery',
      channel: 'ops',
      reason: 'recovered',
      card: 1,
      incidents: [closed],
      more: 0,
    };
    assert.match(shown(message), /is back after 0s/);
  });

  test('the recoveries of a storm are a line each, and a number for the rest', () => {
    const closed = Array.from({length: 50}, (_, id) => incident({id, check: `check-${id}`, closedAt: START + MINUTE}));
    const message: Message = {
      kind: 'recovery',
      channel: 'ops',
      reason: 'digest',
      card: 1,
      incidents: closed,
      more: 450,
    };
    const lines = shown(message).split('\n');
    assert.equal(lines[0], '🟢 check-0 is back after 1m · shop-7');
    assert.deepEqual([lines.length, lines.at(-1)], [51, '… and 450 more']);
    const long = closed.map((one) => ({...one, check: `${one.check}${'x'.repeat(100)}`}));
    const cut = shown({...message, incidents: long}).split('\n');
    assert.equal(cut.at(-1), `… and ${500 - (cut.length - 1)} more`);
  });

  const reminder = {
    kind: 'reminder',
    channel: 'ops',
    reason: 'repeat',
    card: 1,
    incidents: [incident()],
    more: 0,
  } as const;

  test('a reminder says that it is still down, for how long and why', () => {
    assert.equal(shown(reminder, START + 20 * MINUTE), '⏰ billing-api is still down, for 20m · shop-7\nHTTP 503');
  });

  test('the reminders of many are one message that says how many are left', () => {
    const incidents = Array.from({length: 50}, (_, id) =>
      incident({id, check: `check-${id}`, reason: 'r'.repeat(200)}),
    );
    const lines = shown({...reminder, incidents, more: 7}, START + 20 * MINUTE).split('\n');
    const listed = lines.filter((line) => line.startsWith('⏰')).length;
    assert.ok(listed > 10);
    assert.equal(lines.at(-1), `… and ${57 - listed} more`);
  });

  const spell = {kind: 'flapping', channel: 'ops', check: 'a<b', isDown: true, since: START} as const;

  test('the start of flapping says that there will be no more messages until it ends', () => {
    const text = shown({...spell, reason: 'flapping_started'});
    assert.equal(text, '〰️ a<b is flapping: no more messages of it until that ends · shop-7');
  });

  test('the end of flapping says how long it took and how the check is now', () => {
    const ended = {...spell, reason: 'flapping_ended'} as const;
    assert.equal(shown(ended, START + 90_000), '〰️ a<b stopped flapping after 1m 30s; it is down · shop-7');
    assert.match(shown({...ended, isDown: false}), /; it is fine · shop-7$/);
  });

  test('a guard that proves the server cut off says so', () => {
    const text = shown(card([incident({cutOff: true})]));
    assert.match(text, /^🔌 shop-7 is cut off: none of its guards answers/m);
  });

  for (const code of [
    'store_damaged',
    'store_in_memory',
    'store_back_on_disk',
    'history_failed',
    'channel_dead',
  ] as const) {
    test(`the notice ${code} is signed, and short however long its detail is`, () => {
      const message: Message = {kind: 'notice', channel: 'ops', reason: 'notice', code, detail: '<'.repeat(100_000)};
      assert.match(shown(message), /^⚠️ [A-Z].* · shop-7$/);
    });
  }

  test('a reply is shown as it is', () => {
    const message: Message = {kind: 'reply', channel: '', reason: 'reply', to: {chatId: 1}, html: '<b>a &lt; b</b>'};
    assert.equal(shown(message), 'a < b');
  });
});
