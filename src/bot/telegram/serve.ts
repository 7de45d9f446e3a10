import type {UserFromGetMe} from 'telegraf/types';
import {commands} from '../commands/index.ts';
import {createListener, type ListenUse} from './listen.ts';
import {isUnknownToken, pollUpdates, UNKNOWN_TOKEN} from './updates.ts';

const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 30_000;

/** Takes orders from Telegram until the signal aborts. Never rejects: without Telegram the checks go on. */
export async function serveTelegram(use: Omit<ListenUse, 'botInfo'>, signal: AbortSignal): Promise<void> {
  const botInfo = await introduce(use, signal);
  if (!botInfo) return;
  const menu = commands.map(({name, summary}) => ({command: name, description: summary(use.words)}));
  await use.api.callApi('setMyCommands', {commands: menu}, {signal}).catch((error) => {
    if (!signal.aborted) use.log.warn({reason: String(error)}, 'the menu of commands could not be set');
  });
  const {api, clock, log, store} = use;
  const handle = createListener({...use, botInfo});
  await pollUpdates({api, clock, log, tables: store.telegram, handle, signal});
}

/** The bot's own name is needed before any command can be told from another bot's. */
async function introduce(use: Omit<ListenUse, 'botInfo'>, signal: AbortSignal): Promise<UserFromGetMe | undefined> {
  for (let wait = RETRY_MS_MIN; !signal.aborted; wait = Math.min(RETRY_MS_MAX, wait * 2)) {
    try {
      const me: UserFromGetMe = await use.api.callApi('getMe', {}, {signal});
      use.log.info({bot: me.username}, 'Telegram knows us');
      return me;
    } catch (error) {
      if (signal.aborted) return undefined;
      if (isUnknownToken(error)) {
        use.log.error(UNKNOWN_TOKEN);
        return undefined;
      }
      use.log.warn({reason: String(error)}, 'Telegram does not answer yet');
      await use.clock.sleep(wait, signal);
    }
  }
  return undefined;
}
