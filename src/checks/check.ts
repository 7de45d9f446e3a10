import type {z} from 'zod';
import type {Clock} from '../clock.ts';
import type {AlertWhen, Result} from '../state/vocabulary.ts';

/**
 * A kind of check: what its file in this folder exports by default. Everything else that needs to know of the kind (the
 * config's schema, the editor's schema, docs/checks.md) is generated from this.
 */
export interface Kind<Options = unknown> {
  /** The word after `type:` in config.yaml. */
  readonly name: string;
  /** One paragraph of Markdown for docs/checks.md. */
  readonly doc: string;
  /** A YAML example of one check of this kind, as it stands under `checks:`. */
  readonly example: string;
  /** The kind's own keys, each with `.describe()`; what every check has (interval, timeout, …) is not here. */
  readonly options: z.ZodType<Options>;
  /** How many targets these options make; left out where the kind has none. */
  targets?(options: Options): readonly Target[];
  /** When a check with targets is false; left out: when any of them is. */
  alertWhen?(options: Options): AlertWhen;
  /** Names the key that holds the path of an address list, and the key that the loader puts its targets into. */
  readonly addressList?: {readonly from: string; readonly into: string};
  /** Of a kind whose users bring a schema of their own: what it is for, given the options as they stand in the config. */
  inner?(options: Readonly<Record<string, unknown>>): {readonly key: string; readonly schema: z.ZodType} | undefined;
  /** It looks at this machine only, so that losing the network does not concern it. */
  readonly local?: true;
  /** The host that these options lead to, as they name it: so many checks of one host run at once. Left out: of no host. */
  host?(options: Options): string | undefined;
  /** A second look would not find what the first one found: `attempts` of such a check do not count. */
  readonly singleTry?: true;
  /** What holds for this kind where the check itself says nothing; `defaults` of the config does not reach these. */
  readonly timing?: Partial<Record<'interval' | 'fail_after' | 'recover_after', number>>;
  /** Of a kind that is reported to: the word in the address that names the check. Its probe has `receive`. */
  reportId?(options: Options, check: string): string;
  /** Called once for each configured check. Must not touch the network. `timeoutMs` is what each try has. */
  prepare(options: Options, use: PrepareUse): Probe;
}

export interface PrepareUse {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Left out where nothing is kept (`vakhta check`): the probe then remembers within this process only. */
  readonly memory?: CheckMemory | undefined;
  /** The config's time zone; left out: UTC. */
  readonly timezone?: string | undefined;
  /** Epoch milliseconds since which reports could arrive without a break; left out: always. */
  readonly reachableSince?: (() => number) | undefined;
  /** Writes a line of the check's own into the log. */
  readonly log?: ((text: string) => void) | undefined;
}

/** One text for each check, kept across restarts; what a check left there under other options is its own to recognise. */
export interface CheckMemory {
  get(): string | undefined;
  /** At most once a run: each call is a transaction. */
  set(text: string): void;
  /** Of a check that is reported to: for what may be a second older after a crash. */
  setSoon?(text: () => string): void;
}

export interface Probe {
  /** One try. Never rejects for what the world does: an expected failure is a Finding. */
  (run: {
    /** Aborted at the check's timeout and at shutdown; the probe must let go of its sockets and processes then. */
    readonly signal: AbortSignal;
    /** Look at these targets only (a retry); left out: all of them. */
    readonly targets?: readonly string[];
  }): Promise<readonly Finding[]>;
  /** Lets go of what it holds between the tries; called once, after the last of them. */
  readonly close?: () => void;
  /** Takes what somebody reports of the thing that is watched; what follows from it is counted as the findings of a run are. */
  readonly receive?: (report: Report) => readonly Finding[];
  /** The text that came with the last report. */
  readonly lastReport?: () => LastReport | undefined;
}

/** What comes in from outside, in place of a look. */
export interface Report {
  /** `start`: a run has begun; `log`: only its text is of interest. */
  readonly kind: 'success' | 'fail' | 'start' | 'log';
  /** A word of the reporter's: `exit code 3`; empty: none. */
  readonly reason: string;
  /** What was sent along, cut already; empty: nothing. */
  readonly body: string;
  /** Tells runs that overlap from each other; empty: there is only one. */
  readonly rid: string;
  /** The reporter's own measure. */
  readonly latencyMs?: number;
}

export interface LastReport {
  readonly at: number;
  readonly kind: Report['kind'];
  readonly body: string;
}

/** What one try says of one target. */
export interface Finding {
  readonly target?: string;
  readonly result: Result;
  readonly reason: string;
  readonly latencyMs: number;
  readonly values?: Readonly<Record<string, number>>;
}

/** One of many addresses that a check covers. */
export interface Target {
  readonly address: string;
  readonly label?: string;
}

/** A configured check, as far as running it goes. */
export interface CheckSpec {
  readonly name: string;
  readonly kind: string;
  readonly options: unknown;
  readonly timeoutMs: number;
  readonly attempts: number;
  readonly retryDelayMs: number;
}
