import net from 'node:net';
import type {Duplex} from 'node:stream';
import type {Client, ConnectConfig, ServerHostKeyAlgorithm} from 'ssh2';
import type {Clock} from '../clock.ts';
import {Refusal, reasonFor} from './failure.ts';
import type {HostKeyCheck} from './ssh-host-key.ts';

/** Whom to connect to, and as whom; one of password, privateKey and agent is given. */
export interface SshTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string | undefined;
  /** The key itself, in OpenSSH's, PEM or PuTTY's form. */
  readonly privateKey?: string | undefined;
  readonly passphrase?: string | undefined;
  /** The path of an agent's socket. */
  readonly agent?: string | undefined;
  readonly hostKey: () => Promise<HostKeyCheck>;
  /** The host that the way leads through; it may have such a host itself. */
  readonly jump?: SshTarget | undefined;
}

/** An open connection, logged in. */
export interface SshConnection {
  readonly client: Client;
  /** Resolves with why the connection ended; never rejects. */
  readonly lost: Promise<Refusal>;
  /** Says goodbye, and cuts the line if that takes long. */
  close(): void;
}

/** What a goodbye may take before the line is cut. */
const GOODBYE_MS = 500;

/**
 * Connects and logs in, on a connection of its own, through the jump hosts where there are some. Rejects with a `Refusal`,
 * whose message is a reason for people, or with the signal's reason; nothing is left open then. The caller closes what it gets.
 */
export async function connectSsh(target: SshTarget, use: Use): Promise<SshConnection> {
  if (!target.jump) return await logIn(target, dial(target), use);
  const jump = await connectSsh(target.jump, use).catch((error: unknown) => Promise.reject(onTheWay(error, target)));
  try {
    const end = await logIn(target, await forward(jump, target, use), use);
    const close = () => {
      end.close();
      jump.close();
    };
    return {...end, close};
  } catch (error) {
    jump.close();
    throw error;
  }
}

interface Use {
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

function dial({host, port}: SshTarget): () => Duplex {
  return () => net.connect({host, port, noDelay: true, autoSelectFamilyAttemptTimeout: 2_000});
}

/** Says which of the hosts refuses. */
function onTheWay(error: unknown, {jump}: SshTarget): unknown {
  return error instanceof Refusal ? new Refusal(`the jump host ${jump?.host}: ${error.message}`) : error;
}

/** The jump host connects onward; what it carries is SSH again, which it cannot read. */
async function forward({client, lost}: SshConnection, target: SshTarget, {signal}: Use): Promise<() => Duplex> {
  const {host, port} = target;
  const {promise: aborted, reject: abort} = Promise.withResolvers<never>();
  const stop = () => abort(signal.reason);
  signal.addEventListener('abort', stop, {once: true});
  const opened = new Promise<Duplex>((resolve, reject) => {
    // The address of origin is a courtesy (RFC 4254 §7.2) that nothing is made of.
    client.forwardOut('127.0.0.1', 0, host, port, (error, stream) =>
      error ? reject(onTheWay(new Refusal(`it does not connect to ${host}:${port}`), target)) : resolve(stream),
    );
  });
  const gone = lost.then((reason) => Promise.reject(onTheWay(reason, target)));
  // Any of them may reject when nobody waits for it any more.
  for (const late of [opened, gone, aborted]) late.catch(() => {});
  try {
    signal.throwIfAborted();
    const stream = await Promise.race([opened, gone, aborted]);
    return () => stream;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function logIn(target: SshTarget, open: () => Duplex, {signal, clock}: Use): Promise<SshConnection> {
  const hostKey = await target.hostKey();
  // Loaded when first needed: it takes 41 ms and some memory.
  const {default: ssh2} = await import('ssh2');
  signal.throwIfAborted();
  const socket = open();
  const client = new ssh2.Client();
  let refused: string | undefined;
  const {promise: lost, resolve: lose} = Promise.withResolvers<Refusal>();
  client.on('error', (error) => lose(new Refusal(refused ?? explain(error, target))));
  client.on('close', () => lose(new Refusal('SSH: the connection was closed')));
  const stop = () => socket.destroy();
  signal.addEventListener('abort', stop, {once: true});
  try {
    const ready = new Promise<void>((resolve) => client.once('ready', resolve));
    start(client, target, {
      sock: socket,
      algorithms: {serverHostKey: inOrder(hostKey.types)},
      hostVerifier: (key: Buffer) => {
        refused = hostKey.refusal(key);
        return refused === undefined;
      },
    });
    const failure = await Promise.race([ready, lost]);
    signal.throwIfAborted();
    if (failure) throw failure;
    return {client, lost, close: () => hangUp(client, socket, clock)};
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** A host has several keys and shows one: ask for a type that we know first, as OpenSSH does. */
function inOrder(types: readonly string[]): ServerHostKeyAlgorithm[] {
  const isKnown = (name: string) => types.includes(name.startsWith('rsa-') ? 'ssh-rsa' : name);
  return [...HOST_KEYS.filter(isKnown), ...HOST_KEYS.filter((name) => !isKnown(name))];
}

/** In the order of OpenSSH; the last one, with SHA-1, is all that machines of before 2016 have. */
const HOST_KEYS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
];

function start(
  client: Client,
  {user, password, privateKey, passphrase, agent}: SshTarget,
  config: ConnectConfig,
): void {
  // Many servers ask for the password in this way only (PAM).
  client.on('keyboard-interactive', (_name, _instructions, _language, prompts, finish) =>
    finish(prompts.map(() => password ?? '')),
  );
  try {
    client.connect({
      ...config,
      username: user,
      ...(password !== undefined && {password, tryKeyboard: true}),
      ...(privateKey !== undefined && {privateKey}),
      ...(passphrase !== undefined && {passphrase}),
      ...(agent !== undefined && {agent}),
      // The caller's signal is the only deadline.
      readyTimeout: 0,
    });
  } catch (error) {
    // It parses the key at once; its words name what is wrong with it and hold nothing of it.
    throw new Refusal(`private_key: ${error instanceof Error ? error.message : 'it cannot be used'}`);
  }
}

function explain(error: Error & {level?: string}, {user, host, agent}: SshTarget): string {
  if ('code' in error) return reasonFor(error, {host: net.isIP(host) ? '' : host});
  if (error.level === 'client-authentication') return `the server refuses the login of ${user}`;
  if (error.level === 'agent') return `the agent at ${agent} does not answer`;
  if (/no matching/.test(error.message)) return `SSH: ${error.message.replace(/^Handshake failed: /, '')}`;
  if (/identification|ident/i.test(error.message)) return 'the answer is not SSH';
  return /lost before handshake/.test(error.message)
    ? 'SSH: the connection was closed during the handshake'
    : 'SSH: the handshake failed';
}

function hangUp(client: Client, socket: Duplex, clock: Clock): void {
  if (socket.destroyed) return;
  const cancel = clock.after(GOODBYE_MS, () => socket.destroy());
  socket.once('close', cancel);
  client.end();
  if (socket instanceof net.Socket) socket.destroySoon();
}
