import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {describe, it} from 'node:test';
import {setImmediate} from 'node:timers/promises';
import {openFile} from '../../src/store/file.ts';
import {STATE} from '../../src/store/migrations.ts';
import type {Loaded} from '../../src/store/store.ts';
import {inFolder, START, withStore} from './folder.ts';
import {card, cardMessage, checkState, counter, incident, silence, spell} from './samples.ts';

describe('a state.db of version 1', () => {
  it('is brought up to date with all that it holds', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'state.db');
      writeVersion1(file);
      const before = dump(file);
      assert.deepEqual(
        before.filter(([, rows]) => rows.length === 0),
        [],
        'every table has a row to lose',
      );
      await withStore(folder, async ({store, notices}) => {
        assertKept(store.load());
        assert.deepEqual(store.outbox.first('ops')?.message, cardMessage(1));
        assert.deepEqual(store.outbox.cardMessage(1, 'ops'), {chatId: -100, messageId: 70});
        assert.equal(store.telegram.offset(), 9);
        await setImmediate();
        assert.deepEqual(notices, []);
      });
      // All rows of all old tables, with the old columns.
      assert.deepEqual(dump(file, before), before);
    }));

  it('takes what version 1 did not know, and keeps it', () =>
    inFolder(async (folder) => {
      writeVersion1(join(folder, 'state.db'));
      const flap = {changes: 5, last: true, isFlapping: true};
      await withStore(folder, ({store}) => {
        const checkStates = [{check: 'api', ...checkState({downRuns: 2, flap})}];
        const spells = new Map([['api', spell('api')]]);
        store.commit({now: START, durable: true, checkStates, silences: [silence(1)], spells});
      });
      await withStore(folder, ({store}) => {
        const {checkStates, silences, spells, nextSilence} = store.load();
        assert.deepEqual(checkStates.get('api'), checkState({downRuns: 2, flap}));
        assert.deepEqual([silences, spells, nextSilence], [[silence(1)], [spell('api')], 2]);
      });
    }));

  it('that is damaged keeps what can still be read of it', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'state.db');
      writeVersion1(file);
      scribble(file, 'audit');
      await withStore(folder, async ({store, notices}) => {
        await setImmediate();
        assert.deepEqual(
          notices.map(({code}) => code),
          ['store_damaged'],
        );
        assertKept(store.load());
        store.commit({now: START, durable: true, silences: [silence(1)]});
        assert.deepEqual(store.load().silences, [silence(1)]);
      });
    }));
});

function assertKept(loaded: Loaded): void {
  assert.deepEqual(loaded.checks, new Map([['api', new Map([['', counter(4)]])]]));
  assert.deepEqual(loaded.checkStates, new Map([['api', checkState({status: false, since: START + 3})]]));
  assert.deepEqual(loaded.incidents, [incident(1)]);
  assert.deepEqual(loaded.cards, [card(1)]);
  const {silences, spells, nextIncident, nextCard, nextSilence} = loaded;
  assert.deepEqual([silences, spells, nextIncident, nextCard, nextSilence], [[], [], 42, 18, 1]);
}

/** As the program wrote it when the first migration was the only one. */
function writeVersion1(file: string): void {
  const sql = openFile(file, {...STATE, migrations: STATE.migrations.slice(0, 1)}, Number.POSITIVE_INFINITY);
  const c = counter(4);
  const values: Record<string, readonly (string | number | null)[]> = {
    counters: ['api', '', 0, 1, c.errors, c.successes, c.since, c.lastAt, c.lastResult, c.lastReason, c.lastLatencyMs],
    check_states: ['api', 0, 1, START + 3],
    incidents: [1, 'api', START, null, 1, JSON.stringify(incident(1))],
    cards: [1, 'ops', JSON.stringify(card(1))],
    card_incidents: [1, 1],
    card_messages: [1, 'ops', -100, 70],
    outbox: [1, 'ops', 'card', 1, JSON.stringify(cardMessage(1)), START, START, 0, null, 0, null, null, null],
    audit: [1, START, 222, 'Boris', -100, 'ack api', 'done'],
    handled_updates: [1, 8],
    update_offset: [1, 9],
    chat_moves: [-100, -1_000],
    blocks: ['ops', START + 5],
    dead_channels: ['lead', START, 'chat not found'],
    buttons: ['x', 'ack', 'api', 1, -100, 70, START + 1, null],
  };
  for (const [table, row] of Object.entries(values))
    sql.run(`INSERT INTO ${table} VALUES (${row.map(() => '?').join(', ')})`, ...row);
  sql.script("INSERT INTO highest_ids VALUES ('incident', 41), ('card', 17)");
  sql.close();
}

type Dump = readonly (readonly [table: string, rows: readonly Record<string, unknown>[]])[];

/** All rows of all our tables, or of those tables and columns that are in another dump. */
function dump(file: string, like?: Dump): Dump {
  const db = new DatabaseSync(file, {readOnly: true});
  const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
  const tables = like?.map(([table]) => table) ?? names.map(({name}) => String(name));
  const all = tables.map((table): Dump[number] => {
    const columns = Object.keys(like?.find(([name]) => name === table)?.[1][0] ?? {}).join(', ') || '*';
    return [
      table,
      db
        .prepare(`SELECT ${columns} FROM ${table}`)
        .all()
        .map((row) => ({...row})),
    ];
  });
  db.close();
  return all;
}

function scribble(file: string, table: string): void {
  const db = new DatabaseSync(file, {readOnly: true});
  const page = db.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table)?.rootpage;
  db.close();
  const content = readFileSync(file);
  randomBytes(4_096).copy(content, (Number(page) - 1) * 4_096);
  writeFileSync(file, content);
}
