import {relative} from 'node:path';
import type {Config} from './config/config.ts';
import {addressOf} from './http/door.ts';

/** More names than this would push the other two lines off a phone's terminal. */
const NAMES_MAX = 6;

/** What `run` says first: what it watches, where it writes, and what to type. */
export function banner(use: {
  readonly config: Config;
  readonly server: string;
  readonly version: string;
  readonly logFile: string | undefined;
  /** The log goes to standard output. */
  readonly logsToStdout: boolean;
  readonly mocksUrl: string | undefined;
  /** Somebody sits at the console. */
  readonly takesOrders: boolean;
}): readonly [string, string, string] {
  const {config, server, version, mocksUrl, takesOrders} = use;
  const names = config.checks.map((check) => check.name);
  const more = names.length > NAMES_MAX ? ` and ${names.length - NAMES_MAX} more` : '';
  const count = `${names.length} ${names.length === 1 ? 'check' : 'checks'}`;
  const listens = config.http ? `; it listens on ${addressOf(config.http)}` : '';
  const tryIt = mocksUrl === undefined ? '' : ` To see an alert: curl -X POST ${mocksUrl}/break (and …/mend)`;
  return [
    `Vakhta ${version} on ${server} watches ${count} of ${near(config.file)}: ${names.slice(0, NAMES_MAX).join(', ')}${more}`,
    `It writes to ${near(config.dataDir)}/ (state.db, history.db), and its log to ${logPlaces(use)}${listens}`,
    `${howToType(takesOrders, config)}; Ctrl-C ends it.${tryIt}`,
  ];
}

function logPlaces(use: {readonly logFile: string | undefined; readonly logsToStdout: boolean}): string {
  const places = [...(use.logsToStdout ? ['standard output'] : []), ...(use.logFile ? [near(use.logFile)] : [])];
  return places.join(' and ') || 'no file';
}

function howToType(takesOrders: boolean, {telegram}: Config): string {
  if (takesOrders) return 'Type /status, /ack NAME or /help';
  if (telegram?.console !== undefined) return `Orders are taken by ${telegram.console}`;
  return telegram?.commands ? 'In Telegram, type /status, /ack NAME or /help' : 'Without a terminal it only prints';
}

function near(path: string): string {
  return relative('', path) || '.';
}
