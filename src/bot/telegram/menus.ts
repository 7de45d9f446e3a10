import type {Config, Role} from '../../config/config.ts';
import {mayDo} from '../access.ts';
import {commands} from '../commands/index.ts';
import type {Words} from '../messages/en.ts';
import {Refused} from './api.ts';
import type {ListenUse} from './listen.ts';

/** At a start no more menus are set than this: each is a request, and people's roles are looked at on every order anyway. */
const MENUS_MAX = 200;

/** A menu of commands for whoever this scope means (core.telegram.org/bots/api#botcommandscope). */
interface Menu {
  readonly scope: object;
  readonly role: Role;
}

/**
 * Tells Telegram which commands to offer to whom: everybody those of a viewer, each known person those of their role, in
 * private and in every group of ours. Never rejects: a menu that cannot be set is missed by nobody at night.
 */
export async function setMenus(
  use: Pick<ListenUse, 'api' | 'config' | 'store' | 'log' | 'words'>,
  signal: AbortSignal,
) {
  for (const {scope, role} of menusOf(use.config, use.store.telegram.currentChatId)) {
    const menu = {commands: commandsOf(role, use.words), scope};
    const error = await use.api.callApi('setMyCommands', menu, {signal}).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (signal.aborted) return;
    if (error === undefined) continue;
    // Somebody who never wrote to the bot, or is not in that group, has no menu there.
    const isTheirs = 'chat_id' in scope && error instanceof Refused && error.permanent;
    use.log[isTheirs ? 'debug' : 'warn']({reason: String(error), scope}, 'the menu of commands could not be set');
    if (!isTheirs) return;
  }
}

function menusOf({users, channels}: Config, currentChatId: (configured: number) => number): Menu[] {
  const groups = [...channels.values()].flatMap((channel) =>
    channel.type === 'telegram' && channel.chatId < 0 ? [currentChatId(channel.chatId)] : [],
  );
  const menus: Menu[] = [{scope: {type: 'default'}, role: 'viewer'}];
  for (const {id, role} of users.values()) {
    menus.push({scope: {type: 'chat', chat_id: id}, role});
    for (const group of new Set(groups)) menus.push({scope: {type: 'chat_member', chat_id: group, user_id: id}, role});
  }
  return menus.slice(0, MENUS_MAX);
}

function commandsOf(role: Role, words: Words) {
  return commands
    .filter((command) => mayDo(role, command.role))
    .map(({name, summary}) => ({command: name, description: summary(words)}));
}
