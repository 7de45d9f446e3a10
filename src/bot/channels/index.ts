import type {ChannelConfig, Config} from '../../config/config.ts';
import {personInLane} from '../../state/oncall.ts';
import type {Store} from '../../store/store.ts';
import {peopleOf} from '../access.ts';
import type {Readers} from '../readers.ts';
import type {Channel, ChannelKind, ChannelUse} from './channel.ts';

/**
 * Finds the channel of a lane: a configured one by its name, `chat:<id>` for the answer to somebody's command, or
 * `person:<id>` for the private chat of whoever is on call, while they are one of the people.
 * Undefined for one that left the configuration. Of the types of channel, those that the config has are loaded.
 */
export async function createChannels(
  {channels, users, messageType}: Pick<Config, 'channels' | 'users' | 'messageType'>,
  {
    readers,
    ...use
  }: Omit<ChannelUse, 'reader'> & {
    readonly readers: Pick<Readers, 'channel'>;
    readonly store: Pick<Store, 'outbox' | 'access'>;
  },
): Promise<(lane: string) => Channel | undefined> {
  const {telegram} = use;
  const configs = [...channels.values()];
  const kinds = new Map<string, ChannelKind>();
  for (const type of new Set(configs.map((config) => config.type))) kinds.set(type, await loadKind(type));
  const made = (config: ChannelConfig) =>
    kinds.get(config.type)?.create(config, {...use, reader: readers.channel(config.name)});
  const known = new Map(configs.map((config) => [config.name, made(config)]));
  const people = peopleOf({users}, use.store.access);
  return (lane) => {
    if (lane.startsWith('chat:')) {
      const chatId = Number(lane.slice('chat:'.length));
      // What is protected there would leave with an answer.
      const isProtected = configs.some((config) => isThere(config, chatId, use) && config.protectContent);
      return telegram?.channel({name: lane, chatId, ...(isProtected && {protectContent: true})});
    }
    const person = personInLane(lane);
    if (person === undefined) return known.get(lane);
    // What cannot be said there goes to the channels of the check.
    return messageType === 'console' || !people.get(person)
      ? undefined
      : telegram?.channel({name: lane, chatId: person});
  };
}

type TelegramChannel = Extract<ChannelConfig, {readonly type: 'telegram'}>;

function isThere(
  config: ChannelConfig,
  chatId: number,
  {telegram}: Pick<ChannelUse, 'telegram'>,
): config is TelegramChannel {
  return config.type === 'telegram' && (telegram?.currentChatId(config.chatId) ?? config.chatId) === chatId;
}

/** The file is called like the type. Throws where there is none, or not for this type: a bug. */
export async function loadKind(type: ChannelConfig['type']): Promise<ChannelKind> {
  const module: {default?: ChannelKind} = await import(`./${type}.ts`);
  if (module.default?.type !== type) throw new Error(`src/bot/channels/${type}.ts exports no channel of this type`);
  return module.default;
}
