import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, type TestContext, test} from 'node:test';
import {ANNA, BORIS, CLARA, checkConfig, GROUP, rowsOf, STRANGER} from '../world.ts';
import {type Chat, startChat} from './chat.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const EVE = 667;

interface Door extends Chat {
  /** Says it, and waits until that was taken. */
  readonly say: (from: number, text: string, how?: {chat?: number; forward?: number}) => Promise<void>;
  /** Presses a button of the newest message of a private chat. */
  readonly press: (from: number, label: string) => Promise<void>;
  readonly last: (chat: number) => string;
  /** The code of a new invite. */
  readonly invite: (order: string) => Promise<string>;
  readonly audit: () => string[];
}

async function startDoor(context: TestContext, changes: Parameters<typeof startChat>[1] = {}): Promise<Door> {
  const chat = await startChat(context, {
    checks: [checkConfig('api'), checkConfig('shop-1', {group: 'shops'})],
    ...changes,
  });
  const {telegram, said, until, store} = chat;
  telegram.addUser({id: EVE, first_name: 'Eve', last_name: 'von \u202Eolleh\n', username: 'anna'});
  await chat.listen();
  const settle = () =>
    until(() => telegram.pendingUpdates() === 0 && store.outbox.backlog().rows === 0, 'all to be done');
  const say: Door['say'] = async (from, text, how = {}) => {
    telegram.say({chat: from, ...how, from, text});
    await settle();
  };
  const last = (id: number) => said(id).at(-1)?.text ?? '';
  return {
    ...chat,
    say,
    last,
    press: async (from, label) => {
      telegram.press({chat: from, from, label});
      await settle();
    },
    invite: async (order) => {
      await say(ANNA, order);
      return codeIn(last(ANNA));
    },
    audit: () =>
      rowsOf(chat.dataDir, 'SELECT user_name, order_text, outcome FROM audit ORDER BY id').map(
        ({user_name: name, order_text: order, outcome}) => `${name}: ${order} (${outcome})`,
      ),
  };
}

const codeIn = (text: string) => /https:\/\/t\.me\/\w+\?start=([\w-]+)/.exec(text)?.[1] ?? '';

describe('an invite', () => {
  test('makes the stranger who opens it a person with that role, and tells whoever gave it', async (context) => {
    const {say, invite, last, audit, telegram, breaks, pipeline} = await startDoor(context);
    const code = await invite('/invite operator shops 2h');
    assert.match(code, /^[\w-]{22}$/);
    assert.match(last(ANNA), /becomes operator for shops/);
    await say(EVE, `/start ${code}`);
    assert.equal(last(EVE), 'Welcome, Eve von olleh. On shop-7 you are operator for shops now. /help');
    assert.match(last(ANNA), /^Eve von olleh \(667\) has opened your invite and is operator for shops now/);
    await breaks('shop-1');
    await say(EVE, '/ack shop-1', {chat: GROUP});
    assert.equal(pipeline.view()[1]?.incident?.acknowledged?.by.name, 'Eve von olleh');
    assert.deepEqual(audit(), [
      'Anna: /invite operator shops 2h (done)',
      'Eve von olleh: /start (operator for shops, by Anna) (done)',
      'Eve von olleh: /ack shop-1 (done)',
    ]);
    const menuOf = () => telegram.commands({type: 'chat', chat_id: EVE}).map(({command}) => command);
    await telegram.waitFor(() => menuOf().length > 0, {what: 'the menu'});
    const menu = menuOf();
    assert.ok(menu.includes('ack') && !menu.includes('users') && !menu.includes('start'));
    assert.deepEqual(telegram.violations, []);
  });

  test('welcomes whoever opens it in the language of their Telegram', async (context) => {
    const {say, invite, last, telegram, audit} = await startDoor(context);
    telegram.addUser({id: 668, first_name: 'Ира', language_code: 'ru'});
    await say(668, `/start ${await invite('/invite operator shops')}`);
    assert.match(last(668), /^Добро пожаловать, Ира\. Теперь ваша роль на shop-7 — operator для shops\. \/help$/);
    assert.match(last(ANNA), /^Ира \(668\) has opened your invite/);
    assert.equal(audit().at(-1), 'Ира: /start (operator for shops, by Anna) (done)');
  });

  test('works once: whoever else has the link gets no answer', async (context) => {
    const {say, invite, said, store} = await startDoor(context);
    const code = await invite('/invite viewer');
    await say(EVE, `/start ${code}`);
    await say(STRANGER, `/start ${code}`);
    assert.deepEqual(said(STRANGER), []);
    assert.deepEqual(
      store.access.users().map(({id}) => id),
      [EVE],
    );
  });

  test('opened by two at the same moment lets one of them in', async (context) => {
    const {say, invite, said, store, telegram} = await startDoor(context);
    const code = await invite('/invite viewer');
    for (const from of [STRANGER, EVE]) telegram.say({chat: from, from, text: `/start ${code}`});
    await say(ANNA, '/version');
    assert.equal(store.access.users().length, 1);
    assert.equal(said(STRANGER).length + said(EVE).length, 1);
  });

  test('is good for a day where nothing else is said, and then no more', async (context) => {
    const {say, invite, clock, said, until, telegram} = await startDoor(context);
    const [long, short] = [await invite('/invite viewer'), await invite('/invite viewer 10m')];
    await clock.advance(11 * MINUTE);
    await until(() => telegram.isPolling(), 'a poll');
    await say(STRANGER, `/start ${short}`);
    assert.deepEqual(said(STRANGER), []);
    await clock.advance(23 * HOUR);
    await until(() => telegram.isPolling(), 'a poll');
    await say(STRANGER, `/start ${long}`);
    assert.equal(said(STRANGER).length, 1);
  });

  test('is nowhere but in the private chat once it was delivered', async (context) => {
    const {invite, dataDir, lines, store, clock} = await startDoor(context);
    const code = await invite('/invite operator');
    const kept = ['outbox', 'invites', 'audit', 'buttons'].map((table) => rowsOf(dataDir, `SELECT * FROM ${table}`));
    assert.doesNotMatch(JSON.stringify([kept, lines]), new RegExp(code));
    assert.equal(store.access.invites(clock.now()).length, 1);
    await store.close();
    assert.equal(readFileSync(join(dataDir, 'state.db'), 'latin1').includes(code), false);
  });

  test('is given in a private chat only, and an admin’s after a question', async (context) => {
    const {say, press, last, store, clock, invite} = await startDoor(context);
    await say(ANNA, '/invite viewer', {chat: GROUP});
    assert.equal(last(GROUP), 'Only in a private chat with me: others read along here.');
    await say(ANNA, '/invite admin');
    assert.match(last(ANNA), /Really \/invite admin/);
    assert.equal(store.access.invites(clock.now()).length, 0);
    await press(ANNA, 'Yes');
    const code = codeIn(last(ANNA));
    await say(EVE, `/start ${code}`);
    assert.match(last(EVE), /you are admin now/);
    for (const [order, answer] of [
      ['/invite', /Usage: \/invite viewer\|operator\|admin/],
      ['/invite boss', /Usage/],
      ['/invite viewer nowhere', /No check is in a group nowhere. There are: shops/],
      ['/invite viewer 8d', /7d at most/],
    ] as const) {
      assert.equal(await invite(order), '');
      assert.match(last(ANNA), answer);
    }
  });

  test('is not used up by somebody who is known', async (context) => {
    const {say, invite, last, store, clock} = await startDoor(context);
    const code = await invite('/invite operator');
    await say(CLARA, `/start ${code}`);
    assert.match(last(CLARA), /you are viewer\..*\nThat code .* was not used/s);
    assert.equal(store.access.invites(clock.now()).length, 1);
  });

  test('survives a restart, and so do those who came by one', async (context) => {
    const {say, invite, store, dataDir} = await startDoor(context);
    const [first, second] = [await invite('/invite operator shops'), await invite('/invite viewer')];
    await say(EVE, `/start ${first}`);
    await store.close();
    const next = await startDoor(context, {dataDir});
    // The simulator counts its updates anew, and those of before are known.
    for (let count = 0; count < 5; count++) await next.say(STRANGER, 'hello?');
    assert.deepEqual(next.store.access.user(EVE)?.groups, ['shops']);
    await next.say(STRANGER, `/start ${second}`);
    assert.match(next.last(STRANGER), /you are viewer now/);
  });

  test('may be open fifty times, and no more', async (context) => {
    const {store, clock, last, say} = await startDoor(context);
    for (let count = 0; count < 51; count++) await say(ANNA, '/invite viewer');
    assert.match(last(ANNA), /50 invites are open already/);
    assert.equal(store.access.invites(clock.now()).length, 50);
  });
});

test('an invite is as good as whoever gave it: revoked, an admin leaves no way in', async (context) => {
  const {say, press, invite, last, said, store} = await startDoor(context);
  await say(ANNA, '/invite admin');
  await press(ANNA, 'Yes');
  await say(EVE, `/start ${codeIn(last(ANNA))}`);
  await say(EVE, '/invite operator');
  const code = codeIn(last(EVE));
  await say(ANNA, `/revoke ${EVE}`);
  await press(ANNA, 'Yes');
  for (const from of [EVE, STRANGER]) {
    const before = said(from).length;
    await say(from, `/start ${code}`);
    assert.equal(said(from).length, before);
  }
  assert.deepEqual(store.access.users(), []);
  assert.equal((await invite('/invite viewer')).length, 22);
});

describe('a stranger', () => {
  test('hears nothing, whatever code he brings, and fills no log', async (context) => {
    const {say, invite, said, lines, telegram, store, clock} = await startDoor(context);
    const code = await invite('/invite viewer');
    const wrong = ['', 'x', 'A'.repeat(22), "' OR 1=1 --", `${code}x`, code.toLowerCase(), code.slice(1)];
    for (const text of wrong) telegram.say({chat: STRANGER, from: STRANGER, text: `/start ${text}`});
    await say(EVE, '/start');
    assert.deepEqual([...said(STRANGER), ...said(EVE)], []);
    assert.ok(lines.filter(({msg}) => msg === 'turned away').length <= 2);
    assert.equal(store.access.invites(clock.now()).length, 1);
  });

  test('brings a good code in vain anywhere but in private, forwarded, or as a bot', async (context) => {
    const {say, invite, said, store} = await startDoor(context);
    const code = await invite('/invite viewer');
    const before = said(GROUP).length;
    await say(EVE, `/start ${code}`, {chat: GROUP});
    await say(EVE, `/start ${code}`, {forward: ANNA});
    await say(777, `/start ${code}`);
    assert.equal(said(GROUP).length, before);
    assert.deepEqual(store.access.users(), []);
  });

  test('who has tried five codes is not even looked at for ten minutes', async (context) => {
    const {say, invite, said, clock, telegram, until} = await startDoor(context);
    const code = await invite('/invite viewer');
    for (let count = 0; count < 5; count++) await say(STRANGER, `/start ${'A'.repeat(22)}`);
    await say(STRANGER, `/start ${code}`);
    assert.deepEqual(said(STRANGER), []);
    await clock.advance(10 * MINUTE);
    await until(() => telegram.isPolling(), 'a poll');
    await say(STRANGER, `/start ${code}`);
    assert.match(said(STRANGER)[0]?.text ?? '', /Welcome, Mallory/);
  });
});

describe('a role or an invite that is taken back', () => {
  test('ends at once, after a question', async (context) => {
    const {say, press, invite, last, said, telegram, audit} = await startDoor(context);
    await say(EVE, `/start ${await invite('/invite operator')}`);
    await say(EVE, '/status');
    const before = said(EVE).length;
    await say(ANNA, '/users');
    assert.match(
      last(ANNA),
      /^Anna · 111 · admin · in config\.yaml\n.*\n.*\nEve von olleh · 667 · operator · invited by Anna/s,
    );
    await press(ANNA, 'Revoke Eve von olleh 667');
    assert.match(last(ANNA), /Really \/revoke 667/);
    await press(ANNA, 'Yes');
    assert.equal(last(ANNA), 'Eve von olleh (667) may give no orders any more.');
    await say(EVE, '/status');
    assert.equal(said(EVE).length, before);
    await telegram.waitFor(() => telegram.commands({type: 'chat', chat_id: EVE}).length === 0, {what: 'no menu'});
    assert.equal(audit().at(-1), 'Anna: /revoke 667 (done)');
  });

  test('is an invite that nobody can use any more', async (context) => {
    const {say, press, invite, last, said} = await startDoor(context);
    const code = await invite('/invite operator');
    await say(ANNA, '/revoke #1');
    await press(ANNA, 'Yes');
    assert.equal(last(ANNA), 'Invite #1 is no longer good.');
    await say(STRANGER, `/start ${code}`);
    assert.deepEqual(said(STRANGER), []);
    await say(ANNA, '/revoke #1');
    assert.match(last(ANNA), /There is no open invite #1/);
  });

  test('is nobody’s who stands in config.yaml, nor the last admin’s own', async (context) => {
    const {say, last} = await startDoor(context);
    await say(ANNA, '/revoke Boris');
    assert.match(last(ANNA), /^Boris stands in config\.yaml, under users\.222/);
    await say(ANNA, '/revoke nobody');
    assert.match(last(ANNA), /Nobody is called nobody/);
    const other = await startDoor(context, {users: new Map()});
    await other.say(EVE, `/start ${codeIn(other.told[0] ?? '')}`);
    await other.say(EVE, `/revoke ${EVE}`);
    assert.equal(other.last(EVE), 'You are the last admin: invite another one first.');
  });
});

describe('the first admin', () => {
  const nobody = {users: new Map()};

  test('comes by a code that stands beside the server only', async (context) => {
    const {say, said, told, lines, telegram, last, audit} = await startDoor(context, nobody);
    const code = codeIn(told[0] ?? '');
    assert.match(code, /^[\w-]{22}$/);
    assert.ok(lines.some((line) => String(line.link).endsWith(code)));
    assert.doesNotMatch(JSON.stringify(telegram.requests.map(({params}) => params)), new RegExp(code));
    await say(EVE, `/start ${code}`);
    assert.match(last(EVE), /you are admin now/);
    await say(STRANGER, `/start ${code}`);
    assert.deepEqual(said(STRANGER), []);
    assert.deepEqual(audit(), [
      'console: a code for the first admin (done)',
      'Eve von olleh: /start (admin, by console) (done)',
    ]);
  });

  test('comes within an hour', async (context) => {
    const {say, said, told, clock, until, telegram} = await startDoor(context, nobody);
    await clock.advance(HOUR);
    await until(() => telegram.isPolling(), 'a poll');
    await say(EVE, `/start ${codeIn(told[0] ?? '')}`);
    assert.deepEqual(said(EVE), []);
  });

  test('is not asked for where somebody may give orders', async (context) => {
    const {told, lines} = await startDoor(context);
    assert.deepEqual(told, []);
    assert.ok(!lines.some((line) => line.link !== undefined));
  });

  test('has only the code of the last start', async (context) => {
    const {told, store, dataDir} = await startDoor(context, nobody);
    await store.close();
    const next = await startDoor(context, {...nobody, dataDir});
    await next.say(STRANGER, `/start ${codeIn(told[0] ?? '')}`);
    assert.deepEqual(next.said(STRANGER), []);
    await next.say(EVE, `/start ${codeIn(next.told[0] ?? '')}`);
    assert.match(next.last(EVE), /you are admin now/);
  });

  test('is not made by an old code once the configuration names people', async (context) => {
    const {told, store, dataDir, clock} = await startDoor(context, nobody);
    await store.close();
    const users = new Map([[BORIS, {id: BORIS, name: 'Boris', role: 'viewer'} as const]]);
    const next = await startDoor(context, {users, dataDir});
    await next.say(EVE, `/start ${codeIn(told[0] ?? '')}`);
    assert.deepEqual(next.said(EVE), []);
    assert.deepEqual(next.store.access.invites(clock.now()), []);
  });
});

describe('the audit', () => {
  test('is read page by page, and exported in private', async (context) => {
    const {say, press, last, dataDir} = await startDoor(context);
    for (let count = 0; count < 4; count++) await say(ANNA, '/silence api 1h');
    // Nobody writes a line of his own into the list.
    await say(ANNA, '/silence api 1h\n12:00 · Boris (222) · /reload \u202Enever');
    await say(CLARA, '/reload');
    await say(ANNA, '/audit 4');
    assert.match(
      last(ANNA),
      /^.* · Clara \(333\) · \/reload · denied\n(.*Anna \(111\) · \/silence api 1h[^\n]*\n?){3}$/,
    );
    assert.match(last(ANNA), /silence api 1h 12:00 · Boris \(222\) · \/reload never\n/);
    await press(ANNA, 'older ›');
    assert.match(last(ANNA), /^(.*Anna \(111\) · \/silence api 1h\n?){2}$/);
    await say(ANNA, '/audit export', {chat: GROUP});
    assert.match(last(GROUP), /Only in a private chat/);
    await say(ANNA, '/audit export');
    const [row] = rowsOf(dataDir, "SELECT message FROM outbox WHERE json_extract(message, '$.file') IS NOT NULL");
    const {name, base64} = JSON.parse(String(row?.message)).file;
    const entries = Buffer.from(base64, 'base64')
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(name, 'vakhta-audit-shop-7.jsonl');
    assert.deepEqual(
      entries.map(({order}) => order),
      [...Array(4).fill('/silence api 1h'), '/silence api 1h\n12:00 · Boris (222) · /reload \u202Enever', '/reload'],
    );
    assert.deepEqual(
      {...entries[0], at: ''},
      {
        ...{id: 1, at: '', userId: ANNA, userName: 'Anna', chatId: ANNA, order: '/silence api 1h', outcome: 'done'},
      },
    );
  });
});
