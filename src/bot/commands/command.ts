import type {Config, Role} from '../../config/config.ts';
import type {Explanation} from '../../state/explain.ts';
import type {CheckView, StatusMap} from '../../state/view.ts';
import type {Event, Person, Silence} from '../../state/vocabulary.ts';
import type {Words} from '../messages/en.ts';
import type {Format} from '../messages/format.ts';

/** A command that people type: what its file in this folder exports by default. */
export interface Command {
  readonly name: string;
  /** The least role that may give it. */
  readonly role: Role;
  /** What follows the name: `NAME [2h] [why]`; empty for none. */
  readonly usage: string;
  readonly summary: (words: Words) => string;
  readonly run: (call: Call, desk: Desk) => Answer;
}

/** One giving of a command. */
export interface Call {
  readonly person: Person;
  readonly role: Role;
  /** Telegram's chat; left out at the console. */
  readonly chatId?: number;
  readonly threadId?: number;
  /** What follows the command's name, trimmed. */
  readonly text: string;
  readonly now: number;
}

export interface Answer {
  /** Lines of HTML; what does not fit into one message goes into the next. */
  readonly lines: readonly string[];
  /** Everything in one monospaced block. */
  readonly preformatted?: boolean;
  /** What the order causes. An answer with events is an order, and goes into the audit table. */
  readonly events?: readonly Event[];
  /** Runs when the order is committed, audit entry included. */
  readonly afterwards?: () => void;
  /** The person's role does not reach; this, too, goes into the audit table. */
  readonly denied?: true;
  /** There is no such command. */
  readonly unknown?: true;
}

/** All that a command can know. */
export interface Desk {
  readonly words: Words;
  readonly format: Format;
  readonly server: string;
  readonly version: string;
  readonly config: Config;
  readonly commands: readonly Command[];
  readonly view: () => readonly CheckView[];
  readonly statusMap: () => StatusMap;
  readonly silences: () => readonly Silence[];
  /** Reads the configuration again. */
  readonly reload: () => void;
  readonly explain: (check: string, now: number) => Explanation | undefined;
  /** Undelivered messages, of one channel or of all. */
  readonly backlog: (channel?: string) => {readonly rows: number; readonly oldestAt?: number};
  readonly deadChannels: () => readonly {readonly channel: string; readonly error: string}[];
}
