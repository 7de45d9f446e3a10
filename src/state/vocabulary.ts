/** The words that every part of the program shares; docs/architecture.md has the table of them. */

import type {Recovery, RecoveryRun} from './recovery-vocabulary.ts';
import type {Duty, DutyOverride} from './rotation.ts';

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
  /** Epoch milliseconds of the newest observation; an older one is ignored. This and its latency are all that `again` changes. */
  lastAt: number;
  readonly lastResult: Result;
  readonly lastReason: string;
  lastLatencyMs: number;
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
  /** Runs in a row that left the check false, for the backoff of its interval; 0 while it is true. */
  readonly downRuns: number;
  readonly flap: Flap;
}

/** The memory of the last 20 results that flapping is told from. */
export interface Flap {
  /** Bit 0 says whether the newest result differed from the one before it, bit 19 the same of the oldest. */
  readonly changes: number;
  /** The newest conclusive result; undefined before the first. */
  readonly last?: boolean;
  readonly isFlapping: boolean;
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
  /** Whether this check may be called flapping. */
  readonly flapping: boolean;
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
  | {readonly kind: 'unacknowledged'; readonly check: string; readonly at: number; readonly by: Person}
  | {readonly kind: 'check_removed'; readonly check: string; readonly at: number}
  | {readonly kind: 'flapping_started'; readonly check: string; readonly at: number}
  | {readonly kind: 'flapping_ended'; readonly check: string; readonly at: number}
  /** A false check was looked at again, and is still false. Only told of checks that somebody waits for. */
  | {
      readonly kind: 'still_down';
      readonly check: string;
      readonly at: number;
      /** The most that any of its subjects has counted; left out where this look did not find a failure. */
      readonly failures?: number;
    }
  /** An admin has the recovery run now, asked or not. */
  | {readonly kind: 'recovery_ordered'; readonly check: string; readonly at: number; readonly by: Person}
  /** An admin closes the breaker: attempts are counted from the beginning. */
  | {readonly kind: 'recovery_reset'; readonly check: string; readonly at: number; readonly by: Person}
  /** `run` is in its final form, with an outcome. */
  | {readonly kind: 'recovery_ended'; readonly check: string; readonly at: number; readonly run: RecoveryRun}
  | {readonly kind: 'silenced'; readonly silence: Omit<Silence, 'id'>; readonly at: number}
  | {readonly kind: 'unsilenced'; readonly id: number; readonly at: number}
  | {readonly kind: 'duty_overridden'; readonly override: DutyOverride; readonly at: number}
  | {readonly kind: 'duty_restored'; readonly rotation: string; readonly at: number}
  /** A channel refused this card for good: another shows it from now on, or has, or is to get, a copy of its own. */
  | {readonly kind: 'given_up'; readonly card: number; readonly movedTo?: string; readonly at: number}
  /** A channel was out of reach: what has waited for it leaves as one digest instead of message by message. */
  | {readonly kind: 'delayed'; readonly channel: string; readonly backlog: Backlog; readonly at: number}
  | {readonly kind: 'noticed'; readonly code: NoticeCode; readonly detail: string; readonly at: number};

/** Messages that wait in a channel and were certainly not delivered. */
export interface Backlog {
  /** Cards that were never shown there. */
  readonly cards: readonly number[];
  /** Incidents whose recovery waits to be told, and how many more of them those messages only counted. */
  readonly over: readonly Ending[];
  readonly overMore: number;
  /** Incidents of which a reminder waits; `all` of which one was ever sent, where a reminder does not name all that it counts. */
  readonly reminded: readonly number[] | 'all';
  /** When the oldest of them was decided on. */
  readonly since: number;
}

/** A human's word: say nothing of these checks until then. A maintenance is one that also keeps out of the availability. */
export interface Silence {
  readonly id: number;
  readonly kind: 'silence' | 'maintenance';
  readonly what: Selector;
  readonly at: number;
  readonly by: Person;
  readonly why: string;
  /** Epoch milliseconds; `recovered`: until none of the checks it names is false. */
  readonly until: number | 'recovered';
}

/** Which checks an order is about. */
export type Selector =
  | {readonly kind: 'check'; readonly name: string}
  | ({readonly kind: 'glob'; readonly glob: string} & Within)
  | {readonly kind: 'group'; readonly group: string}
  | ({readonly kind: 'all'} & Within);

/** Of all that it fits, only the checks of these groups are meant, also of checks to come; left out: all of it. */
export interface Within {
  readonly within?: readonly string[];
}

/** Things the program says of itself. */
export type NoticeCode =
  | 'store_damaged'
  | 'store_in_memory'
  | 'store_back_on_disk'
  | 'history_failed'
  | 'channel_dead'
  | 'not_listening'
  | 'config_reloaded'
  | 'config_refused'
  /** The detail is the version and, on a line of its own, the server that takes the orders. */
  | 'rolled_out';

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
  /** What it owes to people (its announcement, or, once announced, its recovery) waits for this. */
  readonly held?: HoldReason;
  /** Held by a parent that has recovered at this time: the next observation decides. */
  readonly parentBackAt?: number;
  /** Channels in which what it owes is being gathered into a digest. */
  readonly gathering?: readonly string[];
  /** Channels whose window closed while their digest was being gathered, though another channel was told in time. */
  readonly untold?: readonly string[];
  readonly announcedAt?: number;
  /** The last reminder. */
  readonly remindedAt?: number;
  /** Steps of the escalation that were taken. */
  readonly escalated?: number;
  /** All guards were false when it opened: the server itself is cut off. */
  readonly cutOff?: true;
  /** As far as it has gone for this incident. */
  readonly recovery?: Recovery;
  /** The cards that show it; empty until it is announced. */
  readonly cards: readonly number[];
}

/** An incident as a message about its end has it. */
export interface Ending extends Incident {
  /**
   * The channels that tell this end by themselves, since they were told of the beginning, or owe a line of both. Left out:
   * all to which the news of the check go.
   */
  readonly heardIn?: readonly string[];
}

/** One message about one or more incidents in one channel, edited as they evolve. */
export interface Card {
  readonly id: number;
  readonly channel: string;
  readonly incidents: readonly number[];
  /** What broke and recovered unannounced before this card: one line on it, of `CARD_LISTED_MAX` at most and how many more. */
  readonly missed: readonly Ending[];
  readonly missedMore?: number;
  /** It is in this person's private chat, since they were on call when nobody had acknowledged. */
  readonly calls?: Person;
}

/** Incidents that a card lists; the rest is a number. With one line each they fill a message of 4,096 characters. */
export const CARD_LISTED_MAX = 50;

/** A stretch of flapping, from when it is noticed until people know that it is over. */
export interface FlappingSpell {
  readonly check: string;
  readonly since: number;
  readonly endedAt?: number;
  /** People were told that it started. */
  readonly told: boolean;
  /** Telling (its start, or, once that is told, its end) waits for this. */
  readonly held?: HoldReason;
  /** When to look again whether it still has to wait. */
  readonly until?: number;
}

/** Why a message is sent. */
export type SendReason =
  | 'first'
  | 'repeat'
  | 'recovered'
  | 'escalation'
  | 'digest'
  | 'window_opened'
  | 'flapping_started'
  | 'flapping_ended'
  | 'late'
  | 'acknowledged'
  | 'acknowledgement_ended'
  | 'targets_changed'
  | 'recovery'
  | 'removed'
  | 'notice'
  | 'reply';

/** Why one is not, or not yet. */
export type HoldReason = 'outside_window' | 'silenced' | 'maintenance' | 'parent_down' | 'flapping';

/** The decision on one check, for the log, for `/why` and for `simulate`. */
export interface Verdict {
  readonly check: string;
  readonly at: number;
  readonly decision: 'sent' | 'held' | 'dropped';
  readonly reason: SendReason | HoldReason | 'missed' | 'acked';
}

/** What goes into the outbox: data, so that the channel renders it in its own form and language. */
export type Message =
  | CardMessage
  /** A short message under the card, so that phones ring: it is over, or it is still not over. */
  | {
      readonly kind: 'recovery' | 'reminder';
      readonly channel: string;
      readonly reason: 'recovered' | 'removed' | 'digest' | 'window_opened' | 'repeat';
      /** The card that it answers. */
      readonly card: number;
      readonly incidents: readonly Ending[];
      /** Incidents beyond `CARD_LISTED_MAX`. */
      readonly more: number;
    }
  | {
      readonly kind: 'flapping';
      readonly channel: string;
      readonly reason: 'flapping_started' | 'flapping_ended';
      readonly check: string;
      /** The check's status at the time of telling. */
      readonly isDown: boolean;
      readonly since: number;
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
      readonly keyboard?: Keyboard;
      /** A name under which a later reply finds this message, to take its place. */
      readonly ticket?: string;
      readonly file?: ReplyFile;
      /** It is not kept once it is delivered: it holds the link of an invite, say. */
      readonly secret?: true;
    };

export interface CardMessage {
  /** `card` is a new one; `edit` its newest content, which replaces an unsent edit of the same card. */
  readonly kind: 'card' | 'edit';
  readonly channel: string;
  readonly reason: SendReason;
  readonly card: number;
  /** At most `CARD_LISTED_MAX`, the open ones first. */
  readonly incidents: readonly Incident[];
  /** How many there are in all, and how many of them are open. */
  readonly total: number;
  readonly open: number;
  /** What broke and recovered before anybody was told; `missedMore` is how many beyond those listed. */
  readonly missed: readonly Ending[];
  readonly missedMore?: number;
  /** The channel was out of reach since then. */
  readonly delayedSince?: number;
  /** This person is called, as nobody has acknowledged; left out when somebody has. */
  readonly calls?: Person;
  /** Who is on call, while nobody has acknowledged. */
  readonly oncall?: readonly Duty[];
}

export interface ReplyAddress {
  readonly chatId: number;
  readonly threadId?: number;
  readonly replyTo?: number;
  /** The reply takes the place of this message: its id, or the ticket of an earlier reply. Where that is gone, it is sent anew. */
  readonly edits?: number | string;
}

/** Rows of inline buttons; a button's id is all that Telegram is told of what it does. */
export type Keyboard = readonly (readonly {readonly label: string; readonly id: string}[])[];

/** What comes with a reply, whose text is then its caption. */
export interface ReplyFile {
  readonly name: string;
  readonly as: 'document' | 'photo';
  readonly base64: string;
}
