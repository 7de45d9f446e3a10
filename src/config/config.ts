import type {CheckSpec, Target} from '../checks/check.ts';
import type {AlertWhen} from '../state/vocabulary.ts';
import type {Window} from '../state/windows.ts';

/** The whole configuration, read once, frozen. Durations are milliseconds. */
export interface Config {
  /** The file it came from, for messages. */
  readonly file: string;
  readonly timezone: string;
  readonly dataDir: string;
  readonly mocks: boolean;
  readonly messageType: 'telegram' | 'console' | 'both';
  readonly logStatusEveryMs: number;
  readonly keepRawMs: number;
  readonly keepHistoryMs: number;
  readonly telegram?: TelegramConfig;
  readonly users: ReadonlyMap<number, User>;
  readonly channels: ReadonlyMap<string, ChannelConfig>;
  /** The channels that notices of the program itself go to, and those of checks that say nothing else. */
  readonly alerts: AlertConfig;
  readonly checks: readonly CheckConfig[];
  /** Named `time_intervals`. */
  readonly windows: ReadonlyMap<string, Window>;
}

export interface TelegramConfig {
  /** Never printed: whatever logs a config goes through `redact`. */
  readonly token: string;
  readonly apiRoot: string;
  readonly commands: boolean;
}

export type Role = 'viewer' | 'operator' | 'admin';

export interface User {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
}

export type ChannelConfig =
  | {readonly name: string; readonly type: 'telegram'; readonly chatId: number; readonly threadId?: number}
  | {readonly name: string; readonly type: 'console'};

export interface AlertConfig {
  readonly to: readonly string[];
  readonly fallback?: string;
  readonly window?: string;
  readonly missed: 'digest' | 'drop';
}

export interface CheckConfig extends CheckSpec {
  readonly group?: string;
  readonly comment?: string;
  readonly intervalMs: number;
  readonly failAfter: number;
  readonly recoverAfter: number;
  readonly alertWhen: AlertWhen;
  readonly targets: readonly Target[];
  readonly alerts: AlertConfig;
  readonly urgent: boolean;
}
