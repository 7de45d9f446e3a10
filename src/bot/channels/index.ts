import type {Clock} from '../../clock.ts';
import type {Config} from '../../config/config.ts';
import type {Reader} from '../messages/render.ts';
import type {TelegramSide} from '../telegram/side.ts';
import type {Channel} from './channel.ts';
import {createConsoleChannel} from './console.ts';

/**
 * Finds the channel of a lane: a configured one by its name, or `chat:<id>` for the answer to somebody's command.
 * Undefined for one that left the configuration.
 */
export function createChannels(use: {
  readonly config: Config;
  readonly reader: Reader;
  readonly clock: Clock;
  readonly print: (text: string) => void;
  readonly telegram: TelegramSide | undefined;
}): (lane: string) => Channel | undefined {
  const {config, telegram} = use;
  return (lane) => {
    if (lane.startsWith('chat:')) return telegram?.channel({name: lane, chatId: Number(lane.slice('chat:'.length))});
    const channel = config.channels.get(lane);
    switch (channel?.type) {
      case 'telegram':
        return telegram?.channel(channel);
      case 'console':
        return createConsoleChannel(use, channel.name);
      case undefined:
        return undefined;
    }
  };
}
