import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {createChannels, loadKind} from '../../../src/bot/channels/index.ts';
import {createReaders, NO_CHOICES} from '../../../src/bot/readers.ts';
import {createTelegramSide} from '../../../src/bot/telegram/side.ts';
import {systemClock as clock} from '../../../src/clock.ts';
import {channelKeys} from '../../../src/config/channels.ts';
import type {ChannelConfig} from '../../../src/config/config.ts';
import {configWith, keptLog, machine, newFolder, readerOf, storeIn} from '../world.ts';

const types = channelKeys.options.map(({shape}) => shape.type.value);

describe('the types of channel', () => {
  for (const type of types) {
    test(`${type} has a file of its name`, async () => {
      assert.equal((await loadKind(type)).type, type);
    });
  }

  test('every file that exports one has its keys in the config', () => {
    const folder = join(import.meta.dirname, '../../../src/bot/channels');
    const files = readdirSync(folder).filter((file) =>
      /^export default kind;$/m.test(readFileSync(join(folder, file), 'utf8')),
    );
    assert.deepEqual(files.map((file) => file.replace('.ts', '')).sort(), [...types].sort());
  });
});

test('a lane finds its channel by name, and one that left the configuration finds none', async (context) => {
  const {log} = keptLog();
  const printed: string[] = [];
  const store = storeIn(context, newFolder(), clock);
  const print = (text: string) => void printed.push(text);
  const use = {readers: {channel: () => readerOf()}, clock, log, store, machine, print, telegram: undefined};
  const channels = new Map<string, ChannelConfig>([['desk', {name: 'desk', type: 'console'}]]);
  const find = await createChannels(configWith({channels}), use);
  assert.equal(find('desk')?.name, 'desk');
  assert.equal(find('gone'), undefined);
  assert.equal(find('chat:111'), undefined, 'there is no Telegram');
});

test('a private chat is the lane of one of the people, while Telegram is heard', async (context) => {
  const {log} = keptLog();
  const store = storeIn(context, newFolder(), clock);
  const readers = createReaders(configWith(), 'shop-7', NO_CHOICES);
  const bot = {token: '1:abc', apiRoot: 'http://127.0.0.1', proxies: [], commands: true};
  const telegram = createTelegramSide({readers, store, clock, machine, log}, bot);
  context.after(() => telegram.hangUp());
  const use = {readers, clock, log, store, machine, print: () => {}, telegram};
  const find = await createChannels(configWith(), use);
  assert.equal(find('person:111')?.name, 'person:111');
  assert.equal(find('person:666'), undefined, 'a stranger, or somebody who has left');
  const muted = await createChannels(configWith({messageType: 'console'}), use);
  assert.equal(muted('person:111'), undefined);
});

test('answers in a chat whose content is protected are protected too', async (context) => {
  const {log} = keptLog();
  const store = storeIn(context, newFolder(), clock);
  const places: object[] = [];
  const channel = (place: {readonly name: string}) => {
    places.push(place);
    return {name: place.name, deliver: async () => ({kind: 'needless'}) as const};
  };
  const telegram = {
    ...{channel, serve: async () => {}, hangUp: async () => {}, reachedAt: () => undefined},
    currentChatId: (id: number) => (id === -1 ? -2 : id),
  };
  const use = {readers: {channel: () => readerOf()}, clock, log, store, machine, print: () => {}, telegram};
  const ops = {name: 'ops', type: 'telegram', chatId: -1, protectContent: true} as const;
  const find = await createChannels(configWith({channels: new Map([['ops', ops]])}), use);
  for (const id of [-2, 5]) find(`chat:${id}`);
  assert.deepEqual(places.slice(1), [
    {name: 'chat:-2', chatId: -2, protectContent: true},
    {name: 'chat:5', chatId: 5},
  ]);
});
