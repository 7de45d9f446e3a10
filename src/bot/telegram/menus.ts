import type {Role} from '../../config/config.ts';
import {mayDo} from '../access.ts';
import {commands} from '../commands/index.ts';
import {dictionaries, locales} from '../languages.ts';
import type {Words} from '../messages/en.ts';
import {Refused} from './api.ts';
import type {ListenUse} from './listen.ts';

/** At a start no more menus are set than this: each is a request, and people's roles are looked at on every order anyway. */
const MENUS_MAX = 200;

/** A menu of commands for whoever this scope means (core.telegram.org/bots/api#botcommandscope). */
interface Menu {
  readonly scope: object;
  readonly role: Role;
  /** In this language whatever their Telegram speaks; left out: in that one, where it is one of ours. */
  readonly words?: Words;
}

/**
 * Tells Telegram which commands to offer to whom: everybody those of a viewer, each known person those of their role, in
 * private and in every group of ours; then the same in each language, by which Telegram picks. Never rejects: a menu that
 * cannot be set is missed by nobody at night.
 */
export async function setMenus(
  use: Pick<ListenUse, 'api' | 'config' | 'store' | 'log' | 'readers'>,
  signal: AbortSignal,
) {
  const absent = new Set<object>();
  for (const {scope, role, words, language} of inEachLanguage(menusOf(use), use.readers.in().words)) {
    if (absent.has(scope)) continue;
    const menu = {commands: commandsOf(role, words), scope, ...(language && {language_code: language})};
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
    absent.add(scope);
  }
}

/** A menu without a language is for the Telegrams in none of ours: those come first, should Telegram stop us half-way. */
function inEachLanguage(menus: readonly Menu[], usual: Words) {
  return [undefined, ...locales].flatMap((language) =>
    menus.map((menu) => ({language, ...menu, words: menu.words ?? (language ? dictionaries[language] : usual)})),
  );
}

type MenusUse = Pick<ListenUse, 'config' | 'store' | 'readers'>;

function menusOf({config: {users, channels}, store, readers}: MenusUse): Menu[] {
  const {currentChatId} = store.telegram;
  const groups = [...channels.values()].flatMap((channel) =>
    channel.type === 'telegram' && channel.chatId < 0 ? [currentChatId(channel.chatId)] : [],
  );
  const menus: Menu[] = [{scope: {type: 'default'}, role: 'viewer'}];
  for (const {id, role} of users.values()) {
    const wordsIn = (chatId: number) => {
      const words = readers.settled({person: {id}, chatId})?.words;
      return words ? {words} : {};
    };
    menus.push({scope: {type: 'chat', chat_id: id}, role, ...wordsIn(id)});
    for (const group of new Set(groups))
      menus.push({scope: {type: 'chat_member', chat_id: group, user_id: id}, role, ...wordsIn(group)});
  }
  return menus.slice(0, MENUS_MAX);
}

function commandsOf(role: Role, words: Words) {
  return commands
    .filter((command) => mayDo(role, command.role))
    .map(({name, summary}) => ({command: name, description: summary(words)}));
}
