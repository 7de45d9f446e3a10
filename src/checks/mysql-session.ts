import net from 'node:net';
import type {Connection, TypeCastField} from 'mysql2';
import type {Clock} from '../clock.ts';
import {Refusal} from '../reach/failure.ts';
import {type Driver, numberFrom, type Opening, type Row, type Session, saying} from './database-line.ts';

/** To log in a second time and to send one command. */
const CANCEL_MS = 2_000;

let library: typeof import('mysql2') | undefined;

export const driver: Driver = {load, open, reasonOf};

async function load(): Promise<void> {
  library ??= (await import('mysql2')).default;
}

async function open(opening: Opening): Promise<Session> {
  const connection = await logIn(opening);
  // For the whole session, since a transaction around every query would take three round trips instead of one.
  await command(connection, 'SET SESSION TRANSACTION READ ONLY');
  return {
    // The driver's own: with TLS it is no longer the socket.
    stream: (connection as unknown as {stream: net.Socket}).stream,
    query: (sql, onRow) => read(connection, sql, onRow),
    cancel: (dial, clock) => cancel(connection.threadId, {...opening, socket: dial()}, clock),
    end: () => connection.end(),
  };
}

async function logIn({socket, given, secure}: Opening): Promise<Connection> {
  if (!library) throw new Error('mysql2 is not loaded');
  const name = given.server_name ?? given.host;
  // Without a name to ask for, Node verifies the certificate against the host that a socket says it is connected to.
  if (net.isIP(name)) Object.assign(socket, {_host: name});
  const connection = library.createConnection({
    stream: socket,
    host: name,
    user: given.user,
    password: given.password ?? '',
    ...(given.database !== undefined && {database: given.database}),
    ...(secure && {
      ssl: {...secure, rejectUnauthorized: given.tls === 'verify', verifyIdentity: given.tls === 'verify'},
    }),
    connectTimeout: 0,
    // No server may ask for a file of this machine.
    flags: ['-LOCAL_FILES'],
    typeCast: cast,
  });
  connection.on('error', () => {});
  await new Promise<void>((resolve, reject) => connection.connect((error) => (error ? reject(error) : resolve())));
  return connection;
}

function command(connection: Connection, sql: string): Promise<void> {
  return new Promise((resolve, reject) => connection.query(sql, (error) => (error ? reject(error) : resolve())));
}

/** One statement: the driver refuses several. Of a procedure's results the first one counts. */
function read(connection: Connection, sql: string, onRow: (row: Row) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    connection
      .query(sql)
      .on('error', reject)
      // What a statement without rows did comes as a result too, but without a number.
      .on('result', (row: Row, index?: number) => {
        if (index === 0) onRow(row);
      })
      .on('end', () => resolve());
  });
}

const NUMBERS = new Set([
  'TINY',
  'SHORT',
  'INT24',
  'LONG',
  'LONGLONG',
  'YEAR',
  'FLOAT',
  'DOUBLE',
  'DECIMAL',
  'NEWDECIMAL',
]);
const MOMENTS = new Set(['DATETIME', 'DATETIME2', 'TIMESTAMP', 'TIMESTAMP2']);
const TEXTS = new Set(['DATE', 'NEWDATE', 'TIME', 'TIME2']);

function cast(field: TypeCastField, next: () => unknown): unknown {
  if (NUMBERS.has(field.type)) return valueIn(field, numberFrom);
  if (MOMENTS.has(field.type)) return valueIn(field, (text) => text.replace(' ', 'T'));
  if (TEXTS.has(field.type)) return field.string();
  const value = next();
  if (!Buffer.isBuffer(value)) return value;
  return field.type === 'BIT' ? numberFrom(BigInt(`0x${value.toString('hex')}`).toString()) : value.toString('hex');
}

function valueIn<Value>(field: TypeCastField, from: (text: string) => Value): Value | null {
  const text = field.string();
  return text === null ? null : from(text);
}

const NOT_MYSQL = 'the answer is not MySQL';
const WORDS: Readonly<Record<string, string>> = {
  PROTOCOL_CONNECTION_LOST: 'the server closed the connection',
  HANDSHAKE_NO_SSL_SUPPORT: 'the server does not speak TLS',
  HANDSHAKE_UNKNOWN_ERROR: NOT_MYSQL,
  PROTOCOL_UNEXPECTED_PACKET: NOT_MYSQL,
  PROTOCOL_ERROR: NOT_MYSQL,
};
const SYNTAX = /You have an error in your SQL syntax; .* to use near /;

function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (error instanceof Refusal) return undefined;
  // The driver puts this code in the place of OpenSSL's.
  if (code === 'HANDSHAKE_SSL_ERROR') return saying(`TLS: ${error.message}`);
  const known = WORDS[code];
  if (known) return known;
  if ('sqlMessage' in error) return saying(error.message.replace(SYNTAX, 'syntax error at '));
  // What the driver stumbles over where the server speaks something else.
  return code === '' || /^ERR_(?:OUT_OF_RANGE|BUFFER)/.test(code) ? NOT_MYSQL : undefined;
}

/** Only another connection can stop a query of MySQL's. */
function cancel(threadId: number | null, opening: Opening, clock: Clock): void {
  const {socket} = opening;
  const unset = clock.after(CANCEL_MS, () => socket.destroy());
  socket.on('close', unset);
  const kill = async () => {
    const connection = await logIn(opening);
    await command(connection, `KILL QUERY ${threadId}`);
    connection.end();
  };
  kill().catch(() => socket.destroy());
}
