import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import type {VisibleMessage} from '../../../mocks/telegram/simulator.ts';
import {ANNA, alertConfig, BORIS, CLARA, checkConfig, GROUP, ok, readerOf, rowsOf, STRANGER} from '../world.ts';
import {type Chat, FORUM, startChat} from './chat.ts';

const NAMES = ['api', 'mail', 'shop', 'till-1', 'till-2', 'till-3', 'till-4'];
const THE_TIME = /^<tg-time unix="(\d+)" format="T">(\d\d:\d\d:\d\d)<\/tg-time>$/;

interface Cards extends Chat {
  readonly card: () => VisibleMessage;
  readonly press: (label: string, from?: number, message?: VisibleMessage) => Promise<string | undefined>;
  readonly ackedBy: (check: string) => string | undefined;
}

async function startCards(
  context: TestContext,
  changes: Parameters<typeof startChat>[1] = {},
  place = GROUP,
): Promise<Cards> {
  const chat = await startChat(context, {checks: NAMES.map((name) => checkConfig(name)), ...changes});
  const {telegram, until, clock, pipeline, store} = chat;
  await chat.listen();
  const card = () =>
    chat.said(place).find(({text}) => / (?:is|are) down|recovered|broken/.test(text)) as VisibleMessage;
  const press: Cards['press'] = async (label, from = BORIS, message = card()) => {
    const before = telegram.callbackAnswers.length;
    telegram.press({chat: place, from, message_id: message.message_id, label});
    await until(() => telegram.pendingUpdates() === 0 && telegram.callbackAnswers.length > before, 'the press');
    await clock.advance(3_000);
    await until(() => store.outbox.backlog().rows === 0, 'what it causes');
    return telegram.callbackAnswers[before]?.text;
  };
  const ackedBy = (name: string) =>
    pipeline.view().find(({config}) => config.name === name)?.incident?.acknowledged?.by.name;
  return {...chat, card, press, ackedBy};
}

function labels(message: VisibleMessage): string[][] {
  return message.reply_markup?.inline_keyboard.map((row) => row.map(({text}) => text)) ?? [];
}

function orders(dataDir: string): string[] {
  return rowsOf(dataDir, 'SELECT user_id, order_text, outcome FROM audit').map((row) => Object.values(row).join(' '));
}

describe('a card', () => {
  test('offers what its reader may want next, until it is over', async (context) => {
    const {telegram, said, breaks, recovers, until, card, press, dataDir} = await startCards(context);
    await breaks('api');
    await until(() => said().length === 1, 'the card');
    assert.deepEqual(labels(card()), [['Acknowledge'], ['Details', '🔕 1h']]);
    await press('Acknowledge');
    assert.match(card().text, /👤 Acknowledged by Boris at \d\d:\d\d:\d\d/);
    assert.deepEqual(labels(card()), [['👤 Take back'], ['Details', '🔕 1h']]);
    await press('👤 Take back', ANNA);
    assert.doesNotMatch(card().text, /Acknowledged/);
    assert.deepEqual(labels(card()), [['Acknowledge'], ['Details', '🔕 1h']]);
    assert.equal(await press('Acknowledge'), 'Acknowledged: api');
    await recovers('api');
    await until(() => labels(card()).length === 0, 'the end');
    assert.deepEqual(orders(dataDir), [`${BORIS} /ack api done`, `${ANNA} /unack api done`, `${BORIS} /ack api done`]);
    assert.deepEqual(telegram.violations, []);
  });

  test('stays the card that is edited when a reminder has come below it', async (context) => {
    const alerts = alertConfig({repeatEveryMs: 20 * 60_000});
    const {said, breaks, recovers, until, clock} = await startCards(context, {checks: [checkConfig('api', {alerts})]});
    await breaks('api');
    await until(() => said().length === 1, 'the card');
    await clock.advance(20 * 60_000);
    await until(() => said().length === 2, 'the reminder');
    await recovers('api');
    await until(() => said().length === 3 && said()[0]?.text.startsWith('🟢 api recovered'), 'the edit');
    assert.match(said()[1]?.text ?? '', /^⏰ api is still down/);
  });

  test('shows the details below itself, also to a viewer, and again and again', async (context) => {
    const {said, breaks, until, card, press} = await startCards(context);
    await breaks('api');
    await until(() => said().length === 1, 'the card');
    await press('Details', CLARA);
    await press('Details', CLARA);
    assert.equal(said().length, 3);
    assert.match(said()[2]?.text ?? '', /^🔴 api · shop-7\nDown since/);
    assert.equal(said()[2]?.reply_to, card().message_id);
  });

  test('silences its check for an hour, which a viewer may not', async (context) => {
    const {said, breaks, until, pipeline, clock, press} = await startCards(context);
    await breaks('api');
    await until(() => said().length === 1, 'the card');
    assert.equal(await press('🔕 1h', CLARA), 'This needs the role operator.');
    assert.match((await press('🔕 1h')) ?? '', /^Silenced: api/);
    const [silence] = pipeline.silences();
    assert.deepEqual(silence?.what, {kind: 'check', name: 'api'});
    assert.ok(typeof silence?.until === 'number' && silence.until - clock.now() <= 3_600_000);
  });

  test('of several offers to acknowledge all at once, and the details of the first five', async (context) => {
    const alerts = alertConfig({groupWaitMs: 10_000});
    const checks = NAMES.map((name) => checkConfig(name, {alerts}));
    const {said, pipeline, clock, until, press, ackedBy, dataDir} = await startCards(context, {checks});
    for (const name of NAMES) {
      for (let run = 0; run < 3; run++)
        pipeline.observe([{check: name, at: clock.now() + run, result: 'failed', reason: 'x', latencyMs: 1}]);
    }
    await until(() => said().length === 2, 'the first card and the digest');
    const digest = () => said()[1] as VisibleMessage;
    const rest = NAMES.slice(1);
    assert.match(digest().text, /^🔴 6 checks are down/);
    assert.deepEqual(labels(digest()), [['Acknowledge all 6'], ...rest.slice(0, 5).map((name) => [name])]);
    await press('Acknowledge all 6', BORIS, digest());
    await until(() => labels(digest()).length === 5, 'the edit');
    assert.deepEqual(
      rest.map(ackedBy),
      rest.map(() => 'Boris'),
    );
    assert.equal(ackedBy('api'), undefined, 'it has a card of its own');
    assert.deepEqual(orders(dataDir), [`${BORIS} /ack ${rest.join(',')} done`]);
    await press('mail', CLARA, digest());
    assert.match(said()[2]?.text ?? '', /^🟠 mail · shop-7/);
  });

  test('keeps its buttons over a restart of its channel', async (context) => {
    const {said, breaks, until, store, clock, press} = await startCards(context);
    await breaks('api');
    await until(() => said().length === 1, 'the card');
    const [first] = said();
    await press('Acknowledge');
    await press('👤 Take back');
    const open = store.telegram.openButtons(GROUP, first?.message_id ?? 0);
    assert.deepEqual(open.map(({command}) => command).sort(), ['ack', 'check', 'silence']);
    assert.ok(open.every(({expiresAt}) => expiresAt > clock.now()));
  });
});

describe('a list of incidents', () => {
  test('links to the card of each, where Telegram has links to messages', async (context) => {
    const names = ['api', 'mail', 'shop'];
    const checks = names.map((name) => checkConfig(name, {alerts: alertConfig({groupWaitMs: 10_000})}));
    const {said, breaks, until, pipeline, clock} = await startCards(context, {checks});
    for (const [index, name] of names.entries()) {
      await breaks(name);
      await until(() => said().length === index + 1, 'a card of its own');
      await clock.advance(20_000);
    }
    for (let run = 0; run < 2; run++) {
      for (const name of names) pipeline.observe([ok(name, clock.now())]);
      await clock.advance(1_000);
    }
    await until(() => said().some(({entities}) => entities.some(({type}) => type === 'text_link')), 'a list');
    const list = said().at(-1) as VisibleMessage;
    assert.match(list.text, /^🟢 \w+ is back after.*\n🟢 \w+ is back/);
    const linked = list.entities.filter(({type}) => type === 'text_link');
    for (const {url, offset, length} of linked) {
      const own = said().find(({text}) => text.startsWith(`🟢 ${list.text.slice(offset, offset + length)} recovered`));
      assert.equal(url, `https://t.me/c/1234567890/${own?.message_id}`);
    }
    assert.equal(linked.length, list.text.split('\n').length);
  });
});

describe('a time on a card', () => {
  test('is shown in the zone of each reader, with the time of this server for older apps', async (context) => {
    const {said, breaks, until, telegram, clock} = await startCards(context);
    await breaks('api');
    await until(() => said().length === 1, 'the card');
    const [time] = said()[0]?.entities.filter(({type}) => type === 'date_time') ?? [];
    assert.equal(time?.date_time_format, 'T');
    assert.ok(Math.abs((time?.unix_time ?? 0) - clock.now() / 1000) < 10);
    const written = said()[0]?.text.slice(time?.offset, (time?.offset ?? 0) + (time?.length ?? 0));
    assert.match(written ?? '', /^\d\d:\d\d:\d\d$/);
    assert.deepEqual(telegram.violations, []);
  });

  test('is text where the server does not know such times, and that is asked once', async (context) => {
    const {said, breaks, recovers, until, telegram} = await startCards(context);
    const description = 'Bad Request: can\'t parse entities: Unsupported start tag "tg-time" at byte offset 60';
    telegram.fault({kind: 'error', method: 'sendMessage', description, times: 1});
    await breaks('api');
    await until(() => said().length === 1, 'the card');
    assert.match(said()[0]?.text ?? '', /down since \d\d:\d\d:\d\d/);
    assert.deepEqual(
      said()[0]?.entities.map(({type}) => type),
      ['bold'],
    );
    await recovers('api');
    await until(() => said()[0]?.edits.length === 1, 'the end');
    const texts = telegram.requests.flatMap(({params}) => (typeof params.text === 'string' ? [params.text] : []));
    assert.equal(texts.filter((text) => text.includes('<tg-time')).length, 1);
  });

  test('has its date when that is another day, and stays plain elsewhere', () => {
    const {format} = readerOf();
    const noon = Date.UTC(2026, 10, 20, 12, 0, 0);
    assert.equal(format.moment(noon, noon), '12:00:00');
    assert.doesNotMatch(format.moment(noon, noon), THE_TIME);
  });
});

describe('a reaction on a card', () => {
  const rows = [
    {who: 'an operator', from: BORIS, emoji: '👀', acked: 'Boris'},
    {who: 'an admin', from: ANNA, emoji: '👍', acked: 'Anna'},
    {who: 'an operator with another one', from: BORIS, emoji: '🔥', acked: undefined},
    {who: 'a viewer', from: CLARA, emoji: '👀', acked: undefined, audit: `${CLARA} /ack api 👀 denied`},
    {who: 'a stranger', from: STRANGER, emoji: '👀', acked: undefined},
    {who: 'another bot', from: 777, emoji: '👀', acked: undefined},
    {who: 'an anonymous administrator', from: ANNA, actor_chat: GROUP, emoji: '👀', acked: undefined},
  ];
  for (const {who, acked, audit, ...reaction} of rows) {
    test(`of ${who} ${acked ? 'acknowledges it' : 'changes nothing'}`, async (context) => {
      const {said, breaks, until, telegram, dataDir, ackedBy, clock, card, store} = await startCards(context);
      await breaks('api');
      await until(() => said().length === 1 && store.outbox.backlog().rows === 0, 'the card');
      telegram.react({chat: GROUP, message_id: card().message_id, ...reaction});
      await until(() => telegram.pendingUpdates() === 0, 'the reaction to be taken');
      await clock.advance(3_000);
      assert.equal(ackedBy('api'), acked);
      assert.equal(said().length, 1, 'nobody is answered');
      const order = audit ?? (acked && `${reaction.from} /ack api ${reaction.emoji} done`);
      assert.deepEqual(orders(dataDir), order ? [order] : []);
      if (!acked) return;
      await until(() => card().text.includes(`Acknowledged by ${acked}`), 'the edit');
      assert.ok(card().text.endsWith(`: ${reaction.emoji}`));
      assert.deepEqual(telegram.violations, []);
    });
  }

  async function reacted(context: TestContext) {
    const cards = await startCards(context);
    const {said, breaks, until, telegram, store, card, clock} = cards;
    await breaks('api');
    await until(() => said().length === 1 && store.outbox.backlog().rows === 0, 'the card');
    const react = async (emoji: string | undefined, from = BORIS) => {
      telegram.react({chat: GROUP, from, message_id: card().message_id, ...(emoji && {emoji})});
      await until(() => telegram.pendingUpdates() === 0, 'the reaction to be taken');
      await clock.advance(3_000);
    };
    return {...cards, react};
  }

  test('that is taken back takes the acknowledgement back', async (context) => {
    const {react, ackedBy, dataDir} = await reacted(context);
    await react('👀');
    await react('👍');
    assert.equal(ackedBy('api'), 'Boris', 'another word for the same');
    await react(undefined);
    assert.equal(ackedBy('api'), undefined);
    assert.deepEqual(orders(dataDir), [`${BORIS} /ack api 👀 done`, `${BORIS} /unack api done`]);
  });

  test('of a second person leaves it with the first, and so does taking that back', async (context) => {
    const {react, ackedBy} = await reacted(context);
    await react('👀', BORIS);
    await react('👍', ANNA);
    await react(undefined, ANNA);
    assert.equal(ackedBy('api'), 'Boris');
  });

  test('that is taken back leaves what was acknowledged in words since', async (context) => {
    const {react, ackedBy, telegram, until} = await reacted(context);
    await react('👀');
    telegram.say({chat: GROUP, from: BORIS, text: '/ack api looking into it'});
    await until(() => telegram.pendingUpdates() === 0, 'the order');
    await react(undefined);
    assert.equal(ackedBy('api'), 'Boris');
  });

  test('that comes again after a crash is not taken twice', async (context) => {
    const {react, telegram, store, dataDir, until, ackedBy, pipeline, clock} = await reacted(context);
    await react('👀');
    const by = {id: BORIS, name: 'Boris'};
    pipeline.order({events: [{kind: 'unacknowledged', check: 'api', at: clock.now(), by}]});
    assert.equal(store.telegram.isHandled(store.telegram.offset() - 1), true);
    await until(() => telegram.pendingUpdates() === 0, 'nothing new');
    assert.equal(ackedBy('api'), undefined);
    assert.equal(orders(dataDir).length, 1);
  });

  test('on what is no card, or on one that is over, is nothing', async (context) => {
    const {react, telegram, until, recovers, dataDir, lines, said, card} = await reacted(context);
    const {message_id} = telegram.say({chat: GROUP, from: BORIS, text: 'hello'});
    telegram.react({chat: GROUP, from: STRANGER, message_id, emoji: '👀'});
    telegram.react({chat: GROUP, from: BORIS, message_id, emoji: '👀'});
    await recovers('api');
    await until(() => said().length === 2 && card().text.includes('recovered'), 'the end');
    await react('👀');
    assert.deepEqual(orders(dataDir), []);
    assert.ok(!lines.some(({msg}) => msg === 'turned away'), 'people may react to each other');
  });
});

describe('a channel', () => {
  test('rings nobody for checks of low severity, and rings for all others', async (context) => {
    const checks = [checkConfig('lamp', {severity: 'low'}), checkConfig('api')];
    const {breaks, recovers, until, telegram, said} = await startCards(context, {checks});
    await breaks('lamp');
    await recovers('lamp');
    await breaks('api');
    await until(() => said().length === 3, 'all');
    const silent = telegram.requests
      .filter(({method}) => method === 'sendMessage')
      .map(({params}) => params.disable_notification ?? false);
    assert.deepEqual(silent, [true, true, false]);
    assert.deepEqual(telegram.violations, []);
  });

  test('with protect_content protects what is said there, and previews no links', async (context) => {
    const ops = {name: 'ops', type: 'telegram', chatId: FORUM, threadId: 7, protectContent: true} as const;
    const {breaks, until, telegram, said} = await startCards(context, {channels: new Map([['ops', ops]])}, FORUM);
    await breaks('api');
    await until(() => said(FORUM).length === 1, 'the card');
    const params = telegram.requests.find(({method}) => method === 'sendMessage')?.params;
    assert.equal(params?.protect_content, true);
    assert.deepEqual(params?.link_preview_options, {is_disabled: true});
    assert.equal(params?.message_thread_id, 7);
    assert.deepEqual(telegram.violations, []);
  });
});
