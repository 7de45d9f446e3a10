import type {Clock} from '../../clock.ts';
import type {TelegramConfig} from '../../config/config.ts';
import {createBudget} from '../budget.ts';
import type {Channel} from '../channels/channel.ts';
import {createTelegramChannel, type TelegramPlace} from '../channels/telegram.ts';
import {OpsTelegram} from './api.ts';
import {keepBoards} from './board.ts';
import type {ListenUse} from './listen.ts';
import {serveTelegram} from './serve.ts';

/** Everything that needs Telegram. Import this module on first use: a server without Telegram does not pay for its libraries. */
export interface TelegramSide {
  /** A chat, or one topic of it. */
  channel(place: TelegramPlace): Channel;
  /** A group that became a supergroup has another id than the configuration says. */
  currentChatId(configured: number): number;
  /** Takes orders until the signal aborts. */
  serve(use: Omit<ListenUse, 'api' | 'botInfo'>, signal: AbortSignal): Promise<void>;
  /** When Telegram last answered well, on the monotonic clock. */
  reachedAt(): number | undefined;
  /** Drops every connection. */
  hangUp(): Promise<void>;
}

export function createTelegramSide(
  use: Pick<ListenUse, 'clock' | 'readers' | 'log'> &
    Omit<Parameters<typeof createTelegramChannel>[0], 'api' | 'budget' | 'reader' | 'takesOrders'>,
  {token, apiRoot, proxies, commands}: TelegramConfig,
): TelegramSide {
  const clock: Clock = use.clock;
  const api = new OpsTelegram({token, apiRoot, proxies, clock, log: use.log});
  const budget = createBudget();
  return {
    channel: (place) => {
      const reader = use.readers.channel(place.name);
      return createTelegramChannel({...use, api, budget, reader, takesOrders: commands}, place);
    },
    currentChatId: (chatId) => use.store.telegram.currentChatId(chatId),
    serve: async (rest, signal) => {
      const boards = keepBoards({...rest, api, budget, reader: (channel) => use.readers.channel(channel)}, signal);
      if (commands) await serveTelegram({...rest, api}, signal);
      // Who polls reaches it all the time; who only sends must ask, if somebody is to be told whether it can be reached.
      else if (rest.config.http) await greet(api, clock, signal);
      await boards;
    },
    reachedAt: () => api.reachedAt,
    hangUp: () => api.hangUp(),
  };
}

const GREET_EVERY_MS = 60_000;

async function greet(api: OpsTelegram, clock: Clock, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await api.callApi('getMe', {}, {signal}).catch(() => {});
    await clock.sleep(GREET_EVERY_MS, signal);
  }
}
