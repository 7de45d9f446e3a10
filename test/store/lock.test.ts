import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, it} from 'node:test';
import {kill, startChild} from './child.ts';
import {inFolder, openIn, withStore} from './folder.ts';

describe('the data folder', () => {
  it('is refused to a second process, and free as soon as the first is killed', () =>
    inFolder(async (folder) => {
      const child = await startChild('hold', folder);
      try {
        assert.throws(() => openIn(folder), {name: 'StoreRefused', message: /in use by another vakhta.*data_dir/});
      } finally {
        await kill(child);
      }
      await withStore(folder, ({store}) => assert.equal(store.load().nextIncident, 1));
    }));

  it('is refused to a second store in the same process', () =>
    inFolder(async (folder) => {
      await withStore(folder, () => assert.throws(() => openIn(folder), {name: 'StoreRefused'}));
      await withStore(folder, ({store}) => assert.ok(store.load()));
    }));

  it('is not kept locked by a lock file that is no database', () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, 'lock.db'), 'pid 4711\n'.repeat(200));
      await withStore(folder, () => assert.throws(() => openIn(folder), {name: 'StoreRefused'}));
    }));

  it('is made if it is missing, with the folders above it', () =>
    inFolder(async (folder) => {
      await withStore(join(folder, 'var', 'lib', 'vakhta'), ({notices}) => assert.deepEqual(notices, []));
    }));
});
