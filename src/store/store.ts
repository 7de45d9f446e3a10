import type {CheckMemory} from '../checks/check.ts';
import type {Locale, Role, User} from '../config/config.ts';
import type {Recovery, RecoveryRun} from '../state/recovery-vocabulary.ts';
import type {DutyOverride} from '../state/rotation.ts';
import type {
  Card,
  CheckState,
  Counter,
  FlappingSpell,
  Incident,
  Message,
  NoticeCode,
  Person,
  Selector,
  Silence,
  Verdict,
} from '../state/vocabulary.ts';
import type {History, HistoryFigures} from './past.ts';

export type {Beginning, History, HistoryFigures, HistoryRow, Rollup, Slot, SlotsQuery} from './past.ts';

/** Everything that is kept. state.db is written here, by the main thread; history.db in its worker. */
export interface Store {
  /** What was known when the program last stopped. */
  load(): Loaded;
  /** The release that people were told of last. */
  announced(): string | undefined;
  /** One transaction. Never throws for a sick disk: the store goes on in memory and says so once, through `notices`. */
  commit(batch: Commit): Committed;
  readonly outbox: OutboxTable;
  readonly telegram: TelegramTables;
  readonly access: AccessTables;
  readonly history: History;
  /** The incidents of a check, open and closed, newest first; `offset` of them are left out. */
  incidents(check: string, page: {readonly limit: number; readonly offset: number}): readonly Incident[];
  /** The newest first, at most so many, closed ones included. */
  newestIncidents(max: number): readonly Incident[];
  /** Tries, at most every few seconds, whether what is written reaches the disk. */
  isWritable(): boolean;
  /**
   * Closed incidents of all checks that were open at some time within the span, by the time of their end; at most `limit`, so
   * that whoever wants many asks again for those after the last one.
   */
  closedWithin(span: Span, page: {readonly after?: ClosedIncident; readonly limit: number}): readonly ClosedIncident[];
  /** Maintenances that people ordered and that lasted into the span; those that are not over end where they are planned to. */
  maintenances(span: Span): readonly PastMaintenance[];
  /** What a check keeps for itself across restarts; it goes when the check is forgotten. */
  memory(check: string): CheckMemory;
  /** How it does, since the program's start; cheap enough to ask at any time. */
  figures(): StoreFigures;
  /** Called when the store has something to tell people (damaged file, disk full, back on disk). */
  onNotice(listener: (code: NoticeCode, detail: string) => void): void;
  /**
   * Called, in a microtask of its own, when state.db was found damaged while running and a fresh one has been started.
   * What could not be read of the old one is missing in it: whoever knows the state commits all of it again.
   */
  onReset(listener: () => void): void;
  /** Checkpoints and closes both databases; resolves when the history's last batch is written. */
  close(): Promise<void>;
}

/** Epoch milliseconds; `to` is not included. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** As much of an incident as figures are made of. */
export interface PastIncident {
  readonly id: number;
  readonly check: string;
  readonly openedAt: number;
  readonly closedAt?: number;
  readonly acknowledgedAt?: number;
  /** It ended because the check left the configuration. */
  readonly removed?: true;
}

export type ClosedIncident = PastIncident & {readonly closedAt: number};

export interface PastMaintenance extends Span {
  readonly what: Selector;
}

export interface StoreFigures {
  readonly state: {
    /** Transactions that waited for the disk, and those that did not. */
    readonly durable: Commits;
    readonly relaxed: Commits;
    /** The disk is sick: it goes on in memory. */
    readonly inMemory: boolean;
  };
  readonly history: HistoryFigures;
}

export interface Commits {
  readonly count: number;
  /** How long they took in all, in milliseconds. */
  readonly ms: number;
}

export interface Loaded {
  /** Counters by check, then by target ('' for a check without targets). */
  readonly checks: ReadonlyMap<string, ReadonlyMap<string, Counter>>;
  readonly checkStates: ReadonlyMap<string, SavedCheckState>;
  /** Incidents that are open, closed ones that are `held`, `gathering` or whose recovery still runs, and whatever shares a card with one of those. */
  readonly incidents: readonly Incident[];
  /** The cards of those incidents. */
  readonly cards: readonly Card[];
  readonly silences: readonly Silence[];
  readonly spells: readonly FlappingSpell[];
  readonly overrides: readonly DutyOverride[];
  /** The last decision on each check. */
  readonly verdicts: readonly Verdict[];
  readonly recoveries: readonly Recovery[];
  /** Runs without an outcome: the program died while their commands ran. */
  readonly openRuns: readonly RecoveryRun[];
  /** The next free ids: never reused, also after a restart. */
  readonly nextIncident: number;
  readonly nextCard: number;
  readonly nextSilence: number;
  readonly nextRun: number;
}

/** A check's state but for its counters, which have rows of their own. */
export type SavedCheckState = Omit<CheckState, 'check' | 'counters' | 'falseTargets'>;

/** What belongs together: a batch of observations or one order, with all that it caused. */
export interface Commit {
  /** Stamps the outbox rows. */
  readonly now: number;
  readonly counters?: readonly {readonly check: string; readonly target: string; readonly counter: Counter}[];
  readonly checkStates?: readonly ({readonly check: string} & SavedCheckState)[];
  /** Checks (and single targets) that left the configuration: their rows go. */
  readonly forgotten?: readonly {readonly check: string; readonly target?: string}[];
  /** Inserted or replaced; closed ones stay as history. */
  readonly incidents?: readonly Incident[];
  readonly cards?: readonly Card[];
  readonly silences?: readonly Silence[];
  /** Ids of silences that are over; they stay as history. */
  readonly endedSilences?: readonly number[];
  /** In their new form; undefined for one that is over. */
  readonly spells?: ReadonlyMap<string, FlappingSpell | undefined>;
  /** In their new form; undefined for one that is forgotten. */
  readonly recoveries?: ReadonlyMap<string, Recovery | undefined>;
  /** Inserted or replaced. */
  readonly runs?: readonly RecoveryRun[];
  /** Who is on call in whose place, by rotation; undefined: nobody any more. */
  readonly overrides?: ReadonlyMap<string, DutyOverride | undefined>;
  /** Each takes the place of the one before it on the same check. */
  readonly verdicts?: readonly Verdict[];
  readonly messages?: readonly Message[];
  /** Outbox rows that these messages replace. */
  readonly superseded?: readonly number[];
  /** What checks keep for themselves. */
  readonly memories?: ReadonlyMap<string, string>;
  readonly audit?: AuditEntry;
  /** The buttons under these messages. */
  readonly buttons?: readonly Button[];
  /** Ids of buttons that were pressed, or that their message no longer shows. */
  readonly usedButtons?: readonly string[];
  /** Who may give orders besides the configured people, and who is invited, as this order changes it. */
  readonly access?: readonly AccessChange[];
  /** What the program does by itself. */
  readonly ownAudit?: readonly AuditEntry[];
  /** People have been told of this release. */
  readonly announced?: string;
  /** The Telegram update that this commit answers; a redelivery of it is then recognised. */
  readonly handledUpdate?: number;
  /** The language that a person wants to be answered in; left out: whichever suits the place. */
  readonly language?: {readonly userId: number; readonly locale?: Locale};
  /** True: on the disk before `commit` returns (synchronous=FULL). */
  readonly durable: boolean;
}

export interface Committed {
  /** The channels or chats (lanes) that have new outbox rows are found by asking the outbox; this only says that there are some. */
  readonly queued: number;
}

export interface AuditEntry {
  readonly at: number;
  /** Telegram user id; 0 is the console. */
  readonly userId: number;
  readonly userName: string;
  readonly chatId: number;
  /** `ack billing-api looking into it` */
  readonly order: string;
  readonly outcome: string;
}

/** An entry of the audit, as it is looked up. */
export interface AuditRow extends AuditEntry {
  /** Grows from entry to entry. */
  readonly id: number;
}

/** People who came by an invite. The configured ones stand in config.yaml only. */
export interface AccessTables {
  user(id: number): InvitedUser | undefined;
  /** In the order in which they came. */
  users(): readonly InvitedUser[];
  /** Those that somebody could still use, the oldest first. */
  invites(now: number): readonly Invite[];
  /** The invite of this code, if it can still be used. Found by its hash, so that no comparison tells a guesser anything. */
  invite(hash: string, now: number): Invite | undefined;
  /** The number for the next invite: never given twice. */
  nextInvite(): number;
  /** The newest entries of the audit, the newest first; `before` an id: those older than that one. */
  audit(page: {readonly limit: number; readonly before?: number}): readonly AuditRow[];
}

export interface InvitedUser extends User {
  /** Who made the invite. */
  readonly by: Person;
  readonly at: number;
}

export interface Invite {
  readonly id: number;
  /** SHA-256 of the code, in hexadecimal; the code itself is kept nowhere. */
  readonly hash: string;
  readonly role: Role;
  readonly groups?: readonly string[];
  readonly by: Person;
  readonly at: number;
  readonly expiresAt: number;
  /** It makes the first admin, and is good only while there is nobody who may give orders. */
  readonly first?: true;
}

export type AccessChange =
  | {readonly kind: 'invited'; readonly invite: Invite}
  /** The invite is used up; if it was already, nothing happens. */
  | {readonly kind: 'joined'; readonly invite: number; readonly user: InvitedUser}
  | {readonly kind: 'user_revoked'; readonly id: number}
  | {readonly kind: 'invite_revoked'; readonly id: number};

/**
 * Messages still to be delivered. A lane (a configured channel `ops`, or `chat:<id>` for replies) is served in order of
 * id, one at a time; what is set aside comes when nothing else waits there.
 */
export interface OutboxTable {
  /** Lanes with undelivered rows, each with the time from which its first row may be sent. */
  lanes(): readonly {readonly lane: string; readonly dueAt: number}[];
  /** The lane's first undelivered row, or undefined. */
  first(lane: string): OutboxRow | undefined;
  /** The lane's undelivered rows, in order, at most so many; without what is set aside. */
  waiting(lane: string, max: number): readonly OutboxRow[];
  /** Marks the row as being sent, before it is; after a crash it comes back with `inDoubt`. */
  lease(id: number, now: number): void;
  /** Delivered. Both numbers, where given, are remembered for the row's card in the row's channel. */
  sent(id: number, result: {readonly now: number; readonly messageId?: number; readonly chatId?: number}): void;
  /** Not delivered this time, certainly: try again from `dueAt`. Doubt from an earlier try stays. */
  retry(id: number, dueAt: number, error: string): void;
  /** Undelivered, perhaps: the connection broke after the request was written. Comes back with `inDoubt`. */
  doubt(id: number, dueAt: number, error: string): void;
  /** Refused for its own sake, but kept: tried again from `dueAt`, when nothing else waits in its lane. */
  setAside(id: number, dueAt: number, error: string): void;
  /** Never to be delivered here; `moved` is put into the lane of its own channel in the same transaction. */
  refuse(id: number, result: {readonly now: number; readonly error: string; readonly moved?: Message}): void;
  /**
   * The newest undelivered edit of this card in this lane, or undefined. It becomes the content of the card's first
   * undelivered row, and the other edits are superseded: a card that waited leaves in its newest state, also after a crash.
   */
  takeEdits(lane: string, card: number, now: number): Message | undefined;
  /** Of the message that shows this card in this channel: two numbers that only the channel can make sense of. */
  cardMessage(card: number, channel: string): {readonly chatId: number; readonly messageId: number} | undefined;
  /** The cards that this message shows; those of a channel that is not Telegram's may have the same two numbers. */
  cardsAt(chatId: number, messageId: number): readonly {readonly card: number; readonly channel: string}[];
  /** Undelivered rows in all or in one lane, and the oldest one's creation time. */
  backlog(lane?: string): {readonly rows: number; readonly oldestAt?: number};
  /** Deletes delivered and refused rows older than this. */
  prune(before: number): void;
}

export interface OutboxRow {
  readonly id: number;
  readonly lane: string;
  readonly message: Message;
  readonly createdAt: number;
  readonly dueAt: number;
  readonly attempts: number;
  /** It may have been delivered already: the program died, or the connection broke, between sending and marking. */
  readonly inDoubt: boolean;
}

export interface TelegramTables {
  /** The offset for the next getUpdates: one past the highest update below which all are handled. */
  offset(): number;
  setOffset(offset: number): void;
  isHandled(updateId: number): boolean;
  /** For updates that cause nothing else. */
  markHandled(updateId: number): void;
  /** A chat id that Telegram has replaced (a group that became a supergroup). */
  currentChatId(configured: number): number;
  migrateChat(from: number, to: number): void;
  /** What this person has chosen by `/language`. */
  language(userId: number): Locale | undefined;
  /** Epoch milliseconds until which Telegram asked us not to send to this lane (`retry_after`); 0 when free. */
  blockedUntil(lane: string): number;
  block(lane: string, until: number): void;
  deadChannels(): readonly {readonly channel: string; readonly since: number; readonly error: string}[];
  markDead(channel: string, now: number, error: string): void;
  markAlive(channel: string): void;
  createButton(button: Button): void;
  /** The open button of this command on this card, so that an edit keeps it; `text` is what follows the command's name. */
  findButton(card: number, chatId: number, command: string, text: string): Button | undefined;
  bindButton(id: string, messageId: number): void;
  button(id: string): Button | undefined;
  /** The buttons of a message that can still be pressed. */
  openButtons(chatId: number, messageId: number): readonly Button[];
  /** Where the reply of this ticket ended up. */
  rememberReply(ticket: string, chatId: number, messageId: number): void;
  replyMessage(ticket: string): {readonly chatId: number; readonly messageId: number} | undefined;
  boards(): readonly Board[];
  board(chatId: number): Board | undefined;
  saveBoard(board: Board): void;
  forgetBoard(chatId: number): void;
}

/** The message of a chat that shows how everything is. */
export interface Board {
  readonly chatId: number;
  readonly messageId: number;
  /** What it says. */
  readonly html: string;
  readonly isPinned: boolean;
}

/** What a button does; its `callback_data` is only the `id`: 16 random bytes in base64url. */
export interface Button {
  readonly id: string;
  /** The command that a press gives; empty: none, what was asked is dropped. */
  readonly command: string;
  /** What follows the command's name. */
  readonly text: string;
  /** Where the answer goes: into the message's place, below it, or only into the pop-up. */
  readonly show: 'here' | 'below' | 'toast';
  /** A question, such as `check api`, whose answer takes the message's place after the order. */
  readonly refresh?: string;
  /** Good for one press. */
  readonly once: boolean;
  /** Only this person may press it: a Telegram user id. */
  readonly user?: number;
  /** It says yes to a dangerous command. */
  readonly confirms?: true;
  /** 0: of no card. */
  readonly card: number;
  readonly chatId: number;
  /** Unknown until the message that carries it was delivered. */
  readonly messageId?: number;
  readonly expiresAt: number;
  readonly usedAt?: number;
}
