import type {HostConfig, RecoveryConfig} from '../config/config.ts';
import {isOfTheWorld, reasonFor} from '../reach/failure.ts';
import {keepEnd} from '../reach/output.ts';
import {CommandRefused, execute} from '../reach/ssh-command.ts';
import {connectSsh, type SshConnection, type SshTarget} from '../reach/ssh-connect.ts';
import {createHostKeyCheck} from '../reach/ssh-host-key.ts';
import {brokenOff, type Ending, endingOf, OUTPUT_BYTES_MAX, type RunUse} from './run.ts';

/**
 * Runs a command on a host over SSH, on a connection of its own. What fails before the command was asked for certainly did not
 * run; once it was, only its exit says how it ended. At the abort it is sent a SIGTERM, and the connection is closed.
 */
export async function runOnHost(
  {host, shellLine, env}: Pick<RecoveryConfig, 'host' | 'shellLine' | 'env'>,
  hosts: ReadonlyMap<string, HostConfig>,
  use: RunUse,
): Promise<Ending> {
  const target = targetOf(host, hosts);
  if (!target) return {status: 'not_started', reason: `no host ${host} is configured`, output: ''};
  const connection = await connectSsh(target, use).catch((error: unknown) => failed(error, use));
  if (!('client' in connection)) return connection;
  try {
    return await runOn(connection, withVariables(shellLine, env), use);
  } finally {
    connection.close();
  }
}

function failed(error: unknown, {signal}: RunUse): Ending {
  if (!signal.aborted && !isOfTheWorld(error)) throw error;
  return {status: 'not_started', reason: reasonFor(error, {signal}), output: ''};
}

async function runOn(connection: SshConnection, command: string, {signal}: RunUse): Promise<Ending> {
  let output = () => '';
  try {
    const exit = await execute(connection, command, {
      signal,
      keep: ({stdout, stderr}) => {
        output = keepEnd([stdout, stderr], OUTPUT_BYTES_MAX);
      },
    });
    return endingOf(exit.exitCode, exit.signal, output());
  } catch (error) {
    if (signal.aborted) return brokenOff(signal, output());
    if (!isOfTheWorld(error)) throw error;
    const status = error instanceof CommandRefused ? 'not_started' : 'unknown';
    return {status, reason: reasonFor(error), output: output()};
  }
}

/** Undefined for one that is not configured; config has made sure that jump hosts are, and lead in no circle. */
function targetOf(name: string, hosts: ReadonlyMap<string, HostConfig>): SshTarget | undefined {
  const host = hosts.get(name);
  if (!host) return undefined;
  const {knownHosts, fingerprint, jump, ...login} = host;
  const hostKey = createHostKeyCheck({known_hosts: knownHosts, fingerprint}, host);
  return {...login, hostKey, ...(jump !== undefined && {jump: targetOf(jump, hosts)})};
}

/** In front of the command, as a server drops nearly all variables that a client sends (AcceptEnv). */
function withVariables(command: string, env: Readonly<Record<string, string>>): string {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}; `);
  return exports.join('') + command;
}

/** Nothing in single quotes means anything to a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
