import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {columnsOf, fewer, sumOf} from '../../../src/bot/pictures/columns.ts';
import {figuresOf} from '../../../src/bot/pictures/figures.ts';
import {createInside, lengthOf, merged, outside, type Span} from '../../../src/bot/pictures/spans.ts';
import type {Slot} from '../../../src/store/store.ts';

const span = {from: 0, to: 1_000};

describe('the figures', () => {
  const watched = (check: string, planned: readonly Span[] = [], since = 0) => ({check, since, planned});
  const incident = (openedAt: number, closedAt?: number, acknowledgedAt?: number) => ({
    ...{id: openedAt, check: 'api', openedAt},
    ...(closedAt !== undefined && {closedAt}),
    ...(acknowledgedAt !== undefined && {acknowledgedAt}),
  });
  const rows = [
    // No incident: all well.
    {name: 'no incident', incidents: [], wants: {availability: 1, incidents: 0, longestMs: 0}},
    {
      name: 'two incidents, one acknowledged',
      incidents: [incident(100, 200, 130), incident(500, 550)],
      wants: {availability: 0.85, incidents: 2, longestMs: 100, acknowledgeMs: 30, recoverMs: 75},
    },
    // Only the part within the span counts as down; the way to recovery is told whole.
    {
      name: 'one that began before',
      incidents: [incident(-100, 100)],
      wants: {availability: 0.9, incidents: 1, longestMs: 100, recoverMs: 200},
    },
    {
      name: 'one that is still open',
      incidents: [incident(800)],
      wants: {availability: 0.8, incidents: 1, longestMs: 200},
    },
    // Maintenance is neither up nor down.
    {
      name: 'half of it in maintenance',
      incidents: [incident(100, 300)],
      planned: [{from: 200, to: 400}],
      wants: {availability: 0.875, incidents: 1, longestMs: 100, recoverMs: 200},
    },
    {
      name: 'wholly in maintenance',
      incidents: [incident(250, 300)],
      planned: [{from: 200, to: 400}],
      wants: {availability: 1, incidents: 0, longestMs: 0},
    },
    {
      name: 'known for half of the time',
      incidents: [incident(600, 700)],
      since: 500,
      wants: {availability: 0.8, incidents: 1, longestMs: 100, recoverMs: 100},
    },
    {
      name: 'not known at all',
      incidents: [],
      since: 2_000,
      wants: {availability: undefined, incidents: 0, longestMs: 0},
    },
    {
      name: 'maintenance all the time',
      incidents: [],
      planned: [span],
      wants: {availability: undefined, incidents: 0, longestMs: 0},
    },
  ];
  for (const {name, incidents, planned, since, wants} of rows) {
    test(`of ${name}`, () => {
      const {checks, all} = figuresOf([watched('api', planned, since)], incidents, span);
      const expected = {acknowledgeMs: undefined, recoverMs: undefined, ...wants};
      assert.deepEqual(checks, [{check: 'api', ...expected}]);
      assert.deepEqual(all, {check: '', ...expected});
    });
  }

  test('an incident that ended as its check was removed has no recovery', () => {
    const {all} = figuresOf([watched('api')], [{...incident(100, 200), removed: true}], span);
    assert.deepEqual([all.incidents, all.recoverMs], [1, undefined]);
  });

  test('list the worst check first, and weigh all by the time that they were watched', () => {
    const {checks, all} = figuresOf(
      [watched('web'), watched('api'), watched('new', [], 900)],
      [incident(0, 210)],
      span,
    );
    assert.deepEqual(
      checks.map(({check}) => check),
      ['api', 'web', 'new'],
    );
    assert.equal(all.availability, 0.9);
  });
});

describe('spans', () => {
  const spans = fc.array(
    fc
      .tuple(fc.integer({min: -50, max: 150}), fc.integer({min: 0, max: 60}))
      .map(([from, length]) => ({from, to: from + length})),
    {maxLength: 8},
  );

  test('merged cover the same moments within, and none twice', () => {
    fc.assert(
      fc.property(spans, (given) => {
        const within = {from: 0, to: 100};
        const result = merged(given, within);
        const isInside = createInside(result);
        for (let at = 0; at < 100; at++) {
          assert.equal(
            isInside(at),
            given.some(({from, to}) => from <= at && at < to),
            `at ${at}`,
          );
        }
        assert.equal(lengthOf(result) + outside(within, result), 100);
        for (const [index, {from}] of result.entries()) assert.ok(from > (result[index - 1]?.to ?? -1));
      }),
    );
  });
});

describe('columns', () => {
  const slot = (at: number, changes: Partial<Slot> = {}): Slot => ({
    ...{at, ok: 1, failed: 0, inconclusive: 0, shown: 1, minMs: 5, meanMs: 5, maxMs: 5},
    ...changes,
  });

  test('are there also where nothing ran, and none is beyond the picture', () => {
    const columns = columnsOf([slot(90), slot(100), slot(129), slot(140)], {from: 100, stepMs: 10, count: 4});
    assert.deepEqual(
      columns.map(({ok}) => ok),
      [1, 0, 1, 0],
    );
  });

  test('joined keep the least and the most, and weigh the means', () => {
    const [low, high] = [
      {shown: 3, ok: 3, minMs: 1, meanMs: 2, maxMs: 9},
      {failed: 2, shown: 1, minMs: 7, meanMs: 10, maxMs: 30},
    ];
    const columns = columnsOf(
      [slot(0, low), slot(1, high), slot(2, {ok: 0, failed: 1, shown: 0, minMs: 0, meanMs: 0, maxMs: 0})],
      {
        ...{from: 0, stepMs: 1, count: 3},
      },
    );
    const all = {ok: 4, failed: 3, inconclusive: 0, shown: 4, minMs: 1, meanMs: 4, maxMs: 30};
    assert.deepEqual(sumOf(columns), all);
    assert.deepEqual(fewer(columns, 1), [all]);
  });

  test('made fewer lose no run', () => {
    const columns = columnsOf(
      Array.from({length: 450}, (_, at) => slot(at)),
      {from: 0, stepMs: 1, count: 450},
    );
    const few = fewer(columns, 72);
    assert.equal(few.length, 72);
    assert.equal(sumOf(few).ok, 450);
  });
});
