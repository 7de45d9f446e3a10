/** The words that every part of the program shares; docs/architecture.md has the table of them. */

export type Result = 'ok' | 'failed' | 'inconclusive';

/** What one run of a check says of one target (or of the check itself, where it has no targets). */
export interface Observation {
  readonly check: string;
  readonly target?: string;
  /** Epoch milliseconds at which the run began. */
  readonly at: number;
  readonly result: Result;
  /** One line for people: `HTTP 503`, `connection refused`; empty when ok and there is nothing to say. */
  readonly reason: string;
  readonly latencyMs: number;
  /** Further numbers for the history, by name: `loss_percent`, `cert_days`. */
  readonly values?: Readonly<Record<string, number>>;
}

/** What is known of one subject: a check without targets, or one target of a check. */
export interface Counter {
  /** True until `fail_after` failures, then false until `recover_after` oks in a row. */
  readonly status: boolean;
  /** False until the first conclusive observation. */
  readonly known: boolean;
  readonly errors: number;
  readonly successes: number;
  /** Epoch milliseconds of the last change of `status` (of the first observation, before any change). */
  readonly since: number;
  /** Epoch milliseconds of the newest observation; an older one is ignored. */
  readonly lastAt: number;
  readonly lastResult: Result;
  readonly lastReason: string;
  readonly lastLatencyMs: number;
}

/** One check with all its subjects. The key of a check that has no targets is the empty string. */
export interface CheckState {
  readonly check: string;
  /** The check's own status: its only subject's, or `alert_when` over its targets. */
  readonly status: boolean;
  readonly known: boolean;
  readonly since: number;
  readonly counters: ReadonlyMap<string, Counter>;
  readonly falseTargets: number;
}

/** When a check with targets is false: at least so many targets, or such a share of them. */
export type AlertWhen =
  | {readonly kind: 'count'; readonly count: number}
  | {readonly kind: 'percent'; readonly percent: number};

/** What `step` needs to know of a check's configuration. */
export interface StepPolicy {
  readonly failAfter: number;
  readonly recoverAfter: number;
  readonly alertWhen: AlertWhen;
  /** How many targets the check has; 0 for a check without targets. */
  readonly targetCount: number;
}

/** Who gave an order; `id` is a Telegram user id, or 0 for whoever sits at the console. */
export interface Person {
  readonly id: number;
  readonly name: string;
}

/** What `step` and people report, in the past tense. A `target` marks an event of one target only. */
export type Event =
  | {
      readonly kind: 'went_down';
      readonly check: string;
      readonly target?: string;
      readonly at: number;
      readonly reason: string;
      readonly errors: number;
      readonly falseTargets?: FalseTargets;
    }
  | {
      readonly kind: 'recovered';
      readonly check: string;
      readonly target?: string;
      readonly at: number;
      readonly downMs: number;
    }
  /** While the check is false, other targets became false or true. */
  | {readonly kind: 'targets_changed'; readonly check: string; readonly at: number; readonly falseTargets: FalseTargets}
  | {
      readonly kind: 'acknowledged';
      readonly check: string;
      readonly at: number;
      readonly by: Person;
      readonly why: string;
      readonly until?: number;
    }
  | {readonly kind: 'check_removed'; readonly check: string; readonly at: number}
  | {readonly kind: 'noticed'; readonly code: NoticeCode; readonly detail: string; readonly at: number};

/** Things the program says of itself. */
export type NoticeCode = 'store_damaged' | 'store_in_memory' | 'store_back_on_disk' | 'history_failed' | 'channel_dead';

/** Listed by name in a message; the rest is a number. Twenty lines are what a phone shows without scrolling. */
export const TARGETS_LISTED_MAX = 20;

export interface FalseTargets {
  /** Oldest first, at most `TARGETS_LISTED_MAX`. */
  readonly listed: readonly IncidentTarget[];
  readonly count: number;
  /** How many targets the check has. */
  readonly of: number;
}

export interface IncidentTarget {
  readonly target: string;
  readonly reason: string;
  readonly since: number;
}

export interface Acknowledgement {
  readonly by: Person;
  readonly at: number;
  readonly why: string;
  /** Epoch milliseconds at which it ends by itself; left out: with the incident. */
  readonly until?: number;
}

/** One stretch of a check's being false. */
export interface Incident {
  readonly id: number;
  readonly check: string;
  readonly openedAt: number;
  readonly closedAt?: number;
  /** The check left the configuration while it was false. */
  readonly removed?: true;
  /** The failure that opened it. */
  readonly reason: string;
  readonly errors: number;
  /** For a check with targets: those that are false. */
  readonly falseTargets?: FalseTargets;
  readonly acknowledged?: Acknowledgement;
  /** What it owes to people and why that waits: its announcement, or, once announced, its recovery. */
  readonly held?: HoldReason;
  /** The cards that show it; empty until it is announced. */
  readonly cards: readonly number[];
}

/** One message about one or more incidents in one channel, edited as they evolve. */
export interface Card {
  readonly id: number;
  readonly channel: string;
  readonly incidents: readonly number[];
  /** What broke and recovered unannounced before this card: it stays on it as one line. */
  readonly missed: readonly Incident[];
}

/** Why a message is sent. */
export type SendReason =
  | 'first'
  | 'recovered'
  | 'window_opened'
  | 'acknowledged'
  | 'acknowledgement_ended'
  | 'targets_changed'
  | 'removed'
  | 'notice'
  | 'reply';

/** Why one is not. */
export type HoldReason = 'outside_window';

/** The decision on one check, for the log and for `/why`. */
export interface Verdict {
  readonly check: string;
  readonly at: number;
  readonly decision: 'sent' | 'held' | 'dropped';
  readonly reason: SendReason | HoldReason | 'missed';
}

/** What goes into the outbox: data, so that the channel renders it in its own form and language. */
export type Message =
  | CardMessage
  /** A short message under the card, so that phones ring. */
  | {
      readonly kind: 'recovery';
      readonly channel: string;
      readonly reason: 'recovered' | 'removed';
      readonly card: number;
      readonly incidents: readonly Incident[];
    }
  | {
      readonly kind: 'notice';
      readonly channel: string;
      readonly reason: 'notice';
      readonly code: NoticeCode;
      readonly detail: string;
    }
  /** The answer to a command, already rendered (HTML), to the chat that asked. */
  | {
      readonly kind: 'reply';
      readonly channel: '';
      readonly reason: 'reply';
      readonly to: ReplyAddress;
      readonly html: string;
    };

export interface CardMessage {
  /** `card` is a new one; `edit` its newest content, which replaces an unsent edit of the same card. */
  readonly kind: 'card' | 'edit';
  readonly channel: string;
  readonly reason: SendReason;
  readonly card: number;
  readonly incidents: readonly Incident[];
  /** What broke and recovered while the window was closed. */
  readonly missed: readonly Incident[];
}

export interface ReplyAddress {
  readonly chatId: number;
  readonly threadId?: number;
  readonly replyTo?: number;
}
