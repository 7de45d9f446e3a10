import type {UserFromGetMe} from 'telegraf/types';
import {deepLink, FIRST_MS} from '../invites.ts';
import {createListener, type ListenUse} from './listen.ts';
import {createMenus} from './menus.ts';
import {createToasts} from './toasts.ts';
import {isUnknownToken, pollUpdates, UNKNOWN_TOKEN} from './updates.ts';

const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 30_000;

/** Takes orders from Telegram until the signal aborts. Never rejects: without Telegram the checks go on. */
export async function serveTelegram(use: Omit<ListenUse, 'botInfo'>, signal: AbortSignal): Promise<void> {
  const botInfo = await introduce(use, signal);
  if (!botInfo) return;
  const {api, clock, log, store} = use;
  const toasts = createToasts(use, signal);
  const handle = createListener({...use, botInfo, toasts});
  const polling = pollUpdates({api, clock, log, tables: store.telegram, handle, signal});
  const menus = createMenus(use, signal);
  use.desk.onPeopleChange(menus.renew);
  tellFirstCode(use, botInfo);
  await Promise.all([polling, menus.setAll()]);
  await Promise.all([menus.settled(), toasts.settled()]);
}

/** Only whoever can read this server's log or console may become the first admin; nothing of it goes to Telegram. */
function tellFirstCode({desk, log, tell, readers}: Omit<ListenUse, 'botInfo'>, {username}: UserFromGetMe): void {
  const code = desk.firstCode();
  if (code === undefined) return;
  const link = deepLink(username, code);
  log.warn(
    {link, goodForMs: FIRST_MS},
    'nobody may give orders in Telegram yet; whoever opens this link becomes the admin',
  );
  tell(readers.in().words.access.firstCode(link, `${FIRST_MS / 60_000} min`));
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
