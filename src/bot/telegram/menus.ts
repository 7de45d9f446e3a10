import type {User} from '../../config/config.ts';
import {mayDo, peopleOf} from '../access.ts';
import {commands} from '../commands/index.ts';
import {dictionaries, locales} from '../languages.ts';
import type {Words} from '../messages/en.ts';
import {Refused} from './api.ts';
import type {ListenUse} from './listen.ts';

/** At a start no more menus are set than this: each is a request, and people's roles are looked at on every order anyway. */
const MENUS_MAX = 200;

type Reader = Pick<User, 'role' | 'groups'>;

/** A menu of commands for whoever this scope means (core.telegram.org/bots/api#botcommandscope). */
interface Menu {
  readonly scope: object;
  /** Left out: whoever it was is nobody now, and is offered what everybody is. */
  readonly user: Reader | undefined;
  /** In this language whatever their Telegram speaks; left out: in that one, where it is one of ours. */
  readonly words?: Words;
}

type Use = Pick<ListenUse, 'api' | 'config' | 'store' | 'log' | 'readers'>;

export interface Menus {
  /** Everybody those of a viewer; each known person those of their role, in private and in every group of ours. */
  setAll(): Promise<void>;
  /** Somebody has become one of the people, or is one no longer. */
  renew(userId: number): void;
  /** Resolves when nothing is on its way. */
  settled(): Promise<void>;
}

/**
 * Tells Telegram which commands to offer to whom, and then the same in each language, by which Telegram picks. Never rejects: a
 * menu that cannot be set is missed by nobody at night.
 */
export function createMenus(use: Use, signal: AbortSignal): Menus {
  let queue: Promise<void> = Promise.resolve();
  const set = (menus: readonly Menu[]) => {
    queue = queue.then(() => setMenus(use, menus, signal));
    return queue;
  };
  return {
    setAll: () => set(menusOf(use)),
    renew: (userId) => void set(menusFor(userId, peopleOf(use.config, use.store.access).get(userId), use)),
    settled: () => queue,
  };
}

async function setMenus(use: Use, menus: readonly Menu[], signal: AbortSignal): Promise<void> {
  const absent = new Set<object>();
  for (const {scope, user, words, language} of inEachLanguage(menus, use.readers.in().words)) {
    if (signal.aborted) return;
    if (absent.has(scope)) continue;
    const where = {scope, ...(language && {language_code: language})};
    const [method, payload] = user
      ? ['setMyCommands', {commands: commandsOf(user, words), ...where}]
      : ['deleteMyCommands', where];
    const error = await use.api.callApi(method, payload, {signal}).then(
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

function menusOf(use: Use): Menu[] {
  const people = new Map([...use.store.access.users().map((user) => [user.id, user] as const), ...use.config.users]);
  const menus: Menu[] = [{scope: {type: 'default'}, user: {role: 'viewer'}}];
  for (const user of people.values()) menus.push(...menusFor(user.id, user, use));
  return menus.slice(0, MENUS_MAX);
}

/** In the private chat with this person, and in each of our groups. */
function menusFor(id: number, user: Reader | undefined, {config, store, readers}: Use): Menu[] {
  const groups = [...config.channels.values()].flatMap((channel) =>
    channel.type === 'telegram' && channel.chatId < 0 ? [store.telegram.currentChatId(channel.chatId)] : [],
  );
  const wordsIn = (chatId: number) => {
    const words = readers.settled({person: {id}, chatId})?.words;
    return words ? {words} : {};
  };
  const members = [...new Set(groups)].map((group) => ({
    ...{scope: {type: 'chat_member', chat_id: group, user_id: id}, user},
    ...wordsIn(group),
  }));
  return [{scope: {type: 'chat', chat_id: id}, user, ...wordsIn(id)}, ...members];
}

function commandsOf({role, groups}: Reader, words: Words) {
  return commands
    .filter((command) => mayDo(role, command.role) && !command.unlisted && !(groups && command.everywhere))
    .map(({name, summary}) => ({command: name, description: summary(words)}));
}
