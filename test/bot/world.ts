import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import type {TestContext} from 'node:test';
import pino, {type Logger} from 'pino';
import type {Machine} from '../../src/bot/messages/machine.ts';
import type {Reader} from '../../src/bot/messages/render.ts';
import {createReader} from '../../src/bot/readers.ts';
import type {Clock} from '../../src/clock.ts';
import type {AlertConfig, CheckConfig, Config, RecoveryConfig} from '../../src/config/config.ts';
import {loggingOf} from '../../src/config/logging.ts';
import type {Message, Observation} from '../../src/state/vocabulary.ts';
import {openStore} from '../../src/store/open.ts';
import type {Store} from '../../src/store/store.ts';
import {START} from '../support/hand-clock.ts';

export const ANNA = 111;
export const BORIS = 222;
export const CLARA = 333;
export const STRANGER = 666;
export const GROUP = -1001234567890;

/** Every piece of news leaves at once, so that a test need not wait for digests that it is not about. */
export function alertConfig(changes: Partial<AlertConfig> = {}): AlertConfig {
  return {to: ['ops'], missed: 'digest', groupWaitMs: 0, escalate: [], ...changes};
}

export function checkConfig(name: string, changes: Partial<CheckConfig> = {}): CheckConfig {
  return {
    name,
    kind: 'http',
    options: {},
    timeoutMs: 10_000,
    attempts: 1,
    retryDelayMs: 6_000,
    intervalMs: 60_000,
    skipInFirstMs: 0,
    failAfter: 3,
    recoverAfter: 2,
    alertWhen: {kind: 'count', count: 1},
    targets: [],
    alerts: alertConfig(),
    urgent: false,
    dependsOn: [],
    flapping: true,
    backoffFactor: 1,
    maxIntervalMs: 300_000,
    isLocal: false,
    ...changes,
  };
}

/** Restarts the shop on DC3: at once, then after a minute, then after two, then no more. */
export function recoveryConfig(changes: Partial<RecoveryConfig> = {}): RecoveryConfig {
  return {
    ...{host: 'DC3', command: 'systemctl restart shop', shellLine: 'x', isLocal: false, env: {}, timeoutMs: 60_000},
    ...{afterFailures: 3, maxAttempts: 3, intervalMs: 30_000, backoffFactor: 2, maxIntervalMs: 3_600_000},
    ...{approve: false, dryRun: false},
    ...changes,
  };
}

/** Anna is an admin, Boris an operator, Clara a viewer; `ops` is a Telegram group and `desk` the console. */
export function configWith(changes: Partial<Config> = {}): Config {
  return {
    file: 'config.yaml',
    locale: 'en',
    templates: {},
    timezone: 'UTC',
    dataDir: 'data',
    mocks: false,
    pictures: 'light',
    messageType: 'both',
    logStatusEveryMs: 60_000,
    logging: loggingOf({}, '.'),
    concurrency: 256,
    concurrencyPerHost: 16,
    keepRawMs: 7 * 86_400_000,
    keepHistoryMs: 400 * 86_400_000,
    oncall: new Map(),
    users: new Map([
      [ANNA, {id: ANNA, name: 'Anna', role: 'admin'}],
      [BORIS, {id: BORIS, name: 'Boris', role: 'operator'}],
      [CLARA, {id: CLARA, name: 'Clara', role: 'viewer'}],
    ]),
    channels: new Map([
      ['ops', {name: 'ops', type: 'telegram', chatId: GROUP}],
      ['desk', {name: 'desk', type: 'console'}],
    ]),
    alerts: alertConfig(),
    guard: [],
    maintenance: [],
    checks: [checkConfig('billing-api')],
    hosts: new Map(),
    windows: new Map(),
    ...changes,
  };
}

export function readerOf(config: Config = configWith(), server = 'shop-7'): Reader {
  return createReader(config, server);
}

/** A machine that never changes. */
export const machine = (): Machine => ({
  address: '192.0.2.7',
  os: 'Debian GNU/Linux 13 (trixie), Linux 6.12',
  uptimeMs: 12 * 86_400_000,
  load: [0.5, 0.25, 0.125],
});

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [key: string]: unknown;
}

/** A real log whose lines are kept. */
export function keptLog(): {log: Logger; lines: LogLine[]} {
  const lines: LogLine[] = [];
  return {log: pino({}, {write: (line) => void lines.push(JSON.parse(line))}), lines};
}

/** A folder that goes at the end, after whatever the tests still have to close in it. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-bot-'));
  process.once('exit', () => rmSync(folder, {recursive: true, force: true}));
  return folder;
}

/** A real store that is closed at the end of the test, or earlier to be opened again. */
export function storeIn(context: TestContext, dataDir: string, clock: Clock): Store {
  const store = openStore({dataDir, clock, keepRawMs: 86_400_000, keepHistoryMs: 86_400_000});
  let closed: Promise<void> | undefined;
  const close = () => (closed ??= store.close());
  context.after(close);
  return {...store, close};
}

/** What stands in a table of state.db, read from beside the program. */
export function rowsOf(dataDir: string, query: string): Record<string, unknown>[] {
  const db = new DatabaseSync(join(dataDir, 'state.db'), {readOnly: true});
  try {
    return db
      .prepare(query)
      .all()
      .map((row) => ({...row}));
  } finally {
    db.close();
  }
}

export function failed(check: string, at = START, target?: string): Observation {
  return {check, at, result: 'failed', reason: 'HTTP 503', latencyMs: 5, ...(target !== undefined && {target})};
}

export function ok(check: string, at = START, target?: string): Observation {
  return {check, at, result: 'ok', reason: '', latencyMs: 5, ...(target !== undefined && {target})};
}

export function notice(detail: string, channel = 'ops'): Message {
  return {kind: 'notice', channel, reason: 'notice', code: 'history_failed', detail};
}
