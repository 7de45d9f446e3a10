import assert from 'node:assert/strict';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {describe, it} from 'node:test';
import fc from 'fast-check';
import type {Observation} from '../../src/state/vocabulary.ts';
import {type Archive, createArchive, ROLLUP_MS} from '../../src/store/archive.ts';
import {toColumns} from '../../src/store/columns.ts';
import {openMemory} from '../../src/store/file.ts';
import {BATCH_ROWS, WAITING_MAX} from '../../src/store/history.ts';
import {HISTORY} from '../../src/store/migrations.ts';
import type {HistoryRow, Rollup} from '../../src/store/store.ts';
import {DAY, handClock, inFolder, START, until, withStore} from './folder.ts';
import {observation} from './samples.ts';

const ALL = {from: 0, to: START + 1_000 * DAY};

describe('the history', () => {
  it('answers with what was recorded, oldest first, also after a restart', () =>
    inFolder(async (folder) => {
      const rows = [
        observation(START + 2, {result: 'failed', reason: 'HTTP 503', latencyMs: 1_000.125}),
        observation(START + 1, {values: {loss_percent: 2.5, cert_days: 12}}),
        observation(START + 3, {result: 'inconclusive', reason: 'HTTP 503'}),
        observation(START + 9, {target: '10.0.0.7'}),
      ];
      const expected: HistoryRow[] = [
        {at: START + 1, result: 'ok', latencyMs: 12.5, reason: '', values: {loss_percent: 2.5, cert_days: 12}},
        {at: START + 2, result: 'failed', latencyMs: 1_000.125, reason: 'HTTP 503'},
        {at: START + 3, result: 'inconclusive', latencyMs: 12.5, reason: 'HTTP 503'},
      ];
      await withStore(folder, async ({store: {history}}) => {
        history.record(rows);
        assert.deepEqual(await history.raw({check: 'api', ...ALL}), expected);
      });
      await withStore(folder, async ({store: {history}}) => {
        assert.deepEqual(await history.raw({check: 'api', ...ALL}), expected);
        assert.deepEqual(await history.raw({check: 'api', from: START + 2, to: START + 3}), [expected[1]]);
        assert.equal((await history.raw({check: 'api', target: '10.0.0.7', ...ALL})).length, 1);
        assert.deepEqual(await history.raw({check: 'nothing', ...ALL}), []);
      });
    }));

  it('knows since when it knows each check', () =>
    inFolder((folder) =>
      withStore(folder, async ({store: {history}}) => {
        assert.deepEqual(await history.begins(), []);
        const at = START - (START % ROLLUP_MS) + 3 * ROLLUP_MS;
        history.record([
          observation(at + 7),
          observation(at + ROLLUP_MS),
          observation(at + ROLLUP_MS, {check: 'tills', target: '10.0.0.8'}),
          observation(at + 4 * ROLLUP_MS, {check: 'tills', target: '10.0.0.7'}),
        ]);
        const begins = (await history.begins()).toSorted((a, b) => a.at - b.at);
        assert.deepEqual(begins, [
          {check: 'api', at},
          {check: 'tills', at: at + ROLLUP_MS},
        ]);
      }),
    ));

  it('gathers runs into slots, with the latencies of what ran or was too slow', () =>
    inFolder((folder) =>
      withStore(folder, async ({store: {history}}) => {
        const at = START - (START % ROLLUP_MS);
        history.record([
          observation(at, {latencyMs: 10}),
          observation(at + 999, {latencyMs: 30}),
          // Refused at once, too slow, nobody knows.
          observation(at + 1_000, {result: 'failed', latencyMs: 2}),
          observation(at + 1_100, {result: 'failed', latencyMs: 120}),
          observation(at + 1_200, {result: 'inconclusive', latencyMs: 5}),
          observation(at + 5_000, {result: 'failed', latencyMs: 1}),
          observation(at + 6_000, {latencyMs: 1}),
          observation(at + 10, {latencyMs: 999, target: '10.0.0.7'}),
        ]);
        const query = {check: 'api', from: at, to: at + 6_000, stepMs: 1_000, slowMs: 100} as const;
        const none = {shown: 0, minMs: 0, meanMs: 0, maxMs: 0};
        assert.deepEqual(await history.slots({...query, of: 'raw'}), [
          {at, ok: 2, failed: 0, inconclusive: 0, shown: 2, minMs: 10, meanMs: 20, maxMs: 30},
          {at: at + 1_000, ok: 0, failed: 2, inconclusive: 1, shown: 1, minMs: 120, meanMs: 120, maxMs: 120},
          {at: at + 5_000, ok: 0, failed: 1, inconclusive: 0, ...none},
        ]);
        // What began before the span counts for its first slot.
        assert.deepEqual(await history.slots({...query, from: at + 50, of: 'rollups'}), [
          {at: at + 50, ok: 3, failed: 3, inconclusive: 1, shown: 7, minMs: 1, meanMs: 169 / 7, maxMs: 120},
        ]);
        assert.deepEqual(await history.slots({...query, check: 'nothing', of: 'raw'}), []);
      }),
    ));

  it('writes a full batch at once and a small one after a second', () =>
    inFolder((folder) =>
      withStore(folder, async ({store: {history}, clock}) => {
        const file = join(folder, 'history.db');
        history.record(Array.from({length: BATCH_ROWS}, (_, n) => observation(START + n)));
        await until(() => rowsIn(file) === BATCH_ROWS, 'the batch is written');
        history.record([observation(START + BATCH_ROWS)]);
        clock.advance(999);
        assert.equal(rowsIn(file), BATCH_ROWS);
        clock.advance(1);
        await until(() => rowsIn(file) === BATCH_ROWS + 1, 'the rest is written');
      }),
    ));

  it('writes what waits when the program ends', () =>
    inFolder(async (folder) => {
      await withStore(folder, ({store: {history}}) => {
        history.record(Array.from({length: 7_003}, (_, n) => observation(START + n)));
      });
      assert.equal(rowsIn(join(folder, 'history.db')), 7_003);
    }));

  it('drops the oldest when too many wait', () =>
    inFolder((folder) =>
      withStore(folder, async ({store: {history}}) => {
        // All in one go: nothing can be written before the call returns.
        history.record(Array.from({length: WAITING_MAX + 5}, (_, n) => observation(START + n)));
        assert.deepEqual(history.figures(), {waiting: WAITING_MAX, dropped: 5, inMemory: false});
        const rows = await history.raw({check: 'api', from: START, to: START + 10});
        assert.equal(rows[0]?.at, START + 5);
        await until(() => history.figures().waiting === 0, 'all is written');
        assert.equal(history.figures().dropped, 5);
      }),
    ));

  it('starts its writer again after its death, no sooner than a minute after its start, and says so once', () =>
    inFolder((folder) =>
      withStore(folder, async ({store: {history}, clock, notices}) => {
        const poison = observation(START, {check: {} as string});
        history.record([poison]);
        assert.deepEqual(await history.raw({check: 'api', ...ALL}), []);
        await until(() => notices.length > 0, 'the death is noticed');
        history.record([observation(START + 1)]);
        assert.deepEqual(await history.raw({check: 'api', ...ALL}), []);
        clock.advance(60_000);
        assert.equal((await history.raw({check: 'api', ...ALL})).length, 1);
        history.record([poison]);
        await history.raw({check: 'api', ...ALL});
        assert.deepEqual(
          notices.map(({code}) => code),
          ['history_failed'],
        );
      }),
    ));

  it('prunes while it runs', () =>
    inFolder((folder) => {
      const clock = handClock(START + 8 * DAY);
      return withStore(
        folder,
        async ({store: {history}}) => {
          history.record([observation(START), observation(START + 8 * DAY)]);
          await history.raw({check: 'api', ...ALL});
          clock.advance(60_000);
          await until(() => rowsIn(join(folder, 'history.db')) === 1, 'the old row is gone');
          assert.equal((await history.rollups({check: 'api', ...ALL})).length, 2);
        },
        clock,
      );
    }));
});

describe('the archive', () => {
  it('keeps both of two observations of the same millisecond, the later moved on by one', () => {
    const archive = newArchive();
    archive.write(toColumns([observation(START, {latencyMs: 1}), observation(START, {latencyMs: 2})]));
    archive.write(toColumns([observation(START, {latencyMs: 3})]));
    assert.deepEqual(
      archive.raw({check: 'api', ...ALL}).map(({at, latencyMs}) => [at - START, latencyMs]),
      [
        [0, 1],
        [1, 2],
        [2, 3],
      ],
    );
  });

  it('leaves out an observation without a latency, and keeps the rest of its batch', () => {
    const archive = newArchive();
    archive.write(toColumns([observation(START, {latencyMs: Number.NaN}), observation(START + 1)]));
    assert.equal(archive.raw({check: 'api', ...ALL}).length, 1);
    assert.equal(archive.rollups({check: 'api', ...ALL})[0]?.ok, 1);
  });

  it('has the rollups that its raw rows amount to, however they came', () => {
    const observations = fc.array(
      fc.record({
        check: fc.constantFrom('a', 'b'),
        target: fc.constantFrom('', '10.0.0.7'),
        at: fc.integer({min: START, max: START + 3 * ROLLUP_MS}),
        result: fc.constantFrom('ok', 'failed', 'inconclusive'),
        reason: fc.constantFrom('', 'HTTP 503', 'no answer'),
        latencyMs: fc.double({min: 0, max: 60_000, noNaN: true}),
      }),
      {maxLength: 40},
    );
    fc.assert(
      fc.property(fc.array(observations, {maxLength: 5}), (batches) => {
        const archive = newArchive();
        for (const batch of batches) archive.write(toColumns(batch as Observation[]));
        for (const check of ['a', 'b']) {
          for (const target of ['', '10.0.0.7']) {
            const raw = archive.raw({check, target, ...ALL});
            const recorded = batches.flat().filter((one) => one.check === check && one.target === target);
            assert.equal(raw.length, recorded.length);
            assert.deepEqual(archive.rollups({check, target, ...ALL}), recompute(raw));
          }
        }
        archive.close();
      }),
      {numRuns: 60},
    );
  });

  it('prunes in steps, raw rows before rollups, and leaves what is young', () => {
    const archive = newArchive();
    const old = Array.from({length: 12_000}, (_, n) => observation(START + n * 1_000, {check: `c${n % 3}`}));
    const young = [observation(START + 40 * DAY, {check: 'c0'})];
    archive.write(toColumns([...old, ...young]));
    const before = {raw: START + 30 * DAY, rollups: START};
    assert.equal(prune(archive, before), 3);
    assert.deepEqual(
      ['c0', 'c1', 'c2'].map((check) => archive.raw({check, ...ALL}).length),
      [1, 0, 0],
    );
    assert.ok(archive.rollups({check: 'c1', ...ALL}).length >= 40);
    prune(archive, {raw: START + 30 * DAY, rollups: START + 30 * DAY});
    assert.deepEqual(
      ['c0', 'c1', 'c2'].map((check) => archive.rollups({check, ...ALL}).length),
      [1, 0, 0],
    );
  });

  it('forgets the names of checks and reasons that nothing refers to any more, and can use them again', () => {
    const sql = openMemory(HISTORY);
    const archive = createArchive(sql);
    archive.write(toColumns([observation(START, {check: 'gone', reason: 'odd 1'}), observation(START + 40 * DAY)]));
    prune(archive, {raw: START + 30 * DAY, rollups: START + 30 * DAY});
    assert.deepEqual(
      sql.all<{check_name: string}>('SELECT check_name FROM series').map((row) => row.check_name),
      ['api'],
    );
    assert.equal(sql.all('SELECT * FROM reasons').length, 0);
    archive.write(toColumns([observation(START + 41 * DAY, {check: 'gone', reason: 'odd 1'})]));
    assert.equal(archive.raw({check: 'gone', ...ALL})[0]?.reason, 'odd 1');
    archive.close();
  });

  it('takes 100,000 rows (printed)', (t) => {
    const archive = newArchive();
    const began = performance.now();
    for (let batch = 0; batch < 200; batch++) {
      archive.write(
        toColumns(Array.from({length: 500}, (_, n) => observation(START + batch * 10_000 + n, {check: `c${n}`}))),
      );
    }
    t.diagnostic(`100,000 rows in batches of 500: ${(performance.now() - began).toFixed(0)} ms in memory`);
    assert.equal(archive.raw({check: 'c7', ...ALL}).length, 200);
    archive.close();
  });
});

function newArchive(): Archive {
  return createArchive(openMemory(HISTORY));
}

/** The number of steps that it took. */
function prune(archive: Archive, before: Parameters<Archive['prune']>[0]): number {
  let steps = 1;
  while (archive.prune(before)) steps += 1;
  return steps;
}

function rowsIn(file: string): number {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, {readOnly: true});
    return Number(db.prepare('SELECT count(*) AS n FROM raw').get()?.n);
  } catch {
    // The worker has not made the file yet.
    return -1;
  } finally {
    db?.close();
  }
}

function recompute(raw: readonly HistoryRow[]): Rollup[] {
  const spans = Map.groupBy(raw, ({at}) => at - (at % ROLLUP_MS));
  return [...spans].map(([at, rows]) => {
    const micros = rows.map(({latencyMs}) => Math.round(latencyMs * 1_000));
    const count = (result: HistoryRow['result']) => rows.filter((row) => row.result === result).length;
    return {
      at,
      ok: count('ok'),
      failed: count('failed'),
      inconclusive: count('inconclusive'),
      latencyMinMs: Math.min(...micros) / 1_000,
      latencyMeanMs: micros.reduce((sum, one) => sum + one, 0) / rows.length / 1_000,
      latencyMaxMs: Math.max(...micros) / 1_000,
    };
  });
}
