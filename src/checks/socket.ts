import net from 'node:net';
import {z} from 'zod';
import type {Finding, Kind} from './check.ts';
import {compileExpectations, expectations} from './expect.ts';
import {isOfTheWorld, reasonFor} from './failure.ts';
import {size} from './size.ts';
import {converse} from './socket-talk.ts';

const REPLY_BYTES_MAX = 1024 ** 2;
const VARIABLES = {reply: 'string', reply_hex: 'string', latency_ms: 'double'};
const HEX = /^(?:[\da-fA-F]{2}[ :]?)+$/;

const options = z
  .strictObject({
    host: z.string().min(1).describe('A host name, an IPv4 or an IPv6 address.'),
    port: z.int().min(1).max(65_535).describe('The TCP port.'),
    send: z
      .string()
      .min(1)
      .optional()
      .describe('Text to send, in UTF-8. In YAML only double quotes make `\\n` a line end: `"STATUS\\n"`.'),
    send_hex: z
      .string()
      .regex(HEX, 'expected pairs of hexadecimal digits such as "02 10 ff 03"')
      .optional()
      .describe('Bytes to send instead, in hexadecimal: `02 10 ff 03`.'),
    reply_until: z
      .string()
      .min(1)
      .optional()
      .describe(
        'The text that ends a reply, `"\\n"` by default. After `send_hex` there is none, and half a second of silence ends it.',
      ),
    reply_limit: size(REPLY_BYTES_MAX).prefault('64KiB').describe('So many bytes end a reply too. At most 1MiB.'),
    expect: expectations(VARIABLES)
      .optional()
      .describe(
        'CEL expressions over `reply`, `reply_hex` (lower case, no spaces) and `latency_ms`, which must all be true. By ' +
          'default: a connection, and any reply if something was sent.',
      ),
  })
  .refine(({send, send_hex}) => send === undefined || send_hex === undefined, {
    path: ['send_hex'],
    message: 'expected either send or send_hex, got both; remove one of them',
  });
type Options = z.infer<typeof options>;

const kind: Kind<Options> = {
  name: 'socket',
  doc:
    'Connects to a TCP port, sends something if it is told to, and looks at the reply. Without `send` and `expect` ' +
    'a connection is enough. A reply ends with `reply_until`, when the peer closes, or at `reply_limit`, whichever ' +
    'comes first; a peer that does none of these runs into the timeout. `latency_ms` ends with the reply.',
  example: [
    'atto-socket:',
    '  type: socket',
    '  host: 10.0.0.5',
    '  port: 8082',
    '  send: "STATUS\\n"',
    '  expect: [\'reply.startsWith("OK")\']',
  ].join('\n'),
  options,
  prepare: (given, {clock}) => {
    const expected = given.expect && compileExpectations(given.expect, VARIABLES);
    const talk = talkFrom(given, expected?.uses ?? new Set());
    return async ({signal}) => {
      const began = clock.monotonic();
      const finding = (reason: string): Finding[] => [
        {result: reason ? 'failed' : 'ok', reason, latencyMs: clock.monotonic() - began},
      ];
      try {
        const reply = await converse(talk, {signal, clock});
        if (talk.listen && reply.length === 0) return finding('connection closed without a reply');
        const values = {
          reply: reply.toString(),
          reply_hex: reply.toString('hex'),
          latency_ms: clock.monotonic() - began,
        };
        return finding(expected?.unmet(values) ?? '');
      } catch (error) {
        if (!signal.aborted && !isOfTheWorld(error)) throw error;
        return finding(reasonFor(error, {signal, host: net.isIP(given.host) ? '' : given.host}));
      }
    };
  },
};

export default kind;

function talkFrom({host, port, send, send_hex, reply_until, reply_limit}: Options, uses: ReadonlySet<string>) {
  const bytes = send_hex === undefined ? Buffer.from(send ?? '') : Buffer.from(send_hex.replaceAll(/[ :]/g, ''), 'hex');
  const listen = bytes.length > 0 || uses.has('reply') || uses.has('reply_hex');
  const until = reply_until ?? (send_hex === undefined ? '\n' : '');
  return {host, port, bytes, listen, until: Buffer.from(until), limit: reply_limit};
}
