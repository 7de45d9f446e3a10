import {parseEnv} from 'node:util';
import {httpAddress} from './address.ts';
import {telegramChannel} from './channels.ts';
import {allowedName, type Draft} from './draft.ts';
import {compact, isOn, numberOf, textOf} from './fields.ts';
import type {Format} from './format.ts';
import {LIMITS, seconds, times} from './timing.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** An `.env` of a monitor that checks addresses, and runs a command over SSH on the paired server when one fails. */
export const recoveryEnv: Format = {
  title: '.env with MAPPINGS, SRV*_URL and DC*_SSH_*',
  files: 1,
  matches: ([source]) => source !== undefined && /^(?:export\s+)?MAPPINGS\s*=/m.test(source.text),
  read: ([source], draft) => {
    const variables = parseEnv(source?.text ?? '');
    readTiming(variables, draft);
    readLogging(variables, draft);
    if (textOf(variables.TELEGRAM_CHAT_ID) !== undefined)
      telegramChannel(draft, {
        name: 'telegram',
        token: textOf(variables.TELEGRAM_BOT_TOKEN),
        chatId: variables.TELEGRAM_CHAT_ID,
        threadId: variables.TELEGRAM_THREAD_ID,
      });
    readPairs(variables, draft);
    return undefined;
  },
};

function readTiming(variables: Variables, draft: Draft): void {
  draft.set(
    'defaults',
    compact({
      interval: seconds(variables.INTERVAL, LIMITS.interval),
      attempts: times(variables.CHECK_ATTEMPTS, 100),
      retry_delay: seconds(variables.CHECK_RETRY_DELAY, LIMITS.retryDelay),
      fail_after: 1,
      recover_after: 1,
      backoff_factor: factorOf(variables),
      max_interval: seconds(variables.MAX_INTERVAL, LIMITS.interval),
    }),
    ['The first run that fails after all its attempts is an incident, and the next good one ends it'],
  );
}

const ATTEMPTS_MAX = 1_000;

function factorOf(variables: Variables): number | undefined {
  const factor = numberOf(variables.BACKOFF_FACTOR);
  return factor === undefined ? undefined : Math.min(10, Math.max(1, factor));
}

const LEVELS: Readonly<Record<string, string>> = {
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  warn: 'warn',
  error: 'error',
  critical: 'fatal',
};

function readLogging(variables: Variables, draft: Draft): void {
  draft.set(
    'logging',
    compact({
      level: LEVELS[variables.LOG_LEVEL?.toLowerCase() ?? ''],
      file: textOf(variables.LOG_FILE),
      log_success: isOn(variables.LOG_SUCCESS_REQUESTS) ? true : undefined,
    }),
  );
}

function readPairs(variables: Variables, draft: Draft): void {
  const hosts = new Map<string, string>();
  const keys: Record<string, unknown> = {};
  for (const pair of (variables.MAPPINGS ?? '').split(',').map((text) => text.trim())) {
    const [from = '', server = ''] = pair.split(':').map((text) => text.trim());
    const address = httpAddress(draft, server, textOf(variables[`${server}_URL`]) ?? '');
    if (!address) {
      if (pair !== '') draft.lacks(`pair ${pair}: there is no ${server}_URL that begins with http:// or https://`);
      continue;
    }
    if (!hosts.has(from)) {
      const host = hostOf(from, variables, draft);
      if (host) {
        hosts.set(from, allowedName(from));
        keys[allowedName(from)] = host;
      }
    }
    const recovery = recoveryOf(pair, hosts.get(from), variables, draft);
    draft.check(server, compact({type: 'http', ...address, recovery}), [
      `${pair}: when it fails, the command runs on ${from}`,
    ]);
  }
  draft.set('hosts', keys, ['Host keys are verified: ssh-keyscan HOST >> known_hosts, and compare what it says']);
}

function hostOf(name: string, variables: Variables, draft: Draft): object | undefined {
  const read = (key: string) => textOf(variables[`${name}_SSH_${key}`]);
  const host = read('HOST');
  const user = read('USERNAME') ?? read('USER');
  if (host === undefined || user === undefined) {
    draft.lacks(`host ${name}: ${name}_SSH_HOST and ${name}_SSH_USERNAME are needed`);
    return undefined;
  }
  const [password, passphrase, key] = [
    read('PASSWORD'),
    read('KEY_PASSPHRASE') ?? read('PASSPHRASE'),
    read('KEY_PATH'),
  ];
  return compact({
    host,
    port: numberOf(read('PORT')),
    user,
    password: password && draft.secrets.put(`${name}_SSH_PASSWORD`, password),
    private_key: key && `file:${key}`,
    passphrase: passphrase && draft.secrets.put(`${name}_SSH_PASSPHRASE`, passphrase),
    known_hosts: '/etc/ssh/ssh_known_hosts',
  });
}

function recoveryOf(pair: string, host: string | undefined, variables: Variables, draft: Draft): object | undefined {
  const [from = '', server = ''] = pair.split(':');
  const command =
    textOf(variables[`${server}_COMMAND`]) ?? textOf(variables[`${from}_COMMAND`]) ?? textOf(variables.COMMAND);
  // It ran the command at every failure, as long as that took.
  if (host !== undefined && command !== undefined)
    return compact({
      ...{host, command, max_attempts: ATTEMPTS_MAX, backoff_factor: factorOf(variables)},
      max_interval: seconds(variables.MAX_INTERVAL, LIMITS.interval),
    });
  draft.lacks(
    `pair ${pair}: ${command === undefined ? 'there is no COMMAND' : 'its host is missing'}, so nothing is run`,
  );
  return undefined;
}
