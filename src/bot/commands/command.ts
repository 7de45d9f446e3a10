import type {Config, Locale, Role} from '../../config/config.ts';
import type {Explanation} from '../../state/explain.ts';
import type {DutyNow} from '../../state/rotation.ts';
import type {Named} from '../../state/silences.ts';
import type {CheckView, StatusMap} from '../../state/view.ts';
import type {Event, Person, ReplyFile, Silence} from '../../state/vocabulary.ts';
import type {AccessChange, AccessTables, History, PastIncident, Store} from '../../store/store.ts';
import type {Words} from '../messages/en.ts';
import type {Format} from '../messages/format.ts';
import type {Span} from '../pictures/spans.ts';

/** A command that people type: what its file in this folder exports by default. */
export interface Command {
  readonly name: string;
  /** The least role that may give it. */
  readonly role: Role;
  /** What follows the name: `NAME [2h] [why]`; empty for none. */
  readonly usage: string;
  /** What might follow it, for whoever got it wrong; `NAME` becomes the name of a check that is there. */
  readonly example?: string;
  /** Whether it is asked first if that is really meant. Only what would change something is asked. */
  readonly dangerous?: boolean | ((call: Call) => boolean);
  /** It is about the whole server: not for a role that holds for groups of checks only. */
  readonly everywhere?: true;
  /** Neither in Telegram's menu nor in `/help`: nobody types it. */
  readonly unlisted?: true;
  readonly summary: (words: Words) => string;
  readonly run: (call: Call, desk: Desk) => Answer;
}

/** One giving of a command. */
export interface Call {
  readonly person: Person;
  readonly role: Role;
  /** The groups of checks that the role holds for; left out: everything. */
  readonly groups?: readonly string[];
  /** The user name of the bot that was asked; left out at the console. */
  readonly bot?: string;
  /** Telegram's chat; left out at the console. */
  readonly chatId?: number;
  readonly threadId?: number;
  /** What the person’s Telegram says of their language. */
  readonly languageCode?: string;
  /** What follows the command's name, trimmed. */
  readonly text: string;
  readonly now: number;
  /** Whoever gave it was asked and said yes. */
  readonly confirmed?: true;
}

export interface Answer {
  /** Lines of HTML; what does not fit into one message goes into the next. */
  readonly lines: readonly string[];
  /** Rows of buttons under the last of them. */
  readonly buttons?: readonly (readonly AnswerButton[])[];
  /** What the pop-up of a pressed button says; left out: the lines, where they are shown nowhere else. */
  readonly toast?: string;
  /** Comes with the message; the lines are its caption. */
  readonly file?: ReplyFile;
  /**
   * What takes the place of this answer as soon as it is known. An answer without lines says nothing until then, and keeps
   * what the same chat asks next waiting: that is for what takes milliseconds. Begun when the order is committed.
   */
  readonly later?: () => Promise<Answer>;
  /** It asks whether a dangerous command is really meant. */
  readonly confirm?: true;
  /** Everything in one monospaced block. */
  readonly preformatted?: boolean;
  /** What the order causes. An answer with events is an order, and goes into the audit table. */
  readonly events?: readonly Event[];
  /** The language that the person wants from now on. */
  readonly language?: {readonly locale?: Locale};
  /** How the order changes who may give orders. */
  readonly access?: readonly AccessChange[];
  /** It is not kept once it is delivered. */
  readonly secret?: true;
  /** Runs when the order is committed, audit entry included. */
  readonly afterwards?: () => void;
  /** The person's role does not reach, or not there; this, too, goes into the audit table. */
  readonly denied?: true;
  /** There is no such command. */
  readonly unknown?: true;
}

/** Gives a command in the name of whoever presses it. Row, chat, message, person and role are looked at on each press. */
export interface AnswerButton {
  readonly label: string;
  /** The command as it would be typed, without the slash: `ack billing-api`. Empty: the message says that nothing was done. */
  readonly press: string;
  /** Where the answer goes: into the place of this message (left out), below it, or only into the pop-up. */
  readonly show?: 'here' | 'below' | 'toast';
  /** A question whose answer takes this message's place after the order, whose own answer is the pop-up then. */
  readonly refresh?: string;
  /** Good for one press; left out: so is what only operators may do, and what only asks is not. */
  readonly once?: boolean;
  /** Only this person may press it: a Telegram user id. */
  readonly user?: number;
  /** It says yes to a dangerous command. */
  readonly confirms?: true;
  /** How long it is good; left out: a day. */
  readonly ms?: number;
}

/** All that a command can know. */
export interface Desk {
  /** In the language of whoever asks. */
  readonly words: Words;
  readonly format: Format;
  /** In which language the person would be answered without a choice of their own. */
  readonly unchosen: (call: Call) => Words;
  readonly server: string;
  readonly version: string;
  readonly config: Config;
  readonly commands: readonly Command[];
  readonly view: () => readonly CheckView[];
  readonly statusMap: () => StatusMap;
  readonly silences: () => readonly Silence[];
  /** All incidents of a span, gathered in short turns. */
  readonly incidentsWithin: (span: Span) => Promise<readonly PastIncident[]>;
  /** When each check was in maintenance within the span: planned, or ordered by somebody. */
  readonly plannedWithin: (span: Span) => Promise<(check: Named) => readonly Span[]>;
  /** A PNG as base64, or undefined when it cannot be had; the log has the reason then. */
  readonly paint: (svg: string) => Promise<string | undefined>;
  /** Who is on call in this rotation; undefined: there is none of this name. */
  readonly duty: (rotation: string, at: number) => DutyNow | undefined;
  /** Reads the configuration again. */
  readonly reload: () => void;
  readonly explain: (check: string, now: number) => Explanation | undefined;
  /** Undelivered messages, of one channel or of all. */
  readonly backlog: (channel?: string) => {readonly rows: number; readonly oldestAt?: number};
  readonly deadChannels: () => readonly {readonly channel: string; readonly error: string}[];
  /** What was found of late. Answers within seconds, with nothing where the disk does not. */
  readonly history: Pick<History, 'raw' | 'rollups' | 'slots' | 'begins'>;
  readonly incidents: Store['incidents'];
  /** Runs a check at once; resolves when what it found is counted. False: nothing runs here, or not any more. */
  readonly runNow: (check: string) => Promise<boolean>;
  /** The newest lines of the program's own log, oldest first, without secrets. */
  readonly logLines: (count: number) => readonly string[];
  /** Who came by an invite, the open invites, and the audit. */
  readonly access: AccessTables;
}
