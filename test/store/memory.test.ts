import assert from 'node:assert/strict';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {test} from 'node:test';
import {inFolder, openIn, START} from './folder.ts';

test("a check's memory survives a restart, and is no other check's", () =>
  inFolder(async (folder) => {
    const first = openIn(folder).store;
    assert.equal(first.memory('log').get(), undefined);
    first.memory('log').set('one');
    first.memory('log').set('two');
    first.memory('other').set('three');
    await first.close();
    const second = openIn(folder).store;
    assert.deepEqual([second.memory('log').get(), second.memory('other').get()], ['two', 'three']);
    await second.close();
  }));

test('a check that left the configuration is forgotten with its memory', () =>
  inFolder(async (folder) => {
    const {store} = openIn(folder);
    store.memory('log').set('one');
    store.commit({now: START, forgotten: [{check: 'log', target: 'a'}], durable: false});
    assert.equal(store.memory('log').get(), 'one');
    store.commit({now: START, forgotten: [{check: 'log'}], durable: false});
    assert.equal(store.memory('log').get(), undefined);
    await store.close();
  }));

test('a file of the version without memories gains them', () =>
  inFolder(async (folder) => {
    await openIn(folder).store.close();
    const db = new DatabaseSync(join(folder, 'state.db'));
    const later = ['down_runs', 'flap_changes', 'flap_last', 'is_flapping'];
    for (const column of later) db.exec(`ALTER TABLE check_states DROP COLUMN ${column}`);
    db.exec('ALTER TABLE blocks DROP COLUMN since');
    for (const table of ['check_memory', 'silences', 'spells', 'verdicts']) db.exec(`DROP TABLE ${table}`);
    db.exec('PRAGMA user_version = 1');
    db.close();
    const {store, notices} = openIn(folder);
    store.memory('log').set('one');
    assert.equal(store.memory('log').get(), 'one');
    assert.deepEqual(notices, []);
    await store.close();
  }));
