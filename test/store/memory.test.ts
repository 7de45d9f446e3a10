import assert from 'node:assert/strict';
import {join} from 'node:path';
import {test} from 'node:test';
import {openFile} from '../../src/store/file.ts';
import {STATE} from '../../src/store/migrations.ts';
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
    openFile(join(folder, STATE.name), {...STATE, migrations: STATE.migrations.slice(0, 1)}, 0).close();
    const {store, notices} = openIn(folder);
    store.memory('log').set('one');
    assert.equal(store.memory('log').get(), 'one');
    assert.deepEqual(notices, []);
    await store.close();
  }));
