import type {Config} from '../../config/config.ts';
import type {TelegramSide} from './side.ts';

type Module = typeof import('./side.ts');

/** Loaded on first use: a server without Telegram does not pay for its libraries. */
export async function openTelegram(
  {telegram}: Config,
  use: Parameters<Module['createTelegramSide']>[0],
): Promise<TelegramSide | undefined> {
  if (!telegram) return undefined;
  const {createTelegramSide}: Module = await import('./side.ts');
  return createTelegramSide(use, telegram);
}
