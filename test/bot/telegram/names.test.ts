import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import {commands} from '../../../src/bot/commands/index.ts';
import {locales} from '../../../src/bot/languages.ts';
import {clip, escapeHtml, TEXT_UNITS_MAX} from '../../../src/bot/messages/html.ts';
import {systemClock} from '../../../src/clock.ts';
import type {CheckConfig} from '../../../src/config/config.ts';
import type {Message} from '../../../src/state/vocabulary.ts';
import {ANNA, checkConfig, failed, GROUP} from '../world.ts';
import {type Chat, startChat} from './chat.ts';

/** What HTML and Markdown take for their own, right to left, and signs of several parts. */
const AWKWARD = ['<b>&amp;</b>', 'R&D_*`x`*', 'שלום-7', '\u202Eمرحبا', '👩‍👩‍👧№4'];
const ALL = AWKWARD.join(' ');
/** A PNG. */
const ONE_PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const targetsOf = (names: readonly string[]) => names.map((label, index) => ({address: `10.0.${index}.1`, label}));

/** All of them is down, acknowledged, silenced and commented on in words that fit nowhere. */
async function startAwkward(
  context: TestContext,
  checks: readonly CheckConfig[],
  changes: Parameters<typeof startChat>[1] = {},
) {
  const anna = {id: ANNA, name: clip(ALL, 40), role: 'admin'} as const;
  const chat = await startChat(context, {checks: [...checks], users: new Map([[ANNA, anna]]), ...changes}, {});
  await chat.listen();
  for (let run = 0; run < 3; run++) {
    await chat.clock.advance(1_000);
    for (const {name, targets} of checks) {
      const subjects = targets.length === 0 ? [undefined] : targets.map(({address}) => address);
      const at = chat.clock.now();
      chat.pipeline.observe(subjects.map((target) => ({...failed(name, at, target), reason: ALL.repeat(20)})));
    }
    await chat.clock.advance(10);
  }
  await empty(chat);
  return chat;
}

/** Lets time pass until nothing waits to be said, nor to be taken. */
async function empty({telegram, store, clock}: Chat): Promise<void> {
  for (let step = 0; step < 5 || store.outbox.backlog().rows > 0 || telegram.pendingUpdates() > 0; step++) {
    assert.ok(step < 1_000, 'something waits for ever');
    await clock.advance(1_000);
    await systemClock.sleep(2);
  }
}

async function ask(chat: Chat, text: string): Promise<void> {
  chat.telegram.say({chat: GROUP, from: ANNA, text});
  await empty(chat);
}

function assertTaken({telegram, said}: Chat): void {
  const refused = telegram.requests.flatMap(({method, answer}) =>
    answer?.ok === false && !answer.description.includes('message is not modified') ? [[method, answer]] : [],
  );
  assert.deepEqual(refused, []);
  const plain = telegram.requests.filter(({params}) => 'text' in params && params.parse_mode !== 'HTML');
  assert.deepEqual(
    plain.filter(({method}) => method !== 'answerCallbackQuery'),
    [],
    'nothing had to go out without its markup',
  );
  for (const {text} of said()) assert.ok(text.length <= TEXT_UNITS_MAX);
  assert.deepEqual(telegram.violations, []);
}

/** Every command, with nothing and with the name of a check behind it. */
const questions = (name: string) =>
  commands
    .filter((command) => command.name !== 'reload')
    .flatMap((command) => [`/${command.name}`, `/${command.name} ${name}`]);

describe('names that are markup, run from right to left, or are made of several signs', () => {
  test('arrive as they are: in cards, answers, buttons, and under files', async (context) => {
    const names = ['сервер', 'שלום-7', 'مرحبا'];
    const checks = [
      ...names.map((name) => checkConfig(name, {group: clip(ALL, 60), comment: ALL})),
      checkConfig('tills', {targets: targetsOf(AWKWARD), alertWhen: {kind: 'count', count: 1}, comment: ALL}),
    ];
    const chat = await startAwkward(context, checks);
    const all = () =>
      chat
        .said()
        .map(({text}) => text)
        .join('\n');
    for (const sign of AWKWARD) assert.ok(all().includes(sign), `${sign} is on no card`);
    await ask(chat, `/ack שלום-7 ${ALL}`);
    assert.ok(
      chat.said().some(({text}) => text.includes(`: ${ALL}`)),
      'why',
    );
    for (const question of ['/silence tills 1h <i>', '/ack', ...questions('tills'), ...questions('שלום')])
      await ask(chat, question);
    assertTaken(chat);
    const labels = chat.said().flatMap(({reply_markup: markup}) => markup?.inline_keyboard.flat() ?? []);
    for (const name of names)
      assert.ok(
        labels.some(({text}) => text.includes(name)),
        `${name} is on no button`,
      );
  });

  test('arrive as they are under pictures and files', async (context) => {
    const chat = await startChat(context);
    const file = (as: 'photo' | 'document') => ({
      name: 'a<&>`שלום👩‍👧.png',
      as,
      base64: ONE_PIXEL,
    });
    const messages = (['photo', 'document'] as const).map(
      (as): Message => ({
        kind: 'reply',
        channel: '',
        reason: 'reply',
        to: {chatId: GROUP},
        html: `<b>${escapeHtml(ALL)}</b>`,
        file: file(as),
      }),
    );
    chat.store.commit({now: chat.clock.now(), messages, durable: true});
    chat.outbox.wake();
    await empty(chat);
    assert.deepEqual(
      chat.said().map(({text}) => text),
      [ALL, ALL],
    );
    assertTaken(chat);
  });
});

describe('the largest answers', () => {
  for (const locale of locales) {
    test(`fit into messages, in the language ${locale}`, async (context) => {
      const long = (index: number) => `${index}-${'шта'.repeat(30)}`.slice(0, 64);
      const checks = Array.from({length: 60}, (_, index) =>
        checkConfig(long(index), {group: long(100 + (index % 7)), comment: ALL.repeat(20).slice(0, 1_000)}),
      );
      const targets = targetsOf(Array.from({length: 200}, (_, index) => `${ALL}${index}`));
      const tills = checkConfig('tills', {targets, comment: '&'.repeat(1_000)});
      const chat = await startAwkward(context, [...checks, tills], {locale});
      for (const question of [...questions('tills'), `/check ${long(1)}`, `/ack ${long(1)} ${'<&'.repeat(1_500)}`]) {
        await ask(chat, question);
      }
      assertTaken(chat);
      assert.ok(
        chat.said().some(({text}) => text.length > 3_000),
        'there was a large one',
      );
    });
  }
});
