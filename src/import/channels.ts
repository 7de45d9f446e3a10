import type {Draft} from './draft.ts';
import {compact, numberOf} from './fields.ts';

interface TelegramChat {
  readonly name: string;
  readonly token: string | undefined;
  readonly chatId: unknown;
  readonly threadId?: unknown;
}

/** A channel for a Telegram chat; undefined, and said why, where there can be none. One bot serves them all. */
export function telegramChannel(draft: Draft, {name, token, chatId, threadId}: TelegramChat): string | undefined {
  const id = numberOf(chatId);
  if (id === undefined || !Number.isSafeInteger(id) || id === 0) {
    draft.lacks(
      `Telegram chat of ${JSON.stringify(name)}: Vakhta needs its numeric id (a group’s is negative), not a name`,
    );
    return undefined;
  }
  if (token === undefined) {
    draft.lacks(`Telegram chat of ${JSON.stringify(name)}: there is no bot token with it`);
    return undefined;
  }
  const reference = draft.secrets.put('TELEGRAM_BOT_TOKEN', token);
  const bot = draft.top.get('telegram');
  if (!bot) {
    const comments = ['Orders from the chat need users: here, by numeric Telegram id; until then this only sends'];
    draft.set('telegram', {token: reference, commands: false}, comments);
  } else if (bot.keys.token !== reference) {
    draft.lacks(
      `Telegram chat of ${JSON.stringify(name)}: it had another bot; Vakhta has one, so add that one to the chat`,
    );
  }
  const thread = numberOf(threadId);
  return draft.channel(name, compact({type: 'telegram', chat_id: id, ...(thread && {thread_id: thread})}));
}

interface Mailbox {
  readonly name: string;
  readonly host: string | undefined;
  readonly port: unknown;
  readonly tls: 'starttls' | 'tls' | 'none';
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly from: string | undefined;
  readonly to: readonly string[];
}

/** A channel for emails; undefined, and said why, where there can be none. */
export function emailChannel(draft: Draft, mail: Mailbox, comments: readonly string[] = []): string | undefined {
  const {name, host, tls, user, password, from, to} = mail;
  const sender = from ?? user;
  if (host === undefined || sender === undefined || to.length === 0) {
    draft.lacks(`emails of ${JSON.stringify(name)}: a host, a sender and recipients are needed`);
    return undefined;
  }
  const login =
    user === undefined || password === undefined
      ? {}
      : {user, password: draft.secrets.put(`${name} password`, password)};
  const keys = {type: 'email', host, port: numberOf(mail.port), tls, ...login, from: sender, to: [...new Set(to)]};
  return draft.channel(name, compact(keys), comments);
}

/** Addresses that stand in one text, divided by commas or semicolons. */
export function addressesOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(/[,;]/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
