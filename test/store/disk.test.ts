import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {describe, it, type TestContext} from 'node:test';
import {setImmediate} from 'node:timers/promises';
import {handClock, inFolder, type Opened, START, until, withStore} from './folder.ts';
import {card, cardMessage, counter, incident, observation, silence, spell} from './samples.ts';

const BIG = {at: START, userId: 1, userName: 'Anna', chatId: 1, order: 'ack api', outcome: 'x'.repeat(60_000)};

describe('a full disk', () => {
  it('puts the store into memory with one notice, and back when there is room', (t) =>
    onSmallDisk(t, async (folder) => {
      await withStore(folder, async (opened) => {
        seed(opened);
        fill(folder);
        // More than what is left in the log's last pages.
        for (let n = 2; n <= 12; n++) {
          opened.store.commit({...numbered(n), audit: BIG});
        }
        await setImmediate();
        assert.deepEqual(codes(opened), ['store_in_memory']);
        assert.match(opened.notices[0]?.detail ?? '', /state\.db.*full.*going on in memory/);
        assert.equal(opened.store.figures().state.inMemory, true);
        assertNumbered(opened, 12);
        opened.store.outbox.lease(1, START);
        opened.store.outbox.sent(1, {now: START, chatId: -100, messageId: 70});
        opened.clock.advance(60_000);
        await setImmediate();
        assert.deepEqual(codes(opened), ['store_in_memory']);
        makeRoom(folder);
        opened.clock.advance(60_000);
        await setImmediate();
        assert.deepEqual(codes(opened), ['store_in_memory', 'store_back_on_disk']);
        assert.equal(opened.store.figures().state.inMemory, false);
        opened.store.commit(numbered(13));
      });
      await withStore(folder, (opened) => {
        assertNumbered(opened, 13);
        assert.equal(opened.store.outbox.first('ops')?.id, 2);
        assert.deepEqual(opened.store.outbox.cardMessage(1, 'ops'), {chatId: -100, messageId: 70});
      });
    }));

  it('found at the start does not hide what the file and its log hold', (t) =>
    onSmallDisk(t, async (folder) => {
      await inFolder(async (elsewhere) => {
        // As a crash leaves it: the newest commits are in the log only.
        await withStore(elsewhere, (opened) => {
          seed(opened);
          for (const name of ['state.db', 'state.db-wal']) copyFileSync(join(elsewhere, name), join(folder, name));
        });
      });
      fill(folder);
      await withStore(folder, async (opened) => {
        for (let n = 2; n <= 5; n++) opened.store.commit({...numbered(n), audit: BIG});
        await setImmediate();
        assert.deepEqual(codes(opened), ['store_in_memory']);
        assertNumbered(opened, 5);
        makeRoom(folder);
      });
      await withStore(folder, (opened) => assertNumbered(opened, 5));
    }));

  it('found at the first start leaves no empty file that would look damaged at the next', (t) =>
    onSmallDisk(t, async (folder) => {
      fill(folder);
      await withStore(folder, async (opened) => {
        seed(opened);
        await setImmediate();
        assert.deepEqual(codes(opened), ['store_in_memory']);
        assertNumbered(opened, 1);
        assert.ok(!existsSync(join(folder, 'state.db')));
      });
      rmSync(join(folder, 'filler'));
      await withStore(folder, async (opened) => {
        await setImmediate();
        assert.deepEqual(codes(opened), []);
      });
    }));

  it('keeps observations waiting and writes them when there is room', (t) =>
    onSmallDisk(t, async (folder) => {
      await withStore(folder, async ({store, clock, notices}) => {
        store.history.record([observation(START)]);
        await store.history.raw({check: 'api', from: START, to: START + 1});
        fill(folder);
        const rows = Array.from({length: 20_000}, (_, n) => observation(START + 1 + n, {reason: `reason ${n}`}));
        store.history.record(rows);
        clock.advance(1_000);
        await until(() => notices.length > 0, 'the worker meets the full disk');
        assert.deepEqual(
          notices.map(({code}) => code),
          ['store_in_memory'],
        );
        makeRoom(folder);
        clock.advance(60_000);
        await until(() => notices.length > 1, 'the worker is back');
        assert.equal(notices[1]?.code, 'store_back_on_disk');
        const found = await store.history.raw({check: 'api', from: START, to: START + 30_000});
        assert.equal(found.length, 20_001);
        assert.equal(found[20_000]?.reason, 'reason 19999');
      });
    }));
});

describe('a read-only folder', () => {
  it('at the start does not hide what it holds; commits go on in memory', (t) =>
    onSmallDisk(t, async (folder) => {
      await withStore(folder, seed);
      remount(folder, 'ro');
      await withStore(folder, async (opened) => {
        await setImmediate();
        assert.deepEqual(codes(opened), ['store_in_memory']);
        assertNumbered(opened, 1);
        opened.store.commit(numbered(2));
        assertNumbered(opened, 2);
        opened.clock.advance(60_000);
        remount(folder, 'rw');
        opened.clock.advance(60_000);
        await setImmediate();
        assert.deepEqual(codes(opened), ['store_in_memory', 'store_back_on_disk']);
      });
      await withStore(folder, (opened) => assertNumbered(opened, 2));
    }));

  it('after a crash does not hide what the log holds', (t) =>
    onSmallDisk(t, async (folder) => {
      await inFolder(async (elsewhere) => {
        await withStore(elsewhere, (opened) => {
          seed(opened);
          for (const name of readdirSync(elsewhere)) {
            if (name.startsWith('state.db')) copyFileSync(join(elsewhere, name), join(folder, name));
          }
        });
      });
      remount(folder, 'ro');
      await withStore(folder, (opened) => assertNumbered(opened, 1));
    }));

  it('stays refused to a second program when it becomes writable again', (t) =>
    onSmallDisk(t, async (folder) => {
      remount(folder, 'ro');
      await withStore(folder, async (first) => {
        remount(folder, 'rw');
        await withStore(folder, (second) => {
          first.clock.advance(60_000);
          second.store.commit(numbered(1));
          assertNumbered(first, 0);
          assertNumbered(second, 1);
        });
        assert.deepEqual(codes(first), ['store_in_memory']);
      });
    }));
});

describe('a file that another program holds', () => {
  it('keeps the store waiting for a second only; then it goes on in memory until the file is free', () =>
    inFolder(async (folder) => {
      await withStore(folder, async (opened) => {
        seed(opened);
        const other = new DatabaseSync(join(folder, 'state.db'));
        other.exec('BEGIN IMMEDIATE');
        opened.store.commit(numbered(2));
        await setImmediate();
        assert.deepEqual(codes(opened), ['store_in_memory']);
        assertNumbered(opened, 2);
        other.close();
        opened.clock.advance(60_000);
        await setImmediate();
        assert.deepEqual(codes(opened), ['store_in_memory', 'store_back_on_disk']);
      });
      await withStore(folder, (opened) => assertNumbered(opened, 2));
    }));
});

describe('a data folder that cannot be made', () => {
  it('leaves the store in memory until it can', () =>
    inFolder(async (folder) => {
      const dataDir = join(folder, 'data');
      writeFileSync(dataDir, 'a file stands in the way');
      await withStore(dataDir, async (opened) => {
        seed(opened);
        opened.store.history.record([observation(START)]);
        await setImmediate();
        assert.deepEqual(codes(opened), ['store_in_memory']);
        assertNumbered(opened, 1);
        opened.clock.advance(1_000);
        rmSync(dataDir);
        mkdirSync(dataDir);
        opened.clock.advance(60_000);
        opened.clock.advance(60_000);
        await until(() => opened.notices.length > 1, 'both files are on the disk');
        assert.deepEqual(codes(opened), ['store_in_memory', 'store_back_on_disk']);
        assert.equal((await opened.store.history.raw({check: 'api', from: START, to: START + 1})).length, 1);
      });
      await withStore(dataDir, (opened) => assertNumbered(opened, 1));
    }));

  it('is tried once more when the program ends', () =>
    inFolder(async (folder) => {
      const dataDir = join(folder, 'data');
      writeFileSync(dataDir, '');
      await withStore(dataDir, (opened) => {
        seed(opened);
        rmSync(dataDir);
      });
      await withStore(dataDir, (opened) => assertNumbered(opened, 1), handClock());
    }));
});

function numbered(n: number) {
  return {
    now: START,
    durable: true,
    counters: [{check: 'api', target: '', counter: counter(n)}],
    incidents: [incident(n)],
    cards: [card(n)],
    silences: [silence(n)],
    spells: new Map([[`check ${n}`, spell(`check ${n}`)]]),
    messages: [cardMessage(n)],
  };
}

function seed({store}: Opened): void {
  store.commit(numbered(1));
}

function assertNumbered({store}: Opened, last: number): void {
  const {incidents, cards, silences, spells, checks, nextIncident, nextSilence} = store.load();
  const counts = [incidents, cards, silences, spells].map(({length}) => length);
  assert.deepEqual(
    [...counts, checks.get('api')?.get('')?.errors ?? 0, nextIncident, nextSilence],
    [last, last, last, last, last, last + 1, last + 1],
  );
}

function codes({notices}: Opened): string[] {
  return notices.map(({code}) => code);
}

/** A real file system of 1 MB in memory, mounted and unmounted by the test; only root may do that. */
async function onSmallDisk(t: TestContext, use: (folder: string) => Promise<void>): Promise<void> {
  await inFolder(async (outer) => {
    const folder = join(outer, 'disk');
    mkdirSync(folder);
    try {
      execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], {stdio: 'pipe'});
    } catch (error) {
      return t.skip(`needs root to mount a small disk: ${String(error).split('\n').at(-2)}`);
    }
    try {
      await use(folder);
    } finally {
      execFileSync('/bin/umount', ['-l', folder]);
    }
  });
}

function remount(folder: string, mode: 'ro' | 'rw'): void {
  execFileSync('/bin/mount', ['-o', `remount,${mode}`, folder]);
}

/** Writes until the disk takes no more. */
function fill(folder: string): void {
  const file = openSync(join(folder, 'filler'), 'w');
  try {
    for (const bytes of [4_096, 1]) assert.throws(() => writeForever(file, bytes), /ENOSPC/);
  } finally {
    closeSync(file);
  }
}

function makeRoom(folder: string): void {
  rmSync(join(folder, 'filler'));
  execFileSync('/bin/mount', ['-o', 'remount,size=16m', folder]);
}

function writeForever(file: number, bytes: number): void {
  const block = Buffer.alloc(bytes);
  for (;;) writeSync(file, block);
}
