import net from 'node:net';
import {z} from 'zod';
import type {Clock} from '../clock.ts';
import {isOfTheWorld, reasonFor} from '../reach/failure.ts';
import type {Finding, Kind} from './check.ts';
import {checkCertHasKey, createSecure, insecureKey, secureKeys} from './secure.ts';
import {size} from './size.ts';
import {serverName, withSocket} from './socket-connect.ts';
import {checkStep, REPLY_BYTES_MAX, type Step, stepFrom, stepKeys} from './socket-steps.ts';
import {createTalk} from './socket-talk.ts';

/** More is a program, which a `custom` check is for. */
const STEPS_MAX = 50;

const options = z
  .strictObject({
    host: z.string().min(1).describe('A host name, an IPv4 or an IPv6 address.'),
    port: z.int().min(1).max(65_535).describe('The TCP port.'),
    tls: z.boolean().default(false).describe('True: over TLS; its certificate is verified.'),
    ...secureKeys,
    insecure: insecureKey,
    ...stepKeys,
    reply_limit: size(REPLY_BYTES_MAX).prefault('64KiB').describe('So many bytes end a reply too. At most 1MiB.'),
    steps: z
      .array(z.strictObject(stepKeys).superRefine(checkStep))
      .min(1)
      .max(STEPS_MAX)
      .optional()
      .describe(
        'Several turns on one connection, each with these keys: `send` or `send_hex`, one of `reply_until`, `reply_match`, ' +
          '`reply_length` and `length_prefix`, and `expect`.',
      ),
  })
  .superRefine(checkStep)
  .superRefine(checkCertHasKey)
  .superRefine(checkStepsAlone)
  .superRefine(checkTlsWanted);
type Options = z.infer<typeof options>;

const kind: Kind<Options> = {
  name: 'socket',
  doc:
    'Connects to a TCP port, sends something if it is told to, and looks at the reply. Without `send` and `expect` ' +
    'a connection is enough. A reply ends with `reply_until` (or `reply_match`), when the peer closes, or at `reply_limit`, whichever ' +
    'comes first; a peer that does none of these runs into the timeout. With `reply_length` or `length_prefix` a reply is ' +
    'whole or the check has failed. `latency_ms` ends with the reply.\n\n' +
    'With `steps`, several turns are taken on one connection, and the first that fails is the reason: `step 2: …`. A step ' +
    'without `send` waits for what the peer says by itself, such as a greeting. What comes after the end of a reply belongs to the next ' +
    'step.\n\n```yaml\nchecks:\n  queue:\n    type: socket\n    host: 10.0.0.5\n    port: 8083\n    tls: true\n    steps:\n' +
    '      - expect: [\'reply.startsWith("220 ")\']\n' +
    '      - {send: "LOGIN till\\r\\n", reply_match: \'READY \\d+\'}\n' +
    "      - {send_hex: '0a 01', length_prefix: u16be, expect: ['reply_hex.startsWith(\"00\")']}\n" +
    '      - {send: "QUIT\\r\\n", reply_length: 0}\n```',
  example: [
    'atto-socket:',
    '  type: socket',
    '  host: 10.0.0.5',
    '  port: 8082',
    '  send: "STATUS\\n"',
    '  expect: [\'reply.startsWith("OK")\']',
  ].join('\n'),
  options,
  host: ({host}) => host,
  prepare: (given, {clock}) => {
    const {host, port, reply_limit: limit} = given;
    const steps = (given.steps ?? [given]).map(stepFrom);
    const secureFor = given.tls ? createSecure(given) : undefined;
    const servername = serverName(host, given.server_name);
    return async ({signal}) => {
      const began = clock.monotonic();
      const turn = {place: ''};
      const finding = (reason: string): Finding[] => [
        {
          result: reason ? 'failed' : 'ok',
          reason: reason && turn.place + reason,
          latencyMs: clock.monotonic() - began,
        },
      ];
      try {
        const secure = secureFor && {...(await secureFor()), servername};
        const run = {clock, began, limit, turn};
        return finding(await withSocket({host, port, secure}, signal, (socket) => play(socket, steps, run)));
      } catch (error) {
        if (!signal.aborted && !isOfTheWorld(error)) throw error;
        return finding(reasonFor(error, {signal, host: net.isIP(host) ? '' : host}));
      }
    };
  },
};

export default kind;

/** Takes the turns one after the other; gives why one failed, or nothing. `turn` tells where it is. */
async function play(
  socket: net.Socket,
  steps: readonly Step[],
  {clock, began, limit, turn}: {clock: Clock; began: number; limit: number; turn: {place: string}},
): Promise<string> {
  const talk = createTalk(socket, clock);
  try {
    for (const [index, {bytes, ending, expected}] of steps.entries()) {
      if (steps.length > 1) turn.place = `step ${index + 1}: `;
      const reply = ending ? await talk.ask(bytes, ending, limit) : NOTHING;
      if (!ending && bytes.length > 0) await talk.tell(bytes);
      const latency_ms = clock.monotonic() - began;
      const unmet = expected?.unmet({reply: reply.toString(), reply_hex: reply.toString('hex'), latency_ms});
      if (unmet !== undefined) return unmet;
    }
    return '';
  } finally {
    talk.end();
  }
}

const NOTHING = Buffer.alloc(0);
const STEP_KEYS = Object.keys(stepKeys);

function checkStepsAlone(given: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  if (given.steps === undefined) return;
  for (const key of STEP_KEYS.filter((name) => given[name] !== undefined)) {
    const message = `expected either ${key} or steps, got both; move it into a step`;
    context.addIssue({code: 'custom', path: [key], message});
  }
}

function checkTlsWanted(given: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  if (given.tls === true) return;
  for (const key of [...Object.keys(secureKeys), 'insecure']) {
    if (given[key] === undefined || given[key] === false) continue;
    context.addIssue({code: 'custom', path: [key], message: 'expected tls: true as well; add it, or remove this key'});
  }
}
