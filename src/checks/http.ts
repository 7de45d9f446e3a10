import {z} from 'zod';
import manifest from '../../package.json' with {type: 'json'};
import type {Finding, Kind} from './check.ts';
import {compileExpectations, type Expectations, expectations} from './expect.ts';
import {isOfTheWorld, reasonFor} from './failure.ts';
import {type Answer, exchange} from './http-exchange.ts';
import {size, sizeText} from './size.ts';

/** A monitor has no use for more, and every running check may hold as much. */
const BODY_BYTES_MAX = 64 * 1024 ** 2;
const VARIABLES = {status: 'int', headers: 'map<string, string>', body: 'string', json: 'dyn', latency_ms: 'double'};
/** RFC 9110 §5: a header's name is a token, its value has no line breaks and no NUL. */
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
/** These belong to the connection, which is the client's to manage. */
const HEADERS_OF_CLIENT =
  /^(?:connection|content-length|expect|keep-alive|proxy-connection|te|transfer-encoding|upgrade)$/i;
const headerName = z
  .string()
  .regex(HEADER_NAME, "expected a header's name of letters, digits and hyphens")
  .refine(
    (name) => !HEADERS_OF_CLIENT.test(name),
    'expected another header, as the client sets this one itself; remove it',
  );
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

const options = z.strictObject({
  url: z
    .string()
    .refine(isHttpUrl, 'expected http://HOST/PATH or https://HOST/PATH')
    .meta({secret: true})
    .describe(
      'What to ask for. A name and a password in it (`https://NAME:PASSWORD@HOST/`) are sent as Basic authentication.',
    ),
  method: z
    .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
    .optional()
    .describe('`GET` by default, or `POST` when there is a `body`.'),
  headers: z
    .record(headerName, z.string().regex(HEADER_VALUE, 'expected a header value on one line').meta({secret: true}))
    .default({})
    .describe('Request headers.'),
  body: z.string().meta({secret: true}).optional().describe('What to send.'),
  body_limit: size(BODY_BYTES_MAX)
    .prefault('1MiB')
    .describe('Reading stops here and the connection is cut; `body` then holds this much. At most 64MiB.'),
  expect: expectations(VARIABLES)
    .optional()
    .describe(
      'CEL expressions over `status`, `headers` (names in lower case), `body`, `json` and `latency_ms`, which must all ' +
        'be true. By default: a status from 200 to 399.',
    ),
});
type Options = z.infer<typeof options>;

const kind: Kind<Options> = {
  name: 'http',
  doc:
    'Asks an HTTP or HTTPS server and looks at what it answers: status, headers, body, JSON, time. Every try opens a ' +
    'connection of its own, so that the DNS name, the port and the certificate are proven each time. Redirects are not ' +
    'followed: a 302 is the answer. `latency_ms` ends with the last byte of the body, so a body that never ends is a ' +
    'timeout, unless it passes `body_limit` first: then what has come so far is judged, and no more is read. The ' +
    "body is text in the charset that the answer names, or else UTF-8. Values of headers never appear in a check's reason.",
  example: [
    'billing-api:',
    '  type: http',
    '  url: https://billing.example/health',
    "  expect: ['status == 200', 'json.queue < 100', 'latency_ms < 2000']",
  ].join('\n'),
  options,
  prepare: (given, {clock}) => {
    const request = requestFrom(given);
    const host = request.url.hostname;
    const expected = given.expect && compileExpectations(given.expect, VARIABLES);
    const keepBody = expected !== undefined && (expected.uses.has('body') || expected.uses.has('json'));
    return async ({signal}) => {
      const began = clock.monotonic();
      const finding = (reason: string): Finding[] => [
        {result: reason ? 'failed' : 'ok', reason, latencyMs: clock.monotonic() - began},
      ];
      try {
        const answer = await exchange({...request, bodyLimit: given.body_limit, keepBody}, signal);
        return finding(judge(answer, clock.monotonic() - began, expected) ?? '');
      } catch (error) {
        if (!signal.aborted && !isOfTheWorld(error)) throw error;
        return finding(reasonFor(error, {signal, host}));
      }
    };
  },
};

export default kind;

function judge(answer: Answer, latencyMs: number, expected?: Expectations): string | undefined {
  const {status, headers} = answer;
  if (!expected) return status >= 200 && status < 400 ? undefined : `HTTP ${status}`;
  const body = expected.uses.has('body') || expected.uses.has('json') ? decode(answer) : '';
  const values = {status: BigInt(status), headers, body, latency_ms: latencyMs};
  if (!expected.uses.has('json')) return expected.unmet(values);
  const json = parseJson(body);
  if (json) return expected.unmet({...values, json: json.value});
  // A server that is down answers with a page of text: then its status says more than that this is no JSON.
  if (status < 200 || status >= 400) return `HTTP ${status}, and the body is not JSON`;
  return answer.cut ? `JSON longer than ${sizeText(answer.body.length)}: raise body_limit` : 'the body is not JSON';
}

function decode({headers, body}: Answer): string {
  const charset = /charset="?([\w.:-]+)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return new TextDecoder().decode(body);
  }
}

function parseJson(text: string): {readonly value: unknown} | undefined {
  try {
    return {value: JSON.parse(text)};
  } catch {
    return undefined;
  }
}

function requestFrom({url: address, method, headers, body}: Options) {
  const url = new URL(address);
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const sent: Record<string, string> = {...headers};
  if (!names.has('user-agent')) sent['user-agent'] = `vakhta/${manifest.version}`;
  if (url.username && !names.has('authorization')) sent.authorization = basic(url);
  return {url, method: method ?? (body === undefined ? 'GET' : 'POST'), headers: sent, body};
}

function basic({username, password}: URL): string {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** Also refuses a stray percent sign in the name or the password, which could not be decoded. */
function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol)) return false;
  return ![url.username, url.password].some((part) => /%(?![\da-f]{2})/i.test(part));
}
