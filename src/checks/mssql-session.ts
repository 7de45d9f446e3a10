import {once} from 'node:events';
import net from 'node:net';
import type {config as Config, ConnectionPool, IColumn, Request} from 'mssql';
import {isOfTheWorld, Refusal, reasonFor} from '../reach/failure.ts';
import {type Driver, numberFrom, type Opening, type Row, type Session, saying} from './database-line.ts';

/** The library's own limit comes this much later than the run's, which ends everything. */
const LATER_MS = 1_000;

let library: typeof import('mssql') | undefined;

export const driver: Driver = {load, open, reasonOf};

async function load(): Promise<void> {
  library ??= (await import('mssql')).default;
}

/** A connection as the library's pool makes them. */
interface Wire {
  close(): void;
  on(event: string, listen: () => void): void;
  readonly _onSocketError: () => void;
  readonly _onSocketClose: () => void;
  readonly _onSocketEnd: () => void;
}

async function open(opening: Opening): Promise<Session> {
  if (!library) throw new Error('mssql is not loaded');
  const {socket} = opening;
  const settings = settingsFor(opening);
  const pool = new library.ConnectionPool(settings);
  pool.on('error', () => {});
  // connect() would log in twice, the first time for nothing; this is what it calls for a single connection.
  const wire = await (pool as unknown as {_poolCreate(): Promise<Wire>})._poolCreate();
  wire.on('error', () => {});
  // Told of the socket's end while it is still reading an answer, the library forgets its request and then calls it: an
  // exception that nobody can catch. The line watches the socket itself.
  socket.off('error', wire._onSocketError).off('close', wire._onSocketClose).off('end', wire._onSocketEnd);
  const parent = singleConnection(wire, settings);
  const {Request: Asking} = library;
  return {
    stream: socket,
    query: (sql, onRow) => read(new Asking(parent), sql, onRow),
    // The server gives a query up by itself when its connection goes.
    cancel: () => {},
    end: () => wire.close(),
  };
}

function settingsFor({socket, given, secure, timeoutMs}: Opening): Config {
  // An address cannot be asked for (RFC 6066 §3) and the library asks all the same, so it gets a name that proves nothing.
  const name = given.server_name ?? (net.isIP(given.host) ? 'localhost' : given.host);
  return {
    server: name,
    port: given.port,
    user: given.user,
    password: given.password ?? '',
    ...(given.database !== undefined && {database: given.database}),
    connectionTimeout: timeoutMs + LATER_MS,
    requestTimeout: 0,
    options: {
      encrypt: given.tls !== 'off',
      trustServerCertificate: given.tls !== 'verify',
      serverName: name,
      appName: 'vakhta',
      maxRetriesOnTransientErrors: 0,
      ...(secure && {cryptoCredentialsDetails: secure}),
      connector: async () => {
        if (socket.connecting) await once(socket, 'connect');
        if (given.tls !== 'off') insistOnTls(socket);
        return socket;
      },
    },
  };
}

/**
 * The library would go on without TLS where the server has none, and send the password in the clear: the server's first
 * answer says whether it encrypts, and the socket is closed before the library has read it.
 */
function insistOnTls(socket: net.Socket): void {
  socket.once('data', (chunk: Buffer) => {
    const refuse = (why: string) => void socket.destroy(new Refusal(why));
    // One whole packet, the last of its message: nothing may be hidden from this look at it.
    if (chunk.length < HEADER_BYTES || chunk.readUInt16BE(2) !== chunk.length || chunk[1] !== 1) {
      return refuse('the answer is not SQL Server');
    }
    const found = encryptionsIn(chunk.subarray(HEADER_BYTES));
    if (found.length === 0 || !found.every((value) => TLS_IS_ON.includes(value)))
      refuse('the server does not speak TLS');
  });
}

const HEADER_BYTES = 8;
/** [MS-TDS] 2.2.6.5: a table of options (one byte for its kind, two for where its value is, two for its length), then the values. */
const OPTION_BYTES = 5;
const ENCRYPTION = 1;
const END = 0xff;
const TLS_IS_ON = [1, 3];

function encryptionsIn(answer: Buffer): number[] {
  const found: number[] = [];
  for (let at = 0; at + OPTION_BYTES < answer.length && answer[at] !== END; at += OPTION_BYTES) {
    if (answer[at] === ENCRYPTION) found.push(answer[answer.readUInt16BE(at + 1)] ?? 0);
  }
  return found;
}

/** What a Request takes for its pool: it always gets this one connection. */
function singleConnection(wire: Wire, config: Config): ConnectionPool {
  const acquire = (_: unknown, callback: (error: null, wire: Wire, config: Config) => void) =>
    callback(null, wire, config);
  return {connected: true, config, acquire, release: () => {}} as unknown as ConnectionPool;
}

function read(request: Request, sql: string, onRow: (row: Row) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let columns: readonly IColumn[] = [];
    let results = 0;
    request.stream = true;
    request.arrayRowMode = true;
    request.on('recordset', (found: unknown) => {
      columns = Array.isArray(found) ? found : [];
      results += 1;
    });
    request.on('row', (values: unknown) => {
      // Of several results the first one counts.
      if (results === 1 && Array.isArray(values)) onRow(rowFrom(columns, values));
    });
    // It comes before the end of the answer.
    let failure: unknown;
    request.on('error', (error: unknown) => {
      failure ??= error;
    });
    request.on('done', () => (failure === undefined ? resolve() : reject(failure)));
    request.batch(sql).catch(() => {});
  });
}

function rowFrom(columns: readonly IColumn[], values: readonly unknown[]): Row {
  const row: Record<string, unknown> = {};
  for (const [index, column] of columns.entries()) row[column.name] = plain(values[index], column);
  return row;
}

function plain(value: unknown, {type}: IColumn): unknown {
  const types = library?.TYPES;
  if (value == null) return null;
  if (Buffer.isBuffer(value)) return value.toString('hex');
  // The library gives bigint as text, as it does text.
  if (type === types?.BigInt) return numberFrom(String(value));
  if (!isMoment(value)) return value;
  const text = value.toISOString();
  if (type === types?.DateTimeOffset) return text;
  if (type === types?.Date) return text.slice(0, 10);
  if (type === types?.Time) return text.slice(11, -1);
  // These know no time zone.
  return text.slice(0, -1);
}

function isMoment(value: unknown): value is {toISOString(): string} {
  return typeof value === 'object' && value !== null && 'toISOString' in value;
}

function reasonOf(error: unknown, host: string): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const {code} = error;
  const cause = causeOf(error);
  const isOwn = 'code' in cause && OWN_CODES.has(String(cause.code));
  if (!isOwn && isOfTheWorld(cause)) return reasonFor(cause, {host});
  if (code === 'EENCRYPT') return 'the server wants TLS: set tls: on';
  if (code === 'ECLOSE' || /^unexpected end of message/.test(cause.message)) return 'the server closed the connection';
  if (code === 'ELOGIN' || code === 'EREQUEST') return saying(error.message);
  return code === 'ESOCKET' ? 'the answer is not SQL Server' : undefined;
}

const OWN_CODES = new Set(['ECLOSE', 'EENCRYPT', 'ELOGIN', 'EREQUEST', 'ESOCKET', 'ETIMEOUT']);

/** The error of the socket or of TLS inside the library's own ones, of which one wraps another. */
function causeOf(error: Error): Error {
  const inner = 'originalError' in error ? error.originalError : error.cause;
  if (!(inner instanceof Error)) return error;
  return 'code' in inner && OWN_CODES.has(String(inner.code)) ? causeOf(inner) : inner;
}
