import {httpAddress} from './address.ts';
import {emailChannel} from './channels.ts';
import type {Draft} from './draft.ts';
import {asFields, asList, compact, type Fields, isFields, isOn, numberOf, textOf} from './fields.ts';
import type {Format} from './format.ts';
import {LIMITS, seconds, times} from './timing.ts';

/** A `config.json` with websites, databases, one mailbox and the settings of a small Python monitor. */
export const serviceJson: Format = {
  title: 'config.json with websites, databases, email and monitor_settings',
  files: 1,
  matches: ([source]) => {
    const root = asFields(source?.json);
    return isFields(root.websites) || isFields(root.databases) || isFields(root.monitor_settings);
  },
  read: ([source], draft) => {
    const root = asFields(source?.json);
    readSettings(asFields(root.monitor_settings), draft);
    readLogging(asFields(root.logging_settings), draft);
    readEmail(asFields(root.email), draft);
    for (const [name, value] of Object.entries(asFields(root.websites))) readWebsite(name, value, draft);
    for (const [name, value] of Object.entries(asFields(root.databases))) readDatabase(name, asFields(value), draft);
    return undefined;
  },
};

function readSettings(settings: Fields, draft: Draft): void {
  draft.set(
    'defaults',
    compact({
      interval: seconds(settings.check_interval, LIMITS.interval),
      attempts: times(settings.retry_attempts, 100),
      retry_delay: seconds(settings.retry_delay, LIMITS.retryDelay),
      fail_after: times(settings.alert_threshold, 10_000),
      recover_after: times(settings.recovery_threshold, 10_000),
    }),
  );
  const minutes = numberOf(settings.alert_repeat_interval);
  const repeat = minutes === undefined || minutes === 0 ? undefined : seconds(minutes * 60, LIMITS.repeatEvery);
  draft.set('alerts', compact({repeat_every: repeat}), ['alert_repeat_interval is taken as minutes']);
}

const MAX_SIZE_MIN = 4096;
const MAX_SIZE_MAX = 1024 ** 3;

function readLogging(settings: Fields, draft: Draft): void {
  const file = textOf(settings.log_file);
  if (!isOn(settings.enable_file_logging) || file === undefined) return;
  const bytes = numberOf(settings.max_bytes);
  draft.set(
    'logging',
    compact({
      file,
      max_size: bytes && Math.min(MAX_SIZE_MAX, Math.max(MAX_SIZE_MIN, Math.floor(bytes))),
      keep: times(settings.backup_count, 1_000),
    }),
  );
}

function readEmail(email: Fields, draft: Draft): void {
  if (Object.keys(email).length === 0) return;
  const from = textOf(email.sender_email);
  emailChannel(draft, {
    name: 'email',
    host: textOf(email.smtp_server),
    port: email.smtp_port,
    tls: isOn(email.smtp_use_ssl) ? 'tls' : isOn(email.smtp_use_tls) ? 'starttls' : 'none',
    user: textOf(email.sender_password) === undefined ? undefined : from,
    password: textOf(email.sender_password),
    from,
    to: asList(email.recipient_emails).flatMap((one) => textOf(one) ?? []),
  });
}

function readWebsite(name: string, value: unknown, draft: Draft): void {
  const address = httpAddress(draft, name, textOf(value) ?? '');
  if (!address) return draft.lacks(`website ${JSON.stringify(name)}: no address that begins with http:// or https://`);
  draft.check(name, {type: 'http', ...address, redirects: 20});
}

const KINDS: Readonly<Record<string, string>> = {
  mysql: 'mysql',
  mariadb: 'mysql',
  postgres: 'postgres',
  postgresql: 'postgres',
  mssql: 'mssql',
  sqlserver: 'mssql',
};

function readDatabase(name: string, database: Fields, draft: Draft): void {
  const type = KINDS[textOf(database.type)?.toLowerCase() ?? ''];
  const user = textOf(database.user);
  if (type === undefined || user === undefined)
    return draft.lacks(`database ${JSON.stringify(name)}: Vakhta asks mysql, postgres and mssql, and needs a user`);
  const password = textOf(database.password);
  draft.check(
    name,
    compact({
      type,
      host: textOf(database.host),
      port: numberOf(database.port),
      user,
      password: password && draft.secrets.put(`${name} password`, password),
      database: textOf(database.database),
    }),
  );
}
