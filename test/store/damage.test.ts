import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {describe, it} from 'node:test';
import {setImmediate} from 'node:timers/promises';
import {openStore} from '../../src/store/open.ts';
import {DAY, handClock, inFolder, openIn, START, withStore} from './folder.ts';
import {card, cardMessage, counter, incident, observation} from './samples.ts';

/** Ways for a file to stop being our database. */
const DAMAGES: readonly [name: string, damage: (file: string) => void][] = [
  ['random bytes', (file) => writeFileSync(file, randomBytes(20_000))],
  ['a text file', (file) => writeFileSync(file, 'Dear diary,\n'.repeat(500))],
  ['no bytes at all', (file) => truncateSync(file, 0)],
  ['its first page only', (file) => truncateSync(file, 4_096)],
  ['half a page', (file) => truncateSync(file, 2_000)],
  ['a hole in the middle', (file) => scribble(file, 4_096 * 3, 4_096 * 8)],
  ["some other program's database", otherDatabase],
];

describe('a damaged database', () => {
  for (const [name, damage] of DAMAGES) {
    it(`state.db with ${name} is set aside, a fresh one started, and one notice says so`, () =>
      inFolder(async (folder) => {
        await seed(folder);
        damage(join(folder, 'state.db'));
        await withStore(folder, async ({store, notices}) => {
          await setImmediate();
          assert.deepEqual(
            notices.map(({code}) => code),
            ['store_damaged'],
          );
          assert.match(notices[0]?.detail ?? '', /set aside as .*state\.db\.damaged-20261120T061300Z/);
          store.commit({now: START, durable: true, incidents: [incident(900)], messages: [cardMessage(900)]});
          assert.equal(store.load().nextIncident, 901);
        });
        assert.ok(readdirSync(folder).includes('state.db.damaged-20261120T061300Z'));
        await withStore(folder, async ({store, notices}) => {
          await setImmediate();
          assert.deepEqual(notices, []);
          assert.equal(store.load().incidents.at(-1)?.id, 900);
        });
      }));

    it(`history.db with ${name} is set aside, a fresh one started, and one notice says so`, () =>
      inFolder(async (folder) => {
        await seed(folder);
        damage(join(folder, 'history.db'));
        await withStore(folder, async ({store, notices}) => {
          store.history.record([observation(START + 5)]);
          const rows = await store.history.raw({check: 'api', from: START + 5, to: START + 6});
          assert.equal(rows.length, 1);
          assert.deepEqual(
            notices.map(({code}) => code),
            ['store_damaged'],
          );
          assert.equal(store.load().incidents.length, 300);
        });
        assert.ok(readdirSync(folder).includes('history.db.damaged-20261120T061300Z'));
      }));
  }

  it('keeps what could still be read, such as messages that were not delivered yet', () =>
    inFolder(async (folder) => {
      await seed(folder);
      const file = join(folder, 'state.db');
      scribble(file, rootPage(file, 'audit') * 4_096, 4_096);
      await withStore(folder, async ({store, notices}) => {
        await setImmediate();
        assert.equal(notices[0]?.code, 'store_damaged');
        assert.equal(store.outbox.backlog().rows, 300);
        assert.equal(store.load().nextIncident, 301);
      });
    }));

  it('does not overwrite a file that was set aside in the same second', () =>
    inFolder(async (folder) => {
      for (const text of ['one', 'two']) {
        writeFileSync(join(folder, 'state.db'), text);
        await withStore(folder, () => {});
      }
      assert.equal(readFileSync(join(folder, 'state.db.damaged-20261120T061300Z'), 'utf8'), 'one');
      assert.equal(readFileSync(join(folder, 'state.db.damaged-20261120T061300Z-2'), 'utf8'), 'two');
    }));

  it('found while running loses no commit, and its owner is asked to commit the state again', () =>
    inFolder((folder) =>
      withStore(folder, async ({store, notices}) => {
        const messages = Array.from({length: 20_000}, (_, n) => cardMessage(n));
        store.commit({now: START, durable: true, messages});
        let resets = 0;
        store.onReset(() => {
          resets += 1;
          store.commit({now: START, durable: true, counters: [{check: 'api', target: '', counter: counter(4)}]});
        });
        // By another process: closing a file here would end the locks that SQLite has on it.
        overwrite(join(folder, 'state.db'));
        store.commit({now: START, durable: true, incidents: [incident(5)], cards: [card(5)], messages});
        store.outbox.backlog();
        store.outbox.prune(START);
        store.commit({now: START, durable: true, incidents: [incident(6)], cards: [card(6)]});
        assert.equal(resets, 0);
        await setImmediate();
        assert.deepEqual(
          notices.map(({code}) => code),
          ['store_damaged'],
        );
        assert.equal(resets, 1);
        assert.equal(store.load().checks.get('api')?.get('')?.errors, 4);
        assert.equal(store.load().incidents.at(-1)?.id, 6);
        assert.ok(statSync(join(folder, 'state.db')).size > 0);
      }),
    ));

  it('found before anybody listens is told to whoever comes first', () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, 'state.db'), 'nonsense');
      const store = openStore({dataDir: folder, clock: handClock(), keepRawMs: 7 * DAY, keepHistoryMs: 400 * DAY});
      await setImmediate();
      const heard: string[] = [];
      store.onNotice((code) => heard.push(code));
      await setImmediate();
      await store.close();
      assert.deepEqual(heard, ['store_damaged']);
    }));

  it("history.db's found while running is replaced, and recording goes on", () =>
    inFolder((folder) =>
      withStore(folder, async ({store, notices}) => {
        // More than SQLite keeps in its cache.
        const rows = Array.from({length: 60_000}, (_, n) =>
          observation(START + n, {check: `c${n % 700}`, values: {some: 1 / n, more: 2 / n, enough: 3 / n}}),
        );
        store.history.record(rows);
        await store.history.raw({check: 'c1', from: 0, to: 1});
        overwrite(join(folder, 'history.db'));
        // One from the middle, whose pages were left behind longest ago.
        await store.history.raw({check: 'c350', from: 0, to: START + DAY});
        assert.deepEqual(
          notices.map(({code}) => code),
          ['store_damaged'],
        );
        store.history.record([observation(START, {check: 'after'})]);
        assert.equal((await store.history.raw({check: 'after', from: 0, to: START + 1})).length, 1);
      }),
    ));
});

describe('a database that cannot be used', () => {
  for (const name of ['state.db', 'history.db']) {
    it(`${name} of a newer program is refused, with the cure, and left as it is`, () =>
      inFolder(async (folder) => {
        await seed(folder);
        const db = new DatabaseSync(join(folder, name));
        db.exec('PRAGMA user_version = 99');
        db.close();
        const before = readFileSync(join(folder, name));
        assert.throws(() => openIn(folder), {
          name: 'StoreRefused',
          message: /newer vakhta \(version 99.*update vakhta/,
        });
        assert.deepEqual(readFileSync(join(folder, name)), before);
        // The refusal let go of the folder: with the cure applied it opens.
        rmSync(join(folder, name));
        await withStore(folder, ({store}) => assert.ok(store.load()), handClock());
      }));
  }
});

async function seed(folder: string): Promise<void> {
  await withStore(folder, async ({store}) => {
    for (let n = 1; n <= 300; n++) {
      store.commit({
        now: START,
        durable: false,
        incidents: [incident(n)],
        cards: [card(n)],
        messages: [cardMessage(n)],
        audit: {at: START, userId: 1, userName: 'Anna', chatId: 1, order: 'ack api', outcome: 'x'.repeat(200)},
      });
    }
    store.history.record(Array.from({length: 3_000}, (_, n) => observation(START + n, {check: `c${n % 9}`})));
  });
}

function scribble(file: string, from: number, bytes: number): void {
  const content = readFileSync(file);
  randomBytes(bytes).copy(content, from);
  writeFileSync(file, content);
}

function overwrite(file: string): void {
  const script = `const fs = require('fs'); const f = process.argv[1];
    for (const s of ['', '-wal']) fs.writeFileSync(f + s, Buffer.alloc(fs.statSync(f + s).size, 0xa5));`;
  execFileSync(process.execPath, ['-e', script, file]);
}

function rootPage(file: string, table: string): number {
  const db = new DatabaseSync(file, {readOnly: true});
  const page = db.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table)?.rootpage;
  db.close();
  return Number(page) - 1;
}

function otherDatabase(file: string): void {
  rmSync(file);
  const db = new DatabaseSync(file);
  db.exec('CREATE TABLE songs (title TEXT); PRAGMA user_version = 1');
  db.close();
}
