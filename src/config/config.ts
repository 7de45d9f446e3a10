import type {CheckSpec, Target} from '../checks/check.ts';
import type {RecoveryPolicy} from '../state/alerts.ts';
import type {Rotation} from '../state/rotation.ts';
import type {AlertWhen, Selector} from '../state/vocabulary.ts';
import type {Window} from '../state/windows.ts';
import type {LoggingConfig} from './logging.ts';
import type {Templates} from './templates.ts';

/** The languages that people are spoken to in. */
export type Locale = 'en' | 'ru' | 'es' | 'zh';

/** The whole configuration, read once, frozen. Durations are milliseconds. */
export interface Config {
  /** The file it came from, for messages. */
  readonly file: string;
  /** For whoever has no language of their own. */
  readonly locale: Locale;
  readonly timezone: string;
  readonly dataDir: string;
  readonly mocks: boolean;
  /** How pictures are drawn for whoever does not say. */
  readonly pictures: 'light' | 'dark';
  /** Mutes the console or Telegram; channels of other types are heard in any case. */
  readonly messageType: 'telegram' | 'console' | 'both';
  readonly logStatusEveryMs: number;
  readonly logging: LoggingConfig;
  /** So many checks run at once, of all hosts together. */
  readonly concurrency: number;
  /** And of one host; 0: as many as that. */
  readonly concurrencyPerHost: number;
  readonly keepRawMs: number;
  readonly keepHistoryMs: number;
  readonly telegram?: TelegramConfig;
  /** Left out: no HTTP server. */
  readonly http?: HttpConfig;
  readonly users: ReadonlyMap<number, User>;
  /** Who takes turns at being on call, by the rotation's name; the first is the one that plain `oncall` means. */
  readonly oncall: ReadonlyMap<string, Rotation>;
  readonly channels: ReadonlyMap<string, ChannelConfig>;
  /** Alert texts in the user's own words. */
  readonly templates: Templates;
  /** The channels that notices of the program itself go to, and those of checks that say nothing else. */
  readonly alerts: AlertConfig;
  readonly checks: readonly CheckConfig[];
  /** Where recoveries run, by name. */
  readonly hosts: ReadonlyMap<string, HostConfig>;
  /** Checks that prove this server's own network; empty: none. */
  readonly guard: readonly string[];
  readonly maintenance: readonly MaintenanceConfig[];
  /** Named `time_intervals`. */
  readonly windows: ReadonlyMap<string, Window>;
}

export interface TelegramConfig {
  /** Never printed: whatever logs a config goes through `redact`. */
  readonly token: string;
  readonly apiRoot: string;
  /** Ways to there, tried in order: addresses of proxies, which may hold passwords, or `direct`. Empty: direct only. */
  readonly proxies: readonly string[];
  readonly commands: boolean;
  /** The server that takes the orders instead, for messages; only where `commands` is false. */
  readonly console?: string;
  /** Each chat has one pinned message with the live overview. */
  readonly board?: true;
}

export interface HttpConfig {
  readonly host: string;
  readonly port: number;
  /** What readers must show; always there when the server can be reached from beyond this machine. */
  readonly token?: string;
  /** PEM texts, and the files that they came from. */
  readonly tls?: {readonly cert: string; readonly key: string; readonly files: readonly string[]};
}

/** How a host is reached over SSH. One of password, privateKey and agent is given, and one of knownHosts and fingerprint. */
export interface HostConfig {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Never printed, as the key and its passphrase. */
  readonly password?: string;
  /** The key itself. */
  readonly privateKey?: string;
  readonly passphrase?: string;
  /** The path of an agent's socket. */
  readonly agent?: string;
  readonly knownHosts?: string;
  readonly fingerprint?: string;
  /** The name of the host that the way leads through. */
  readonly jump?: string;
}

/** What mends a check: when, and how. */
export interface RecoveryConfig extends RecoveryPolicy {
  /** What the host's shell reads. Not for people, as a variable may have brought a secret into it: they read `command`. */
  readonly shellLine: string;
  /** Instead of that, a program of this server and its arguments, without a shell. */
  readonly exec?: readonly string[];
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string>>;
}

export type Role = 'viewer' | 'operator' | 'admin';

export interface User {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  /** The role holds for checks of these groups only; the others are not shown either. Left out: for everything. */
  readonly groups?: readonly string[];
  /** Unless they choose another one themselves. */
  readonly locale?: Locale;
}

/** Of any type; `locale` left out: the configuration's. */
export type ChannelConfig = {readonly locale?: Locale} & (
  | TelegramChannelConfig
  | ConsoleChannelConfig
  | EmailChannelConfig
  | WebhookChannelConfig
);

interface TelegramChannelConfig {
  readonly name: string;
  readonly type: 'telegram';
  readonly chatId: number;
  readonly threadId?: number;
  readonly systemInfo?: true;
  readonly protectContent?: true;
}

interface ConsoleChannelConfig {
  readonly name: string;
  readonly type: 'console';
}

export interface EmailChannelConfig {
  readonly name: string;
  readonly type: 'email';
  readonly host: string;
  readonly port: number;
  readonly tls: 'starttls' | 'tls' | 'none';
  readonly login?: {readonly user: string; readonly password: string};
  readonly from: Address;
  readonly to: readonly Address[];
  readonly subjectPrefix: string;
  readonly systemInfo: boolean;
  /** The path of a PEM file. */
  readonly ca?: string | undefined;
  /** Left out: both, the one that answers first. */
  readonly family?: 4 | 6 | undefined;
  readonly timeoutMs: number;
}

/** A mailbox; the domain in ASCII. */
export interface Address {
  readonly name?: string;
  readonly address: string;
}

export interface WebhookChannelConfig {
  readonly name: string;
  readonly type: 'webhook';
  /** May hold a secret: it is never shown. */
  readonly url: string;
  /** Left out: requests are not signed. */
  readonly secret?: string | undefined;
  readonly format: 'vakhta' | 'alertmanager';
  readonly headers: Readonly<Record<string, string>>;
  readonly systemInfo: boolean;
  readonly ca?: string | undefined;
  readonly family?: 4 | 6 | undefined;
  readonly timeoutMs: number;
}

export interface AlertConfig {
  readonly to: readonly string[];
  readonly fallback?: string;
  readonly window?: string;
  readonly missed: 'digest' | 'drop';
  /** News within this time of other news in the same channel are gathered; 0: never. */
  readonly groupWaitMs: number;
  /** Left out: no reminders. */
  readonly repeatEveryMs?: number;
  /** To channels, `oncall` and `oncall:NAME`. */
  readonly escalate: readonly {readonly afterMs: number; readonly to: readonly string[]}[];
}

/** A planned silence of these checks: while a window is open, or for some time from each tick of a cron expression. */
export type MaintenanceConfig =
  | {readonly kind: 'window'; readonly checks: readonly Selector[]; readonly window: string}
  | {
      readonly kind: 'cron';
      readonly checks: readonly Selector[];
      /** Five fields, in the config's time zone. */
      readonly at: string;
      readonly forMs: number;
    };

export interface CheckConfig extends CheckSpec {
  /** Of a check that is reported to: the word in the address that names it. */
  readonly reportId?: string;
  readonly group?: string;
  readonly comment?: string;
  readonly intervalMs: number;
  /** Instead of the interval: a cron expression of five fields, in the config's time zone. */
  readonly at?: string;
  /** It does not run in the first so-long after the program's start. */
  readonly skipInFirstMs: number;
  readonly failAfter: number;
  readonly recoverAfter: number;
  readonly alertWhen: AlertWhen;
  readonly targets: readonly Target[];
  readonly alerts: AlertConfig;
  readonly urgent: boolean;
  /** Left out: normal. News of low severity ring nobody's phone. */
  readonly severity?: 'low';
  /** Parents: while one of them is false, this check's messages wait. */
  readonly dependsOn: readonly string[];
  /** Whether it may be called flapping. */
  readonly flapping: boolean;
  /** While false, the interval grows by this factor at each run, up to `maxIntervalMs`; 1: it does not. */
  readonly backoffFactor: number;
  readonly maxIntervalMs: number;
  readonly recovery?: RecoveryConfig;
  /** It looks at this machine only, so that losing the network does not concern it. */
  readonly isLocal: boolean;
}
