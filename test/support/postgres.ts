import type {ChildProcess} from 'node:child_process';
import {appendFileSync, chownSync, existsSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {needs} from './packages.ts';
import {createFolder, freePort, type RunAs, runAs, runProgram, startServer, stopServer} from './processes.ts';

/** Debian keeps the programs of each version in a folder of its own, off the PATH. */
const VERSIONS = '/usr/lib/postgresql';
const PASSWORD = 'pg-s3cret-pw';

/** For tests that need PostgreSQL: skipped, saying why, without it. */
export const needsPostgres = needs('psql');

export interface Postgres {
  readonly port: number;
  /** What a check of the superuser needs. */
  readonly login: {host: string; port: number; user: string; password: string; database: string};
  /** Runs SQL as the superuser and returns what psql prints, without headers. */
  sql(text: string): string;
  start(): Promise<void>;
  stop(signal?: 'SIGINT' | 'SIGQUIT'): Promise<void>;
  /** Starts a standby of this server. */
  replica(): Promise<Postgres>;
  /** Stops the server and removes its folder. */
  remove(): Promise<void>;
}

/** A PostgreSQL of its own; with TLS when there is a certificate. */
export async function createPostgres(certificate?: {cert: string; key: string}): Promise<Postgres> {
  const owner = runAs('postgres');
  const folder = createFolder(owner);
  const data = join(folder.path, 'data');
  const passwordFile = join(folder.path, 'password');
  writeFileSync(passwordFile, PASSWORD, {mode: 0o644});
  const rules = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--username=postgres', '--no-sync'];
  runProgram(program('initdb'), [...rules, '-D', data, '--locale=C.UTF-8', '--encoding=UTF8'], owner);
  const settings = ['fsync = off', 'max_connections = 300', 'hot_standby = on', 'shared_buffers = 16MB'];
  if (certificate) settings.push(...tlsSettings(certificate, data, owner));
  appendFileSync(join(data, 'postgresql.conf'), `\n${settings.join('\n')}\n`);
  return await launch(folder, data, owner);
}

function tlsSettings({cert, key}: {cert: string; key: string}, data: string, {uid, gid}: RunAs): string[] {
  const path = join(data, 'server.key');
  writeFileSync(path, key, {mode: 0o600});
  writeFileSync(join(data, 'server.crt'), cert);
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
  return ['ssl = on'];
}

async function launch(folder: {path: string; remove(): void}, data: string, owner: RunAs): Promise<Postgres> {
  const port = await freePort();
  const url = `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`;
  const sql = (text: string) => runProgram('psql', ['-XqtA', '-v', 'ON_ERROR_STOP=1', '-d', url], {input: text}).trim();
  let child: ChildProcess | undefined;
  const start = async () => {
    const args = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder.path] as const;
    child = await startServer([program('postgres'), ...args], async () => answers(sql), owner);
  };
  const stop = async (signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT') => {
    if (child) await stopServer(child, signal);
  };
  await start();
  return {
    port,
    login: {host: '127.0.0.1', port, user: 'postgres', password: PASSWORD, database: 'postgres'},
    sql,
    start,
    stop,
    replica: async () => {
      const own = createFolder(owner);
      const copy = join(own.path, 'data');
      runProgram(program('pg_basebackup'), ['-D', copy, '-R', '-c', 'fast', '-X', 'stream', '-d', url], owner);
      return await launch(own, copy, owner);
    },
    remove: async () => {
      await stop('SIGQUIT');
      folder.remove();
    },
  };
}

function answers(sql: (text: string) => string): boolean {
  try {
    return sql('SELECT 1') === '1';
  } catch {
    return false;
  }
}

function binaries(): string | undefined {
  if (!existsSync(VERSIONS)) return undefined;
  const folders = readdirSync(VERSIONS).map((version) => join(VERSIONS, version, 'bin'));
  return folders.find((folder) => existsSync(join(folder, 'initdb')));
}

function program(name: string): string {
  return join(binaries() ?? '', name);
}
