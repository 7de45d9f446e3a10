import type {Config, Locale} from '../config/config.ts';
import {personInLane} from '../state/oncall.ts';
import type {TelegramTables} from '../store/store.ts';
import {dictionaries, localeOf} from './languages.ts';
import {createFormat} from './messages/format.ts';
import type {Reader} from './messages/render.ts';

/** Who is spoken to, and where. */
export interface Addressee {
  readonly person: {readonly id: number};
  /** Left out at the console. */
  readonly chatId?: number;
  readonly threadId?: number;
  /** What their Telegram says: an IETF language tag, or nothing. */
  readonly languageCode?: string;
}

/** Whose language messages are in. */
export interface Readers {
  /** Of one language; left out: of the configuration's. */
  in(locale?: Locale): Reader;
  /** Of a configured channel, or of the person whose private chat it is; any other has the configuration's language. */
  channel(name: string): Reader;
  /** An answer: the person's own choice, else the chat's language, else that of their Telegram, else the configuration's. */
  of(who: Addressee): Reader;
  /** The same, as if the person had not chosen: what `/language auto` comes to. */
  unchosen(who: Addressee): Reader;
  /** The same, where it does not depend on what their Telegram says; else undefined. */
  settled(who: Addressee): Reader | undefined;
}

export function createReaders(
  config: Config,
  server: string,
  tables: Pick<TelegramTables, 'language' | 'currentChatId'>,
  nextCheckAt: Reader['nextCheckAt'] = () => undefined,
): Readers {
  const made = new Map<Locale, Reader>();
  const inLocale = (locale: Locale = config.locale) => {
    const reader = made.get(locale) ?? {...createReader(config, server, locale), nextCheckAt};
    made.set(locale, reader);
    return reader;
  };
  const placed = (who: Addressee) => config.users.get(who.person.id)?.locale ?? chatLocale(who, config, tables);
  const settled = (who: Addressee) => tables.language(who.person.id) ?? placed(who);
  const of = (who: Addressee) => inLocale(settled(who) ?? localeOf(who.languageCode));
  return {
    in: inLocale,
    channel: (name) => {
      const id = personInLane(name);
      return id === undefined ? inLocale(config.channels.get(name)?.locale) : of({person: {id}, chatId: id});
    },
    of,
    unchosen: (who) => inLocale(placed(who) ?? localeOf(who.languageCode)),
    settled: (who) => {
      const locale = settled(who);
      return locale && inLocale(locale);
    },
  };
}

/** Where nobody has chosen and no chat has moved: beside the running program. */
export const NO_CHOICES: Parameters<typeof createReaders>[2] = {language: () => undefined, currentChatId: (id) => id};

/** Messages as the running program of this configuration renders them. */
export function createReader(config: Config, server: string, locale = config.locale): Reader {
  const words = dictionaries[locale];
  const checks = new Map(config.checks.map((check) => [check.name, check]));
  const own = Object.entries(config.templates).flatMap(([name, texts]) => {
    const text = texts[locale];
    return text === undefined ? [] : [[name, text]];
  });
  return {
    words,
    format: createFormat(words, config.timezone),
    server,
    check: (name) => checks.get(name),
    ...(own.length > 0 && {templates: Object.fromEntries(own)}),
  };
}

/** Of the channel of this very topic, or else of one in the same chat. */
function chatLocale(
  {chatId, threadId}: Addressee,
  {channels}: Config,
  tables: Pick<TelegramTables, 'currentChatId'>,
): Locale | undefined {
  const here = [...channels.values()].filter((channel) =>
    channel.type === 'telegram' ? tables.currentChatId(channel.chatId) === chatId : chatId === undefined,
  );
  const topic = here.find((channel) => channel.type === 'telegram' && channel.threadId === threadId);
  return topic?.locale ?? here.find(({locale}) => locale !== undefined)?.locale;
}
