import assert from 'node:assert/strict';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {describe, it} from 'node:test';
import type {Recovery, RecoveryRun} from '../../src/state/recovery-vocabulary.ts';
import {inFolder, START, withStore} from './folder.ts';
import {incident} from './samples.ts';

const run: RecoveryRun = {
  ...{id: 7, check: 'api', incident: 1, attempt: 2, of: 5, host: 'DC3', command: 'systemctl restart shop'},
  startedAt: START,
  by: {id: 111, name: 'Анна'},
};
const ended: RecoveryRun = {
  ...run,
  outcome: {status: 'failed', endedAt: START + 3_000.5, exitCode: 1, output: 'не вышло\n'},
};
const recovery: Recovery = {check: 'api', attempts: 2, of: 5, run};

describe('recoveries', () => {
  it('come back whole after a restart, and a run without an end is told apart', () =>
    inFolder(async (folder) => {
      await withStore(folder, ({store}) => {
        const recoveries = new Map([['api', recovery]]);
        store.commit({now: START, durable: true, recoveries, runs: [run]});
      });
      await withStore(folder, ({store}) => {
        const {recoveries, openRuns, nextRun} = store.load();
        assert.deepEqual([recoveries, openRuns, nextRun], [[recovery], [run], 8]);
        const broken = {...recovery, run: ended, brokenAt: START + 9};
        store.commit({now: START, durable: true, recoveries: new Map([['api', broken]]), runs: [ended]});
      });
      await withStore(folder, ({store}) => {
        const {recoveries, openRuns} = store.load();
        assert.deepEqual([recoveries, openRuns], [[{...recovery, run: ended, brokenAt: START + 9}], []]);
        store.commit({now: START, durable: true, recoveries: new Map([['api', undefined]])});
        assert.deepEqual(store.load().recoveries, []);
        assert.equal(store.load().nextRun, 8, 'a number is not given twice');
      });
    }));

  it('of a forgotten check go; its runs stay as history', () =>
    inFolder(async (folder) => {
      await withStore(folder, ({store}) => {
        const recoveries = new Map([['api', recovery]]);
        store.commit({now: START, durable: true, recoveries, runs: [ended]});
        store.commit({now: START, durable: true, forgotten: [{check: 'api'}]});
        assert.deepEqual(store.load().recoveries, []);
      });
      const db = new DatabaseSync(join(folder, 'state.db'), {readOnly: true});
      assert.deepEqual(
        db
          .prepare('SELECT check_name, ended_at FROM recovery_runs')
          .all()
          .map((row) => ({...row})),
        [{check_name: 'api', ended_at: START + 3_000.5}],
      );
      db.close();
    }));

  it('keep an incident that is over loaded while their command runs', () =>
    inFolder(async (folder) => {
      const over = incident(1, {closedAt: START + 1, recovery});
      await withStore(folder, ({store}) => {
        store.commit({now: START, durable: true, incidents: [over], runs: [run]});
        assert.deepEqual(store.load().incidents, [over]);
        const settled = {...over, recovery: {...recovery, run: ended}};
        store.commit({now: START, durable: true, incidents: [settled], runs: [ended]});
        assert.deepEqual(store.load().incidents, []);
      });
    }));

  it('are in the audit table with what else the program does by itself', () =>
    inFolder(async (folder) => {
      const entry = {
        at: START,
        userId: 0,
        userName: 'vakhta',
        chatId: 0,
        order: 'recovery DC3:api',
        outcome: 'started',
      };
      await withStore(folder, ({store}) => {
        store.commit({now: START, durable: true, audit: {...entry, order: '/recover api'}, ownAudit: [entry]});
      });
      const db = new DatabaseSync(join(folder, 'state.db'), {readOnly: true});
      const orders = db.prepare('SELECT order_text FROM audit ORDER BY id').all();
      assert.deepEqual(
        orders.map(({order_text}) => order_text),
        ['/recover api', 'recovery DC3:api'],
      );
      db.close();
    }));
});
