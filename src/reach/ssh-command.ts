import type {ClientChannel} from 'ssh2';
import type {Clock} from '../clock.ts';
import {Refusal} from './failure.ts';
import {type Keep, keepStart} from './output.ts';
import {connectSsh, type SshConnection, type SshTarget} from './ssh-connect.ts';

/** How a command on a host ended. */
export interface SshExit {
  /** -1 when a signal ended the command. */
  readonly exitCode: number;
  /** `TERM`, or empty. */
  readonly signal: string;
}

export interface SshResult extends SshExit {
  /** Without the line ends at its end, as in a shell's `$(…)`. */
  readonly stdout: string;
  readonly stderr: string;
}

/** The server takes no commands: it certainly did not run. */
export class CommandRefused extends Refusal {}

interface Run {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Bytes that are kept of each stream; the rest is read, so that the command can end, and dropped. */
  readonly outputLimit: number;
}

/**
 * Runs a command on a connection of its own. Rejects with a `Refusal`, or with the signal's reason; the command is then sent a
 * SIGTERM, and channel and connection are closed.
 */
export async function runOverSsh(target: SshTarget, command: string, run: Run): Promise<SshResult> {
  const connection = await connectSsh(target, run);
  const kept = {stdout: () => '', stderr: () => ''};
  const keep: Keep = ({stdout, stderr}) => {
    Object.assign(kept, {stdout: keepStart(stdout, run.outputLimit), stderr: keepStart(stderr, run.outputLimit)});
  };
  try {
    const exit = await execute(connection, command, {signal: run.signal, keep});
    return {...exit, stdout: trimmed(kept.stdout()), stderr: trimmed(kept.stderr())};
  } finally {
    connection.close();
  }
}

/**
 * Runs a command on an open connection, which the caller closes. Rejects with a `CommandRefused`, with a `Refusal` when the
 * connection was lost (nobody knows then how the command ended), or with the signal's reason.
 */
export async function execute(
  {client, lost}: SshConnection,
  command: string,
  {signal, keep}: {readonly signal: AbortSignal; readonly keep: Keep},
): Promise<SshExit> {
  signal.throwIfAborted();
  const {promise: aborted, reject: abort} = Promise.withResolvers<never>();
  const stop = () => abort(signal.reason);
  signal.addEventListener('abort', stop, {once: true});
  const gone = lost.then((reason) => Promise.reject(reason));
  let channel: ClientChannel | undefined;
  const opened = new Promise<ClientChannel>((resolve, reject) => {
    client.exec(command, (error, stream) =>
      error ? reject(new CommandRefused('SSH: the server does not run the command')) : resolve(stream),
    );
  });
  // Any of them may reject when nobody waits for it any more.
  for (const late of [opened, gone, aborted]) late.catch(() => {});
  try {
    channel = await Promise.race([opened, gone, aborted]);
    return await Promise.race([ended(channel, keep), gone, aborted]);
  } catch (error) {
    // Without a terminal a command does not notice that nobody listens any more.
    if (channel) terminate(client, channel);
    channel?.close();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** ssh2 sends no signal on a channel whose input has ended, though RFC 4254 §6.9 has no such rule: so past its own method. */
function terminate(client: object, channel: object): void {
  const {_protocol: protocol} = client as {_protocol?: {signal?(channel: number, name: string): void}};
  const {outgoing} = channel as {outgoing?: {id?: number; state?: string}};
  if (outgoing?.id !== undefined && outgoing.state !== 'closed') protocol?.signal?.(outgoing.id, 'TERM');
}

function ended(channel: ClientChannel, keep: Keep): Promise<SshExit> {
  keep({stdout: channel, stderr: channel.stderr});
  let exit: SshExit | undefined;
  channel.on('exit', (code: number | null, signal?: string) => {
    exit = {exitCode: code ?? -1, signal: signal?.replace(/^SIG/, '') ?? ''};
  });
  channel.on('error', () => {});
  channel.end();
  return new Promise((resolve, reject) => {
    channel.on('close', () => {
      if (exit) resolve(exit);
      else reject(new Refusal('SSH: the connection was lost while the command ran'));
    });
  });
}

/** Commands end their output with a newline that nobody means. */
function trimmed(text: string): string {
  return text.replace(/[\r\n]+$/, '');
}
