import net from 'node:net';
import {z} from 'zod';
import type {Clock} from '../clock.ts';
import {isOfTheWorld, reasonFor, reasonOfAbort} from '../reach/failure.ts';
import type {Finding, Probe} from './check.ts';
import {createLine, type Driver, ROWS_MAX, type Row} from './database-line.ts';
import {compileExpectations, type Expectations, expectations, type Variables} from './expect.ts';
import {secureKeys} from './secure.ts';

/** What the expectations of every kind of database see. */
export const VARIABLES = {rows: 'list<dyn>', row_count: 'int', latency_ms: 'double'};
/** With a preset, its lag too. */
const LAG_VARIABLES = {...VARIABLES, lag_seconds: 'double'};

/** So many columns of a result of one row go to the history; a row with more is a report, not a measurement. */
const HISTORY_COLUMNS_MAX = 8;
/** Others are what a server calls an expression that nobody named: `?column?`, `count(*)`. */
const COLUMN_NAME = /^[\p{L}_][\p{L}\d_]*$/u;

/** The keys of every kind of database; `port` and `tls` are the kind's defaults, `variables` what `expect` may name. */
export function databaseKeys({port, tls, variables}: {port: number; tls: 'off' | 'on'; variables: Variables}) {
  return {
    host: z.string().min(1).default('127.0.0.1').describe('A host name, an IPv4 or an IPv6 address.'),
    port: z.int().min(1).max(65_535).default(port).describe('The TCP port.'),
    user: z.string().min(1).describe('Who to log in as: somebody who may read what the query needs, and no more.'),
    password: z
      .string()
      .meta({secret: true})
      .optional()
      .describe(`The password: \`\${NAME}\` from the environment, or \`file:PATH\`.`),
    database: z.string().min(1).optional().describe("The database to use; left out: the server's own choice."),
    tls: z
      .enum(['off', 'on', 'verify'])
      .default(tls)
      .describe('`on` encrypts but takes any certificate; `verify` also proves the certificate and its name.'),
    ...secureKeys,
    query: z.string().min(1).optional().describe('One SQL statement that reads. `SELECT 1` by default.'),
    keep: z
      .boolean()
      .default(false)
      .describe(
        'True: hold the connection between runs, and open it again when it broke. False: a new one for every run, which ' +
          'also proves that logging in works.',
      ),
    expect: expectations(variables)
      .optional()
      .describe(
        `CEL expressions over ${Object.keys(variables)
          .map((name) => `\`${name}\``)
          .join(', ')}, which must all be true. By default: an answer is enough.`,
      ),
  };
}

/** The key of the kinds that know about replication. */
const presetKey = z
  .enum(['replication_lag'])
  .optional()
  .describe(
    'Instead of `query`: asks a replica how many seconds it is behind, as `lag_seconds`; it fails on a server that is no replica.',
  );

/** What these keys come to; every kind's options have at least them. */
export interface DatabaseOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string | undefined;
  readonly database?: string | undefined;
  readonly tls: 'off' | 'on' | 'verify';
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly server_name?: string | undefined;
  readonly query?: string | undefined;
  readonly preset?: 'replication_lag' | undefined;
  readonly keep: boolean;
  readonly expect?: string[] | undefined;
}

/** For `superRefine`: the keys that exclude or need each other. */
export function checkDatabaseKeys(given: DatabaseOptions, context: z.RefinementCtx): void {
  const complain = (key: string, message: string) => context.addIssue({code: 'custom', path: [key], message});
  for (const key of ['ca', 'cert', 'key', 'server_name'] as const) {
    if (given[key] !== undefined && given.tls === 'off') complain(key, 'expected tls: on or verify with it; add that');
  }
  if ((given.cert === undefined) !== (given.key === undefined)) {
    complain(given.cert === undefined ? 'key' : 'cert', 'expected both cert and key; add the other one');
  }
  if (given.preset && given.query) complain('query', 'expected either query or preset, got both; remove one of them');
}

/** For `superRefine`, of the kinds that have a preset: without it there is no `lag_seconds`. */
function checkLagIsAsked({preset, expect}: DatabaseOptions, context: z.RefinementCtx): void {
  if (preset || !expect || !compileExpectations(expect, LAG_VARIABLES).uses.has('lag_seconds')) return;
  context.addIssue({
    code: 'custom',
    path: ['expect'],
    message: 'expected preset: replication_lag with lag_seconds; add it',
  });
}

/** A ready-made query, and how to read its answer: the lag in seconds, or in words why there is none. */
export interface Preset {
  readonly query: string;
  lagIn(rows: readonly Row[]): number | string;
}

export interface Plan {
  readonly given: DatabaseOptions;
  readonly driver: Driver;
  readonly variables: Variables;
  readonly preset?: Preset | undefined;
}

/** The keys of a kind that knows about replication: `preset` besides those of every database. */
export function replicatedOptions(port: number) {
  return z
    .strictObject({...databaseKeys({port, tls: 'off', variables: LAG_VARIABLES}), preset: presetKey})
    .superRefine(checkDatabaseKeys)
    .superRefine(checkLagIsAsked);
}

/** The `prepare` of such a kind. */
export function prepareReplicated(driver: Driver, lag: Preset) {
  return (given: DatabaseOptions, use: {clock: Clock; timeoutMs: number}): Probe =>
    createDatabaseProbe({given, driver, variables: LAG_VARIABLES, preset: given.preset && lag}, use);
}

/** The probe of a database: connects (or takes the held connection), asks, judges. */
export function createDatabaseProbe(
  {given, driver, variables, preset}: Plan,
  {clock, timeoutMs}: {clock: Clock; timeoutMs: number},
): Probe {
  const expected = given.expect && compileExpectations(given.expect, variables);
  const line = createLine(given, driver, {clock, timeoutMs});
  const host = net.isIP(given.host) ? '' : given.host;
  const query = preset?.query ?? given.query ?? 'SELECT 1';
  const probe: Probe = async ({signal}) => {
    let began = clock.monotonic();
    const finding = (reason: string, values?: Finding['values']): Finding[] => [
      {result: reason ? 'failed' : 'ok', reason, latencyMs: clock.monotonic() - began, ...(values && {values})},
    ];
    let rows: readonly Row[];
    try {
      await driver.load();
      began = clock.monotonic();
      rows = await line.ask(query, signal);
    } catch (error) {
      if (signal.aborted) return finding(reasonOfAbort(signal));
      const said = driver.reasonOf(error, host);
      if (said === undefined && !isOfTheWorld(error)) throw error;
      return finding(said ?? reasonFor(error, {host}));
    }
    return judge({rows, latencyMs: clock.monotonic() - began}, {expected, preset});
  };
  return given.keep ? Object.assign(probe, {close: line.close}) : probe;
}

function judge(
  {rows, latencyMs}: {rows: readonly Row[]; latencyMs: number},
  {expected, preset}: {expected: Expectations | undefined; preset: Preset | undefined},
): Finding[] {
  const lag = preset?.lagIn(rows);
  if (typeof lag === 'string') return [{result: 'failed', reason: lag, latencyMs}];
  const numbers = lag === undefined ? numbersIn(rows) : {lag_seconds: lag};
  const seen = {
    rows,
    row_count: BigInt(rows.length),
    latency_ms: latencyMs,
    ...(lag !== undefined && {lag_seconds: lag}),
  };
  const reason = expected?.unmet(seen) ?? '';
  const hasNumbers = Object.keys(numbers).length > 0;
  return [{result: reason ? 'failed' : 'ok', reason, latencyMs, ...(hasNumbers && {values: numbers})}];
}

/** The numbers of a result of one row, by the names of its columns. */
function numbersIn(rows: readonly Row[]): Record<string, number> {
  const [row] = rows;
  if (rows.length !== 1 || !row) return {};
  const numbers = Object.entries(row).flatMap(([name, value]): [string, number][] => {
    const number = typeof value === 'bigint' ? Number(value) : value;
    return COLUMN_NAME.test(name) && typeof number === 'number' && Number.isFinite(number) ? [[name, number]] : [];
  });
  return numbers.length > HISTORY_COLUMNS_MAX ? {} : Object.fromEntries(numbers);
}

/** For every kind's doc: what is the same for all of them. */
export const DATABASE_DOC =
  'The query is one statement. `rows` is a list of maps by the names of the columns, which `AS` gives: ' +
  '`rows[0].queue < 100`. Numbers are doubles, also those of `numeric` columns (15 digits), but for whole ones beyond 2^53, ' +
  'which are ints; moments are text in the form of ISO 8601, and bytes are text in hexadecimal. The numbers of a result of one row go ' +
  `to the history. A result may have ${ROWS_MAX.toLocaleString('en')} rows and 1 MiB: a larger one is a failure that says so, and is not ` +
  'read to its end. `latency_ms` ends with the last row, and includes connecting and logging in unless the connection is held. At the timeout ' +
  'the query is cancelled on the server too.';
