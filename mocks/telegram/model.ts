import type {
  TelegramBotCommand,
  TelegramChat,
  TelegramInlineKeyboardMarkup,
  TelegramMessage,
  TelegramMessageEntity,
  TelegramUser,
} from '@gramio/types/objects';
import type {UpdateQueue} from './updates.ts';

/** A message as bots see it; the package's type also allows keyboards that are builder objects. */
export type Message = Omit<TelegramMessage, 'reply_markup'> & {reply_markup?: TelegramInlineKeyboardMarkup};

export interface Bot {
  readonly token: string;
  readonly user: TelegramUser;
  readonly updates: UpdateQueue;
  /** By scope and language, as JSON. */
  readonly commands: Map<string, readonly TelegramBotCommand[]>;
  webhook: string;
}

export interface Chat {
  readonly info: TelegramChat;
  readonly topics: Map<number, string>;
  readonly members: Set<number>;
  /** Everything that was ever in the chat, deleted messages included. */
  readonly messages: StoredMessage[];
  /** Bots are administrators here: they may pin, and learn of reactions. */
  botsAreAdmins: boolean;
  /** The newest pinned message stands last. */
  pinned: number[];
  /** Why bots cannot write here, such as `Forbidden: bot was blocked by the user`. */
  forbidden?: string;
  /** The supergroup that this group has become. */
  migratedTo?: number;
}

export interface StoredMessage {
  current: Message;
  /** The bot that wrote it; undefined for people. */
  readonly author?: Bot;
  /** What it said before each edit, oldest first. */
  readonly versions: Version[];
  deleted: boolean;
  /** By the user who left it, or by the chat that somebody spoke as. */
  readonly reactions: Map<number, string>;
  /** What was uploaded with it. */
  file?: SentFile;
}

export interface SentFile {
  readonly as: 'document' | 'photo';
  readonly name: string;
  readonly bytes: Buffer;
}

export interface Version {
  readonly text: string;
  readonly entities: readonly TelegramMessageEntity[];
  readonly reply_markup?: TelegramInlineKeyboardMarkup;
}

export interface CallbackQuery {
  readonly id: string;
  readonly bot: Bot;
  readonly at: number;
  readonly from: number;
  readonly chatId: number;
  readonly messageId: number;
  readonly data: string;
  answered: boolean;
}

/** What a bot answered to a pressed button. */
export interface CallbackAnswer {
  readonly callback_query_id: string;
  readonly from: number;
  readonly chat: number;
  readonly data: string;
  readonly text: string;
  readonly show_alert: boolean;
  readonly at: number;
}

/** One request to the Bot API, as it came in. */
export interface RequestRecord {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970, by the simulator's clock. */
  readonly at: number;
  /** What was answered; left out while it is under way and where a fault kept the answer back. */
  answer?: ApiAnswer;
  /** The fault that struck it. */
  fault?: string;
}

export type ApiAnswer =
  | {readonly ok: true; readonly result: unknown}
  | {
      readonly ok: false;
      readonly error_code: number;
      readonly description: string;
      readonly parameters?: {readonly retry_after?: number; readonly migrate_to_chat_id?: number};
    };

/** What happened, for those who wait for it and for the page. */
export interface WorldEvent {
  readonly kind:
    | 'message'
    | 'edited'
    | 'deleted'
    | 'pressed'
    | 'callback_answer'
    | 'reaction'
    | 'pinned'
    | 'request'
    | 'chats'
    | 'commands'
    | 'faults';
  readonly chat?: number;
  readonly answer?: CallbackAnswer;
}
