import {z} from 'zod';
import {expectations} from './expect.ts';
import {checkCertHasKey, insecureKey, secureKeys} from './secure.ts';
import {size} from './size.ts';

/** A monitor has no use for more, and every running check may hold as much. */
const BODY_BYTES_MAX = 64 * 1024 ** 2;
/** As many as browsers follow. */
const REDIRECTS_MAX = 20;
export const VARIABLES = {
  status: 'int',
  headers: 'map<string, string>',
  body: 'string',
  json: 'dyn',
  latency_ms: 'double',
  cert_days: 'double',
  remote_ip: 'string',
};
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
/** RFC 6750 §2.1. */
const TOKEN = /^[\w.~+/-]+=*$/;

const basic = z.strictObject({
  username: z
    .string()
    .regex(/^[^:]*$/, 'expected a name without a colon')
    .describe('The name.'),
  password: z.string().meta({secret: true}).describe('The password, in UTF-8.'),
});

export const options = z
  .strictObject({
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
    basic: basic.optional().describe('The name and the password for Basic authentication.'),
    bearer: z
      .string()
      .regex(TOKEN, 'expected a token of letters, digits and - . _ ~ + /')
      .meta({secret: true})
      .optional()
      .describe('A token, sent as `Authorization: Bearer TOKEN`.'),
    redirects: z
      .int()
      .min(0)
      .max(REDIRECTS_MAX)
      .default(0)
      .describe(`How many redirects to follow, at most ${REDIRECTS_MAX}; with one more the check has failed.`),
    ...secureKeys,
    insecure: insecureKey,
    proxy: z
      .string()
      .refine(isProxyUrl, 'expected http://HOST:PORT or http://NAME:PASSWORD@HOST:PORT')
      .meta({secret: true})
      .optional()
      .describe('An HTTP proxy that opens tunnels (CONNECT): `http://NAME:PASSWORD@HOST:PORT`.'),
    family: z.literal([4, 6]).optional().describe('Only IPv4, or only IPv6; by default what answers first.'),
    http: z
      .literal([1.1, 2])
      .default(1.1)
      .describe("The protocol's version. HTTP/2 needs https, and a server without it has failed."),
    keep: z
      .boolean()
      .default(false)
      .describe('True: the connection is held between the runs, which costs less and proves less.'),
    expect: expectations(VARIABLES)
      .optional()
      .describe(
        'CEL expressions over `status`, `headers` (names in lower case), `body`, `json`, `latency_ms`, `cert_days` and ' +
          '`remote_ip`, which must all be true. By default: a status from 200 to 399.',
      ),
  })
  .superRefine(checkCertHasKey)
  .superRefine(checkOneLogin)
  .refine(({http, url}) => http === 1.1 || URL.parse(url)?.protocol === 'https:', {
    path: ['http'],
    message: 'expected 1.1, since HTTP/2 needs an https address; change one of them',
  });
export type Options = z.infer<typeof options>;

interface Logins {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly basic?: unknown;
  readonly bearer?: unknown;
}

/** Two logins would leave it to chance which one is sent. A header stands above a login in the address, as it always has. */
function checkOneLogin({url, headers, basic, bearer}: Logins, context: z.RefinementCtx): void {
  const key = bearer === undefined ? 'basic' : 'bearer';
  if (basic === undefined && bearer === undefined) return;
  const other = [
    ...(basic !== undefined && bearer !== undefined ? ['basic'] : []),
    ...(URL.parse(url)?.username ? ['the name in url'] : []),
    ...(Object.keys(headers).some((name) => /^authorization$/i.test(name)) ? ['the header Authorization'] : []),
  ];
  if (other.length === 0) return;
  context.addIssue({
    code: 'custom',
    path: [key],
    message: `expected one login, got ${other.join(', ')} too; remove one`,
  });
}

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && ['http:', 'https:'].includes(url.protocol) && hasReadableLogin(url);
}

function isProxyUrl(text: string): boolean {
  const url = URL.parse(text);
  return isHttpUrl(text) && url?.pathname === '/' && url.search === '' && url.hash === '';
}

/** A stray percent sign in the name or the password could not be decoded. */
function hasReadableLogin({username, password}: URL): boolean {
  return ![username, password].some((part) => /%(?![\da-f]{2})/i.test(part));
}
