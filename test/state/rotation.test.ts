import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {type Rotation, turnAt} from '../../src/state/rotation.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe('the turn', () => {
  const weekly = rotation({start: '2026-11-02', at: '09:00', days: 7});
  const daily = rotation({start: '2026-03-28', at: '02:30', days: 1, zone: 'Europe/Berlin'});
  // whose turn it is, in which rotation, at what time, and until when
  const rows: [string, Rotation, string, string, string][] = [
    ['begins with the first of them on the first day', weekly, '2026-11-02T09:00Z', 'Anna', '2026-11-09T09:00Z'],
    ['is that of the last of them until then', weekly, '2026-11-02T08:59:59.999Z', 'Clara', '2026-11-02T09:00Z'],
    ['is that of the next a week later', weekly, '2026-11-09T09:00Z', 'Boris', '2026-11-16T09:00Z'],
    ['begins anew after the last', weekly, '2026-11-23T09:00Z', 'Anna', '2026-11-30T09:00Z'],
    [
      'goes by the clocks of the zone',
      rotation({zone: 'Asia/Kathmandu'}),
      '2026-11-02T03:15Z',
      'Anna',
      '2026-11-03T03:15Z',
    ],
    // 02:30 is left out on 29 March: the handover is when the clocks show 03:30.
    ['is handed over after an hour that is left out', daily, '2026-03-29T01:29Z', 'Anna', '2026-03-29T01:30Z'],
    ['then begins so', daily, '2026-03-29T01:30Z', 'Boris', '2026-03-30T00:30Z'],
    // 02:30 comes twice on 25 October: the first one counts.
    ['is handed over at the first of two same times', daily, '2026-10-25T00:29Z', 'Anna', '2026-10-25T00:30Z'],
    ['and not again at the second', daily, '2026-10-25T01:30Z', 'Boris', '2026-10-26T01:30Z'],
    // Samoa had no 30 December 2011: that day's turn would be of no length, and the next one's begins.
    [
      'skips a day that is left out',
      rotation({start: '2011-12-29', zone: 'Pacific/Apia'}),
      '2011-12-30T19:00Z',
      'Clara',
      '2011-12-31T19:00Z',
    ],
  ];
  for (const [name, of, at, person, until] of rows) {
    test(name, () => {
      const turn = turnAt(of, Date.parse(at));
      assert.equal(turn.person.name, person);
      assert.equal(new Date(turn.until).toISOString(), new Date(until).toISOString());
    });
  }

  test('of a night in which the clocks are changed is an hour shorter or longer', () => {
    const of = rotation({start: '2026-03-28', zone: 'Europe/Berlin'});
    const hoursAt = (at: string) => {
      const {since, until} = turnAt(of, Date.parse(at));
      return (until - since) / HOUR;
    };
    assert.deepEqual(['2026-03-29T00:00Z', '2026-03-30T00:00Z', '2026-10-25T00:00Z'].map(hoursAt), [23, 24, 25]);
  });
});

describe('turns, in any zone and at any time', () => {
  const zones = [
    'UTC',
    'Europe/Moscow',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Tehran',
    'Africa/Casablanca',
  ];
  const drawn = fc.record({
    name: fc.constant('primary'),
    people: fc.integer({min: 1, max: 6}).map((count) => Array.from({length: count}, (_, id) => ({id, name: `p${id}`}))),
    days: fc.constantFrom<1 | 7>(1, 7),
    startDay: fc.integer({min: 15_000, max: 25_000}),
    minute: fc.integer({min: 0, max: 1_439}),
    zone: fc.constantFrom(...zones),
  });
  const moment = fc.integer({min: Date.UTC(2010), max: Date.UTC(2035)});

  test('hold the moment that was asked about, and touch without gap or overlap', () => {
    fc.assert(
      fc.property(drawn, moment, (of, at) => {
        const turn = turnAt(of, at);
        assert.ok(turn.since <= at && at < turn.until);
        assert.deepEqual(turnAt(of, turn.since), turn);
        assert.deepEqual(turnAt(of, turn.until - 1), turn);
        assert.equal(turnAt(of, turn.until).since, turn.until);
        assert.equal(turnAt(of, turn.since - 1).until, turn.since);
      }),
    );
  });

  test('come to everybody equally often, in their order', () => {
    fc.assert(
      fc.property(drawn, moment, (of, at) => {
        const met: number[] = [];
        let turn = turnAt(of, at);
        for (let count = 0; count < 3 * of.people.length; count++, turn = turnAt(of, turn.until))
          met.push(turn.person.id);
        const [first = 0] = met;
        assert.deepEqual(
          met,
          met.map((_, index) => (first + index) % of.people.length),
        );
      }),
    );
  });

  test('are handed over at the time of day that the clocks show, but where there is none such', () => {
    fc.assert(
      fc.property(drawn, moment, (of, at) => {
        const {since} = turnAt(of, at);
        const shown = Temporal.Instant.fromEpochMilliseconds(since).toZonedDateTimeISO(of.zone);
        const wanted = shown.toPlainDate().toPlainDateTime({hour: Math.floor(of.minute / 60), minute: of.minute % 60});
        assert.equal(since, wanted.toZonedDateTime(of.zone).epochMilliseconds);
      }),
    );
  });
});

/** Of Anna, Boris and Clara, from 2 November 2026, daily at 09:00 UTC, but for what is given. */
function rotation({start = '2026-11-02', at = '09:00', days = 1 as 1 | 7, zone = 'UTC'}): Rotation {
  const people = ['Anna', 'Boris', 'Clara'].map((name, index) => ({id: 111 * (index + 1), name}));
  const [hour = 0, minute = 0] = at.split(':').map(Number);
  return {name: 'primary', people, days, startDay: Date.parse(start) / DAY, minute: hour * 60 + minute, zone};
}
