import type {ChildProcess} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {needs} from './packages.ts';
import {createFolder, freePort, runAs, runProgram, startServer, stopServer} from './processes.ts';

const PASSWORD = 'my-s3cret-pw';

/** For tests that need MariaDB: skipped, saying why, without it. */
export const needsMariadb = needs('mariadbd');

export interface Mariadb {
  readonly port: number;
  /** What a check of `monitor`, who may do everything, needs. */
  readonly login: {host: string; port: number; user: string; password: string};
  /** Runs SQL as root and returns what the client prints, without headers. */
  sql(text: string): string;
  start(): Promise<void>;
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Stops the server and removes its folder. */
  remove(): Promise<void>;
}

/** A MariaDB of its own, that others can replicate; with TLS when there is a certificate. */
export async function createMariadb(certificate?: {cert: string; key: string}): Promise<Mariadb> {
  const owner = runAs('mysql');
  const folder = createFolder(owner);
  const data = join(folder.path, 'data');
  const fast = ['--innodb-buffer-pool-size=16M', '--innodb-log-file-size=8M', '--innodb-flush-log-at-trx-commit=0'];
  mkdirSync(data);
  runProgram('chown', ['-R', `${owner.uid ?? process.getuid?.()}`, folder.path]);
  const install = ['--no-defaults', `--datadir=${data}`, '--skip-test-db', '--auth-root-authentication-method=normal'];
  runProgram('mariadb-install-db', [...install, ...fast], owner);
  const port = await freePort();
  const network = [`--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(folder.path, 's')}`];
  const files = [`--datadir=${data}`, `--pid-file=${join(folder.path, 'pid')}`, `--tmpdir=${folder.path}`];
  const replication = [`--server-id=${port}`, '--log-bin=log', '--sync-binlog=0', '--max-connections=300'];
  const args = ['--no-defaults', ...network, ...files, ...replication, ...fast];
  if (certificate) {
    for (const name of ['cert', 'key'] as const) {
      const path = join(folder.path, `${name}.pem`);
      writeFileSync(path, certificate[name]);
      args.push(`--ssl-${name}=${path}`);
    }
  }
  const client = ['--no-defaults', '-uroot', `-S${join(folder.path, 's')}`, '-NB'];
  const sql = (text: string) => runProgram('mariadb', client, {input: text}).trim();
  let child: ChildProcess | undefined;
  const start = async () => {
    child = await startServer(['mariadbd', ...args], async () => answers(sql), owner);
  };
  const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM') => {
    if (child) await stopServer(child, signal);
  };
  await start();
  sql(`CREATE USER monitor@'%' IDENTIFIED BY '${PASSWORD}'; GRANT ALL ON *.* TO monitor@'%'; CREATE DATABASE shop;`);
  const login = {host: '127.0.0.1', port, user: 'monitor', password: PASSWORD};
  const remove = async () => {
    await stop('SIGKILL');
    folder.remove();
  };
  return {port, login, sql, start, stop, remove};
}

function answers(sql: (text: string) => string): boolean {
  try {
    return sql('SELECT 1') === '1';
  } catch {
    return false;
  }
}
