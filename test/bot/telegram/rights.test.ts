import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import type {Saying} from '../../../mocks/telegram/people.ts';
import {commands} from '../../../src/bot/commands/index.ts';
import type {Message} from '../../../src/state/vocabulary.ts';
import type {Button} from '../../../src/store/store.ts';
import {ANNA, BORIS, CLARA, checkConfig, configWith, GROUP, rowsOf, STRANGER} from '../world.ts';
import {buttonOf, type Chat, OTHER_GROUP, startChat} from './chat.ts';
import {fate, RIGHTS, type Right} from './rights.ts';

/** Dora is an operator of the shops, Erik an admin of the shops. */
const DORA = 444;
const ERIK = 555;
const ROBOT = 777;
const CHANNEL = -100777;
const DAY = 86_400_000;

type Fate = 'answered' | 'denied' | 'silent';
type Fates = (right: Right) => Fate;
const silent: Fates = () => 'silent';

async function startRights(context: TestContext): Promise<Chat> {
  const users = new Map([
    ...configWith().users,
    [DORA, {id: DORA, name: 'Dora', role: 'operator', groups: ['shops']} as const],
    [ERIK, {id: ERIK, name: 'Erik', role: 'admin', groups: ['shops']} as const],
  ]);
  const checks = [checkConfig('api'), checkConfig('shop-1', {group: 'shops'})];
  const chat = await startChat(context, {users, checks, channels: CHANNELS});
  chat.telegram.addUser({id: DORA, first_name: 'Dora'});
  chat.telegram.addUser({id: ERIK, first_name: 'Erik'});
  await chat.breaks('shop-1');
  return chat;
}

const CHANNELS = new Map([['ops', {name: 'ops', type: 'telegram', chatId: GROUP} as const]]);

/** What came of one order: an answer in its chat, a denial, or nothing whatsoever. */
function fatesOf({dataDir}: Chat, orders: ReadonlyMap<string, {readonly id: number; readonly text: string}>) {
  const rows = rowsOf(dataDir, "SELECT message FROM outbox WHERE kind = 'reply'");
  const replies = rows.map(({message}) => JSON.parse(String(message)) as Message & {kind: 'reply'});
  const audit = rowsOf(dataDir, 'SELECT order_text, outcome FROM audit');
  return Object.fromEntries(
    [...orders].map(([name, {id, text}]): [string, Fate] => {
      const isDenied = audit.some(({order_text: order, outcome}) => order === text && outcome === 'denied');
      const reply = replies.find(({to}) => to.replyTo === id);
      assert.doesNotMatch(reply?.html ?? '', /did not work/);
      const isOrdered = audit.some(({order_text: order, outcome}) => order === text && outcome === 'done');
      return [name, isDenied ? 'denied' : reply || isOrdered ? 'answered' : 'silent'];
    }),
  );
}

const expected = (fates: Fates) =>
  Object.fromEntries(Object.entries(RIGHTS).map(([name, right]) => [name, fates(right)]));
const orderOf = ([name, {text}]: [string, Right]) => `/${name} ${text}`.trim();

test('every command has its row in the table of rights, and its role there', () => {
  assert.deepEqual(commands.map(({name}) => name).sort(), Object.keys(RIGHTS).sort());
  for (const {name, role, everywhere} of commands) {
    assert.deepEqual([name, role, everywhere], [name, RIGHTS[name]?.needs, RIGHTS[name]?.everywhere]);
  }
});

describe('every command, by who says it and where', () => {
  const table: [title: string, how: Omit<Saying, 'text'>, fates: Fates][] = [
    ['a viewer in our group', {from: CLARA, chat: GROUP}, (right) => fate(right, 'viewer')],
    ['a viewer in private', {from: CLARA, chat: CLARA}, (right) => fate(right, 'viewer')],
    ['an operator in our group', {from: BORIS, chat: GROUP}, (right) => fate(right, 'operator')],
    ['an operator in private', {from: BORIS, chat: BORIS}, (right) => fate(right, 'operator')],
    ['an admin in our group', {from: ANNA, chat: GROUP}, (right) => fate(right, 'admin')],
    ['an admin in private', {from: ANNA, chat: ANNA}, (right) => fate(right, 'admin')],
    ['an operator of the shops in our group', {from: DORA, chat: GROUP}, (right) => fate(right, 'operator', true)],
    ['an admin of the shops in private', {from: ERIK, chat: ERIK}, (right) => fate(right, 'admin', true)],
    ['a stranger in our group', {from: STRANGER, chat: GROUP}, silent],
    ['a stranger in private', {from: STRANGER, chat: STRANGER}, silent],
    ['a stranger in a foreign group', {from: STRANGER, chat: OTHER_GROUP}, silent],
    ['an admin in a foreign group', {from: ANNA, chat: OTHER_GROUP}, silent],
    ['an admin in somebody else’s private chat', {from: ANNA, chat: STRANGER}, silent],
    ['an anonymous administrator of our group', {from: ANNA, chat: GROUP, sender_chat: GROUP}, silent],
    ['a channel in our group', {from: ANNA, chat: GROUP, sender_chat: CHANNEL}, silent],
    ['what Telegram forwards from a linked channel', AUTOMATIC(), silent],
    ['a post in a channel', {from: ANNA, chat: CHANNEL}, silent],
    ['what an admin forwards of an admin', {from: ANNA, chat: GROUP, forward: ANNA}, silent],
    ['what a stranger forwards of an admin', {from: STRANGER, chat: GROUP, forward: ANNA}, silent],
    ['another bot in our group', {from: ROBOT, chat: GROUP}, silent],
  ];
  for (const [title, how, fates] of table) {
    test(`${title}: ${summary(fates)}`, async (context) => {
      const chat = await startRights(context);
      const {telegram, until} = chat;
      await chat.listen();
      const said = Object.entries(RIGHTS).map((row): [string, {id: number; text: string}] => {
        const text = orderOf(row);
        return [row[0], {id: telegram.say({...how, text}).message_id, text}];
      });
      await until(() => telegram.pendingUpdates() === 0, 'all to be taken');
      assert.deepEqual(fatesOf(chat, new Map(said)), expected(fates));
      assert.deepEqual(telegram.violations, []);
    });
  }

  test('what an admin edits into an order: nothing', async (context) => {
    const chat = await startRights(context);
    const {telegram, until} = chat;
    await chat.listen();
    const said = Object.entries(RIGHTS).map((row): [string, {id: number; text: string}] => {
      const {message_id: edited} = telegram.say({chat: GROUP, from: ANNA, text: 'hm'});
      telegram.say({chat: GROUP, from: ANNA, text: orderOf(row), edited});
      return [row[0], {id: edited, text: orderOf(row)}];
    });
    await until(() => telegram.pendingUpdates() === 0, 'all to be taken');
    assert.deepEqual(fatesOf(chat, new Map(said)), expected(silent));
  });

  test('what an admin said comes a second time, after a crash: nothing', async (context) => {
    const chat = await startRights(context);
    const {telegram, until, store} = chat;
    const said = Object.entries(RIGHTS).map((row): [string, {id: number; text: string}] => {
      return [row[0], {id: telegram.say({chat: GROUP, from: ANNA, text: orderOf(row)}).message_id, text: orderOf(row)}];
    });
    // As the commit of their orders left them.
    for (let id = FIRST_UPDATE; id < FIRST_UPDATE + said.length; id++) store.telegram.markHandled(id);
    await chat.listen();
    await until(() => telegram.pendingUpdates() === 0, 'all to be taken');
    assert.deepEqual(fatesOf(chat, new Map(said)), expected(silent));
  });
});

/** The simulator's first update has this id. */
const FIRST_UPDATE = 1_000;

function AUTOMATIC(): Omit<Saying, 'text'> {
  return {from: ANNA, chat: GROUP, sender_chat: CHANNEL, automatic_forward: true};
}

function summary(fates: Fates): string {
  const all = Object.values(RIGHTS).map(fates);
  const count = (one: Fate) => all.filter((other) => other === one).length;
  return (['answered', 'denied', 'silent'] as const)
    .filter((one) => count(one) > 0)
    .map((one) => `${count(one)} ${one}`)
    .join(', ');
}

test('the Acknowledge button of a check outside their groups is denied, and stays good for others', async (context) => {
  const chat = await startRights(context);
  const {telegram, said, until, breaks, pipeline} = chat;
  await chat.listen();
  await breaks('api');
  const card = () => said().find(({text}) => text.includes('api is down'));
  await until(() => buttonOf(card()), 'the card');
  const press = async (from: number) => {
    telegram.press({chat: GROUP, from, message_id: card()?.message_id ?? 0, label: 'Acknowledge'});
    await until(() => telegram.pendingUpdates() === 0, 'the press to be taken');
    return telegram.callbackAnswers.at(-1)?.text;
  };
  assert.equal(await press(DORA), 'Your role holds for checks of these groups only: shops.');
  assert.equal(pipeline.view()[0]?.incident?.acknowledged, undefined);
  assert.equal(await press(BORIS), 'Acknowledged: api');
  assert.deepEqual(rowsOf(chat.dataDir, 'SELECT user_id, outcome FROM audit'), [
    {user_id: DORA, outcome: 'denied'},
    {user_id: BORIS, outcome: 'done'},
  ]);
});

describe('every button, by who presses it and where', () => {
  interface How {
    readonly from: number;
    readonly chat?: number;
    /** Another message than the one that carries the button. */
    readonly isElsewhere?: true;
    readonly button?: Partial<Button>;
  }
  const EXPIRED = 'This button is no longer good.';
  const USED = 'This button has been pressed already.';
  const NOT_YOURS = 'This button is for somebody else.';
  const table: [title: string, how: How, fates: (right: Right) => Fate | string][] = [
    ['a viewer', {from: CLARA}, (right) => fate(right, 'viewer')],
    ['an operator', {from: BORIS}, (right) => fate(right, 'operator')],
    ['an admin', {from: ANNA}, (right) => fate(right, 'admin')],
    ['an operator of the shops', {from: DORA}, (right) => fate(right, 'operator', true)],
    ['an admin of the shops', {from: ERIK}, (right) => fate(right, 'admin', true)],
    ['a stranger', {from: STRANGER}, silent],
    ['another bot', {from: ROBOT}, silent],
    ['a stranger, his own button', {from: STRANGER, button: {user: STRANGER}}, silent],
    ['an admin in a foreign group', {from: ANNA, chat: OTHER_GROUP}, silent],
    ['an admin in a private chat, as after a forward', {from: ANNA, chat: ANNA}, () => EXPIRED],
    ['an admin on another message', {from: ANNA, isElsewhere: true}, () => EXPIRED],
    ['an admin after its time', {from: ANNA, button: {expiresAt: 0}}, () => EXPIRED],
    ['an admin after somebody else', {from: ANNA, button: {usedAt: 1}}, () => USED],
    ['an admin, Boris’s button', {from: ANNA, button: {user: BORIS}}, () => NOT_YOURS],
    ['a viewer, Boris’s yes', {from: CLARA, button: {user: BORIS, confirms: true}}, () => NOT_YOURS],
  ];
  for (const [title, how, fates] of table) {
    test(title, async (context) => {
      const chat = await startRights(context);
      const {telegram, until, store, clock} = chat;
      await chat.listen();
      const {message_id: home} = telegram.say({chat: GROUP, from: CLARA, text: 'look'});
      const {message_id: other} = telegram.say({chat: how.chat ?? GROUP, from: how.from, text: 'and here'});
      const place = {chat: how.chat ?? GROUP, message_id: how.chat || how.isElsewhere ? other : home};
      const pressed = Object.entries(RIGHTS).map(([name, {text}], index) => {
        const id = `${name.padEnd(20, '_')}${index}`;
        const row = {
          id,
          command: name,
          text,
          show: 'toast',
          once: true,
          card: 0,
          chatId: GROUP,
          messageId: home,
        } as const;
        store.telegram.createButton({...row, expiresAt: clock.now() + DAY, ...how.button});
        return [name, telegram.press({...place, from: how.from, data: id, forged: true})] as const;
      });
      await until(() => telegram.pendingUpdates() === 0, 'all to be taken');
      assert.deepEqual(
        pressesOf(chat, pressed),
        Object.fromEntries(Object.entries(RIGHTS).map(([name, right]) => [name, fates(right)])),
      );
      assert.deepEqual(telegram.violations, []);
    });
  }

  function pressesOf({telegram, dataDir}: Chat, pressed: readonly (readonly [string, string])[]) {
    const refusals = new Set([EXPIRED, USED, NOT_YOURS]);
    const denied = rowsOf(dataDir, "SELECT order_text FROM audit WHERE outcome = 'denied'").map(
      ({order_text: text}) => text,
    );
    return Object.fromEntries(
      pressed.map(([name, id]): [string, string] => {
        const answer = telegram.callbackAnswers.find((one) => one.callback_query_id === id);
        const isWritten = denied.includes(orderOf([name, RIGHTS[name] as Right]));
        if (!answer) return [name, isWritten ? 'denied unheard' : 'silent'];
        // Somebody else's button is a refused order like any other.
        if (refusals.has(answer.text))
          return [name, isWritten === (answer.text === NOT_YOURS) ? answer.text : `${answer.text}?`];
        return [name, isWritten ? 'denied' : 'answered'];
      }),
    );
  }
});
