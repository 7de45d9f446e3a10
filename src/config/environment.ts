import type {ChannelConfig, TelegramConfig, User} from './config.ts';
import {isWay, WAY_WORDS} from './proxy.ts';
import type {Report} from './report.ts';

export const API_ROOT = 'https://api.telegram.org';
/** The names of the channels that exist where the config names none. */
export const CONSOLE_CHANNEL = 'console';
const TELEGRAM_CHANNEL = 'telegram';

export interface FromEnvironment {
  /** What of it is never printed. */
  readonly secrets?: readonly string[];
  readonly telegram?: TelegramConfig;
  readonly channel?: ChannelConfig;
  readonly admin?: User;
}

/**
 * What stands in for a missing `telegram:` block: one bot, one chat, one admin. An empty variable counts as unset. The
 * chat may be left out only where the config has channels of its own.
 */
export function readEnvironment(env: NodeJS.ProcessEnv, hasChannels: boolean, report: Report): FromEnvironment {
  const token = env.TELEGRAM_BOT_TOKEN || undefined;
  const chat = env.TELEGRAM_CHAT_ID || undefined;
  const admin = env.TELEGRAM_ADMIN_ID || undefined;
  const apiRoot = env.TELEGRAM_API_ROOT || undefined;
  if (token === undefined) {
    if (chat !== undefined || admin !== undefined)
      report.warn([], 'TELEGRAM_CHAT_ID or TELEGRAM_ADMIN_ID is set but TELEGRAM_BOT_TOKEN is not: Telegram stays off');
    return {};
  }
  if (!/^\d+:[\w-]+$/.test(token))
    report.environment('TELEGRAM_BOT_TOKEN', 'expected a token as BotFather gives it (123456:ABC-DEF…)');
  if (apiRoot !== undefined && !(/^https?:\/\//.test(apiRoot) && URL.canParse(apiRoot)))
    report.environment('TELEGRAM_API_ROOT', 'expected an address such as https://api.telegram.org');
  const proxies = env.TELEGRAM_PROXY?.split(/[\s,]+/).filter((text) => text !== '') ?? [];
  if (!proxies.every(isWay)) report.environment('TELEGRAM_PROXY', `${WAY_WORDS}, or several with commas between them`);
  const chatId = readId(chat, {negative: true});
  if (chat === undefined ? !hasChannels : chatId === undefined)
    report.environment(
      'TELEGRAM_CHAT_ID',
      'expected the numeric id of the chat for alerts, as TELEGRAM_BOT_TOKEN is set',
    );
  const adminId = readId(admin, {negative: false});
  if (admin !== undefined && adminId === undefined)
    report.environment('TELEGRAM_ADMIN_ID', 'expected the numeric id of a Telegram user; /whoami tells it');
  return {
    secrets: [token, ...proxies.filter((way) => way !== 'direct')],
    telegram: {token, apiRoot: apiRoot ?? API_ROOT, proxies, commands: true},
    ...(chatId !== undefined && {channel: {name: TELEGRAM_CHANNEL, type: 'telegram', chatId}}),
    ...(adminId !== undefined && {admin: {id: adminId, name: 'admin', role: 'admin'}}),
  };
}

function readId(text: string | undefined, {negative}: {readonly negative: boolean}): number | undefined {
  const id = text !== undefined && /^-?[1-9]\d{0,15}$/.test(text) ? Number(text) : undefined;
  return id !== undefined && Number.isSafeInteger(id) && (negative || id > 0) ? id : undefined;
}
