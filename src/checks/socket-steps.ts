import {z} from 'zod';
import {compileExpectations, type Expectations, expectations} from './expect.ts';
import {type Ending, frameBytesMax, framed, type Prefix} from './socket-talk.ts';

export const REPLY_BYTES_MAX = 1024 ** 2;
export const VARIABLES = {reply: 'string', reply_hex: 'string', latency_ms: 'double'};
const HEX = /^(?:[\da-fA-F]{2}[ :]?)+$/;

/** What is sent: the keys of every kind that sends something of the user's. */
export const sendKeys = {
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
};

/** One turn: send, wait for the reply, judge it. */
export const stepKeys = {
  ...sendKeys,
  reply_until: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The text that ends a reply, `"\\n"` by default. After `send_hex` there is none, and half a second of silence ends it.',
    ),
  reply_match: z
    .string()
    .refine(isPattern, 'expected a regular expression such as "^READY \\\\d+"')
    .optional()
    .describe('A regular expression instead; the reply ends where it first matches.'),
  reply_length: z
    .int()
    .min(0)
    .max(REPLY_BYTES_MAX)
    .optional()
    .describe('So many bytes instead; 0: no reply is waited for.'),
  length_prefix: z
    .enum(['u8', 'u16be', 'u16le', 'u32be', 'u32le'])
    .optional()
    .describe(
      'A length before each message, sent and received, which it does not count itself: 8, 16 or 32 bits, the big or the little ' +
        'end first. `send`, `reply` and `reply_hex` are without it.',
    ),
  expect: expectations(VARIABLES)
    .optional()
    .describe(
      'CEL expressions over `reply`, `reply_hex` (lower case, no spaces) and `latency_ms`, which must all be true. By ' +
        'default: a connection, and any reply if something was sent.',
    ),
};

const step = z.object(stepKeys);
type StepOptions = z.infer<typeof step>;
const ENDINGS = ['reply_until', 'reply_match', 'reply_length', 'length_prefix'] as const;

/** For `superRefine`: one way to send, one way to end the reply, and a frame that its length can count. */
export function checkStep(given: StepOptions, context: z.RefinementCtx): void {
  const issue = (key: string, message: string) => context.addIssue({code: 'custom', path: [key], message});
  const {send, send_hex, length_prefix} = given;
  if (send !== undefined && send_hex !== undefined) {
    issue('send_hex', 'expected either send or send_hex, got both; remove one of them');
  }
  const [first, second] = ENDINGS.filter((key) => given[key] !== undefined);
  if (second) issue(second, `expected one end of the reply, got ${first} and ${second}; remove one of them`);
  const most = length_prefix === undefined ? Number.POSITIVE_INFINITY : frameBytesMax(length_prefix);
  if (bytesOf(given).length > most) {
    issue(
      'length_prefix',
      `expected one that can count what is sent, got ${length_prefix}, which ends at ${most} bytes`,
    );
  }
}

/** The bytes to send; empty: nothing. */
export function bytesOf({send, send_hex}: {send?: string | undefined; send_hex?: string | undefined}): Buffer {
  return send_hex === undefined ? Buffer.from(send ?? '') : Buffer.from(send_hex.replaceAll(/[ :]/g, ''), 'hex');
}

/** A turn made ready to be taken many times. */
export interface Step {
  readonly bytes: Buffer;
  /** Undefined: no reply is waited for. */
  readonly ending: Ending | undefined;
  readonly expected: Expectations | undefined;
}

export function stepFrom(given: StepOptions): Step {
  const expected = given.expect && compileExpectations(given.expect, VARIABLES);
  const message = bytesOf(given);
  const {length_prefix: prefix} = given;
  const bytes = message.length > 0 && prefix ? framed(message, prefix) : message;
  const isAsked = ENDINGS.some((key) => given[key] !== undefined);
  const isUsed = expected?.uses.has('reply') === true || expected?.uses.has('reply_hex') === true;
  const listens = given.reply_length !== 0 && (bytes.length > 0 || isAsked || isUsed);
  return {bytes, ending: listens ? endingFrom(given, prefix) : undefined, expected};
}

function endingFrom(given: StepOptions, prefix: Prefix | undefined): Ending {
  const {reply_until, reply_match, reply_length, send_hex} = given;
  if (prefix) return {kind: 'frame', prefix};
  if (reply_length !== undefined) return {kind: 'length', bytes: reply_length};
  if (reply_match !== undefined) return {kind: 'match', pattern: new RegExp(reply_match, 'u')};
  if (reply_until === undefined && send_hex !== undefined) return {kind: 'silence'};
  return {kind: 'text', bytes: Buffer.from(reply_until ?? '\n')};
}

function isPattern(text: string): boolean {
  try {
    return Boolean(new RegExp(text, 'u'));
  } catch {
    return false;
  }
}
