import dgram from 'node:dgram';
import {lookup} from 'node:dns/promises';
import net from 'node:net';
import {z} from 'zod';
import {isOfTheWorld, reasonFor} from '../reach/failure.ts';
import type {Finding, Kind} from './check.ts';
import {compileExpectations, expectations} from './expect.ts';
import {bytesOf, sendKeys} from './socket-steps.ts';

/** RFC 768 with the header of IPv4: what one datagram can carry. */
const DATAGRAM_BYTES_MAX = 65_507;
const VARIABLES = {reply: 'string', reply_hex: 'string', latency_ms: 'double'};

const options = z
  .strictObject({
    host: z.string().min(1).describe('A host name, an IPv4 or an IPv6 address.'),
    port: z.int().min(1).max(65_535).describe('The UDP port.'),
    ...sendKeys,
    expect: expectations(VARIABLES)
      .optional()
      .describe(
        'CEL expressions over `reply`, `reply_hex` (lower case, no spaces) and `latency_ms`, which must all be true. By ' +
          'default: any reply.',
      ),
  })
  .superRefine(checkOneMessage);
type Options = z.infer<typeof options>;

const kind: Kind<Options> = {
  name: 'udp',
  doc:
    'Sends one UDP datagram and looks at the first that comes back from there. Without a reply within `timeout` the check ' +
    'has failed: UDP itself confirms nothing, and a datagram may be lost on the way, so `attempts: 2` is a good idea across a ' +
    'network. Where the host says that nothing listens (ICMP port unreachable), the reason is `connection refused`.',
  example: [
    'time-server:',
    '  type: udp',
    '  host: 10.0.0.1',
    '  port: 123',
    `  send_hex: 'e3 00 06 ec ${'00 '.repeat(44).trimEnd()}'`,
    "  expect: ['reply_hex.size() == 96']",
    '  attempts: 2',
  ].join('\n'),
  options,
  host: ({host}) => host,
  prepare: (given, {clock}) => {
    const expected = given.expect && compileExpectations(given.expect, VARIABLES);
    const {host, port} = given;
    const bytes = bytesOf(given);
    return async ({signal}) => {
      const began = clock.monotonic();
      const finding = (reason: string): Finding[] => [
        {result: reason ? 'failed' : 'ok', reason, latencyMs: clock.monotonic() - began},
      ];
      try {
        const reply = await ask({host, port, bytes}, signal);
        const said = {
          reply: reply.toString(),
          reply_hex: reply.toString('hex'),
          latency_ms: clock.monotonic() - began,
        };
        return finding(expected?.unmet(said) ?? '');
      } catch (error) {
        if (!signal.aborted && !isOfTheWorld(error)) throw error;
        return finding(reasonFor(error, {signal, host: net.isIP(host) ? '' : host}));
      }
    };
  },
};

export default kind;

interface Question {
  readonly host: string;
  readonly port: number;
  readonly bytes: Buffer;
}

/** Sends, and resolves with the first datagram from there; the socket is closed when this settles. */
async function ask({host, port, bytes}: Question, signal: AbortSignal): Promise<Buffer> {
  signal.throwIfAborted();
  const {promise, resolve, reject} = Promise.withResolvers<Buffer>();
  const stop = () => reject(signal.reason);
  signal.addEventListener('abort', stop, {once: true});
  let socket: dgram.Socket | undefined;
  try {
    // A lookup cannot be called off; past the deadline it ends by itself, heard by nobody.
    const to = await Promise.race([addressOf(host), promise as Promise<never>]);
    socket = dgram.createSocket(to.family === 6 ? 'udp6' : 'udp4');
    socket.on('error', reject).on('message', (message) => resolve(message));
    // Only a connected socket hears of ICMP errors, and only it takes no datagrams from others (man 7 udp).
    socket.connect(port, to.address, () => socket?.send(bytes, (error) => error && reject(error)));
    return await promise;
  } finally {
    socket?.close();
    signal.removeEventListener('abort', stop);
  }
}

async function addressOf(host: string): Promise<{address: string; family: number}> {
  const family = net.isIP(host);
  return family === 0 ? await lookup(host) : {address: host, family};
}

interface Message {
  readonly send?: string | undefined;
  readonly send_hex?: string | undefined;
}

function checkOneMessage(given: Message, context: z.RefinementCtx): void {
  const {send, send_hex} = given;
  const issue = (key: string, message: string) => context.addIssue({code: 'custom', path: [key], message});
  if (send === undefined && send_hex === undefined) issue('send', 'expected send or send_hex, got neither; add one');
  if (send !== undefined && send_hex !== undefined) {
    issue('send_hex', 'expected either send or send_hex, got both; remove one of them');
  }
  if (bytesOf(given).length > DATAGRAM_BYTES_MAX) {
    issue(
      send_hex === undefined ? 'send' : 'send_hex',
      `expected at most ${DATAGRAM_BYTES_MAX} bytes, which one datagram holds`,
    );
  }
}
