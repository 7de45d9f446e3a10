import {dirname, resolve} from 'node:path';
import type {z} from 'zod';
import {audible} from '../state/policy.ts';
import type {AlertWhen} from '../state/vocabulary.ts';
import type {Window} from '../state/windows.ts';
import {isLoopback} from './channels.ts';
import {type CheckedCheck, warnOfTiming} from './checks.ts';
import type {AlertConfig, ChannelConfig, CheckConfig, Config, TelegramConfig, User} from './config.ts';
import {API_ROOT, type FromEnvironment} from './environment.ts';
import {deepFreeze} from './freeze.ts';
import {checkReports, readHttp} from './http.ts';
import {type alerts, CONCURRENCY, CONCURRENCY_PER_HOST, type configKeys, TIMING} from './keys.ts';
import {LOCALES} from './locales.ts';
import {loggingOf} from './logging.ts';
import {maintenanceOf} from './maintenance.ts';
import {rotationsOf} from './oncall.ts';
import {hostsOf, recoveryOf, warnOfRecovery} from './recovery.ts';
import type {Redact} from './redact.ts';
import type {Report} from './report.ts';
import {templatesOf} from './templates.ts';
import {machineTimezone} from './timezone.ts';
import {warnOfUnheard} from './unheard.ts';

type Keys = z.output<typeof configKeys>;

export interface Parts {
  readonly file: string;
  readonly keys: Keys;
  readonly checks: readonly CheckedCheck[];
  readonly windows: ReadonlyMap<string, Window>;
  readonly fallback: FromEnvironment;
  readonly channels: ReadonlyMap<string, ChannelConfig>;
  readonly report: Report;
  /** Epoch milliseconds: what never comes again is warned of. */
  readonly now: number;
  /** Strikes secrets out of what people read. */
  readonly strike: Redact;
}

const SECOND = 1_000;
const DAY = 86_400_000;

/** Puts a config together whose parts are all right, with every default filled in. */
export function assemble({file, keys, checks, windows, fallback, channels, report, strike, now}: Parts): Config {
  const telegram = telegramOf(keys, fallback);
  const http = readHttp(keys.http, {file, report});
  const users = usersOf(keys, fallback);
  const timezone = keys.timezone ?? machineTimezone();
  const all = [...channels.keys()];
  const common = override({to: all, missed: 'digest', groupWaitMs: 10 * SECOND, escalate: []}, keys.alerts);
  const config: Config = {
    file,
    locale: keys.locale ?? 'en',
    timezone,
    dataDir: resolve(dirname(file), keys.data_dir ?? './data'),
    mocks: keys.mocks ?? false,
    pictures: keys.pictures ?? 'light',
    messageType: keys.message_type ?? 'both',
    logStatusEveryMs: keys.log_status_every ?? 60 * SECOND,
    logging: loggingOf(keys.logging, dirname(file)),
    ...limitsOf(keys),
    ...(telegram && {telegram}),
    ...(http && {http}),
    users,
    oncall: rotationsOf(keys.oncall, users, timezone),
    channels,
    templates: templatesOf(keys.templates, LOCALES),
    alerts: common,
    checks: checks.map((check) => checkOf(check, {defaults: {...TIMING, ...keys.defaults}, alerts: common, strike})),
    hosts: hostsOf(keys.hosts, file),
    guard: keys.guard ?? [],
    maintenance: maintenanceOf(keys.maintenance),
    windows,
  };
  checkReports(config.checks, keys.http !== undefined, report);
  warn(config, report);
  warnOfUnheard(config, now, report);
  return deepFreeze(config);
}

/** What is allowed, and probably not meant. */
function warn(config: Config, report: Report): void {
  for (const check of config.checks) {
    warnOfTiming(check, report);
    warnOfRecovery(check, report);
  }
  warnOfSilence(config, report);
  warnOfOpenPasswords(config, report);
}

function limitsOf(keys: Keys) {
  return {
    concurrency: keys.concurrency ?? CONCURRENCY,
    concurrencyPerHost: keys.concurrency_per_host ?? CONCURRENCY_PER_HOST,
    keepRawMs: keys.keep_raw ?? 7 * DAY,
    keepHistoryMs: keys.keep_history ?? 400 * DAY,
  };
}

function telegramOf({telegram}: Keys, fallback: FromEnvironment): TelegramConfig | undefined {
  if (!telegram) return fallback.telegram;
  const {token, api_root, proxy, commands, console, board} = telegram;
  return {
    ...{token, apiRoot: api_root ?? API_ROOT, proxies: proxy ?? [], commands: commands ?? true},
    ...(console !== undefined && {console}),
    ...(board && {board}),
  };
}

function usersOf({users}: Keys, {admin}: FromEnvironment): ReadonlyMap<number, User> {
  const named = Object.entries(users ?? {}).map(
    ([id, {name, role, groups, locale}]): User => ({
      ...{id: Number(id), name, role},
      ...(groups && {groups}),
      ...(locale && {locale}),
    }),
  );
  return new Map([...(admin ? [admin] : []), ...named].map((user) => [user.id, user]));
}

/** Key by key; `off` takes the reminders of the base away. */
function override(base: AlertConfig, own: z.output<typeof alerts> | undefined): AlertConfig {
  if (!own) return base;
  const {group_wait, repeat_every, escalate, ...same} = own;
  const {repeatEveryMs: baseRepeat, ...others} = base;
  const repeatEveryMs = repeat_every ?? baseRepeat ?? 'off';
  const given = Object.entries(same).filter(([, value]) => value !== undefined);
  return {
    ...others,
    ...Object.fromEntries(given),
    ...(group_wait !== undefined && {groupWaitMs: group_wait}),
    ...(repeatEveryMs !== 'off' && {repeatEveryMs}),
    ...(escalate && {escalate: escalate.map(({after, to}) => ({afterMs: after, to: [to].flat()}))}),
  };
}

function checkOf(
  {name, kind, common, options}: CheckedCheck,
  {defaults, alerts, strike}: {defaults: typeof TIMING; alerts: AlertConfig; strike: Redact},
): CheckConfig {
  const timing = {...defaults, ...kind.timing, ...common};
  const recovery = recoveryOf(common.recovery, {intervalMs: timing.interval, failAfter: timing.fail_after}, strike);
  const alertWhen: AlertWhen = kind.alertWhen?.(options) ?? {kind: 'count', count: 1};
  return {
    name,
    kind: kind.name,
    options,
    ...(kind.reportId && {reportId: kind.reportId(options, name)}),
    intervalMs: timing.interval,
    ...(common.at !== undefined && {at: common.at}),
    skipInFirstMs: timing.skip_in_first,
    timeoutMs: timing.timeout,
    attempts: timing.attempts,
    retryDelayMs: timing.retry_delay,
    failAfter: timing.fail_after,
    recoverAfter: timing.recover_after,
    ...(common.group !== undefined && {group: common.group}),
    ...(common.comment !== undefined && {comment: common.comment}),
    alertWhen,
    targets: kind.targets?.(options) ?? [],
    alerts: override(alerts, common.alerts),
    urgent: common.urgent ?? false,
    ...(common.severity === 'low' && {severity: common.severity}),
    dependsOn: common.depends_on ?? [],
    flapping: common.flapping ?? true,
    backoffFactor: timing.backoff_factor,
    maxIntervalMs: timing.max_interval,
    ...(recovery && {recovery}),
    isLocal: kind.local ?? false,
  };
}

/** What would keep everybody from hearing anything, or from answering. */
function warnOfSilence({telegram, channels, users, oncall, messageType, alerts}: Config, report: Report): void {
  const heard = audible(alerts.to, {channels, messageType});
  if (heard.length === 0)
    report.warn(['message_type'], `${messageType} mutes every channel of alerts.to: nobody is told anything`);
  if (!telegram && oncall.size > 0)
    report.warn(['oncall'], 'without a bot nobody can be called in private: alerts only name who is on call', 'key');
  if (!telegram) return;
  if (![...channels.values()].some(({type}) => type === 'telegram'))
    report.warn(['telegram'], 'no channel is of type telegram: alerts do not go there; add one under channels', 'key');
  if (telegram.commands && users.size === 0)
    report.warn(
      ['telegram'],
      'nobody stands under users: the first admin comes by the code that run tells at its start, the others by invite',
      'key',
    );
}

/** Whoever listens on the way reads what crosses it without TLS. */
function warnOfOpenPasswords({channels}: Config, report: Report): void {
  for (const channel of channels.values()) {
    if (channel.type !== 'email' || channel.tls !== 'none' || isLoopback(channel.host)) continue;
    const what = channel.login ? 'the password and the alerts' : 'the alerts';
    report.warn(['channels', channel.name, 'tls'], `${what} cross the network unencrypted; use starttls or tls`);
  }
}
