import type {X509Certificate} from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';
import {z} from 'zod';
import type {Clock} from '../clock.ts';
import {isOfTheWorld, Refusal, reasonFor} from '../reach/failure.ts';
import type {Finding, Kind} from './check.ts';
import {compileExpectations, type Expectations, expectations} from './expect.ts';
import {checkCertHasKey, createSecure, daysUntil, type Secure, secureKeys} from './secure.ts';
import {serverName, withSocket} from './socket-connect.ts';
import {askForTls, STARTTLS, type StartTls} from './tls-starttls.ts';

/** Renewal a month before the end has then failed for two weeks, and there are two more to mend it. */
const MIN_DAYS = 14;
const VARIABLES = {
  ...{days_left: 'double', valid: 'bool', reason: 'string', issuer: 'string', subject: 'string'},
  ...{names: 'list<string>', protocol: 'string', cipher: 'string', latency_ms: 'double'},
};

const options = z
  .strictObject({
    host: z.string().min(1).describe('A host name, an IPv4 or an IPv6 address.'),
    port: z.int().min(1).max(65_535).default(443).describe('The TCP port.'),
    starttls: z
      .enum(STARTTLS)
      .optional()
      .describe(
        'The protocol in which the server is asked for TLS first; by default the handshake is the first thing.',
      ),
    ...secureKeys,
    min_days: z
      .number()
      .optional()
      .describe(`The check has failed when the certificate has fewer days left; ${MIN_DAYS} by default.`),
    expect: expectations(VARIABLES)
      .optional()
      .describe(
        'CEL expressions over the variables above, which must all be true. By default: `valid` and `days_left >= min_days`.',
      ),
  })
  .superRefine(checkCertHasKey)
  .refine(({min_days, expect}) => min_days === undefined || expect === undefined, {
    path: ['min_days'],
    message: "expected either min_days or expect, got both; write 'days_left >= 14' into expect",
  });
type Options = z.infer<typeof options>;

const kind: Kind<Options> = {
  name: 'tls',
  doc:
    "Looks at a server's certificate, also where TLS begins with STARTTLS. By default the certificate must come from a " +
    `known authority, be for this host, and have ${MIN_DAYS} days left.\n\n` +
    'Variables: `days_left` (of the certificate; below 0 when it has expired; it goes to the history too), `valid` (the chain and the name are ' +
    'right, and the dates), `reason` (why not, or empty), `issuer` and `subject` (as `CN=…, O=…`), `names` (the host names and ' +
    'addresses that it is for), `protocol` (`TLSv1.3`), `cipher` (`TLS_AES_256_GCM_SHA384`), `latency_ms` (up to the end of the ' +
    'handshake).',
  example: [
    'mail-certificate:',
    '  type: tls',
    '  host: mail.example',
    '  port: 587',
    '  starttls: smtp',
    '  min_days: 21',
  ].join('\n'),
  options,
  host: ({host}) => host,
  prepare: (given, {clock}) => {
    const expected = given.expect && compileExpectations(given.expect, VARIABLES);
    const secureFor = createSecure({...given, insecure: true});
    const {host} = given;
    return async ({signal}) => {
      const began = clock.monotonic();
      const finding = (reason: string, values?: Finding['values']): Finding[] => [
        {result: reason ? 'failed' : 'ok', reason, latencyMs: clock.monotonic() - began, ...(values && {values})},
      ];
      try {
        const handshake = await look(given, {secure: await secureFor(), clock, signal});
        const seen = {...describe(handshake, clock), latency_ms: clock.monotonic() - began};
        return finding(judge(seen, given, expected) ?? '', {days_left: seen.days_left});
      } catch (error) {
        if (!signal.aborted && !isOfTheWorld(error)) throw error;
        return finding(reasonFor(error, {signal, host: net.isIP(host) ? '' : host}));
      }
    };
  },
};

export default kind;

interface Handshake {
  readonly certificate: X509Certificate;
  /** Why it is not to be trusted; empty when it is. */
  readonly reason: string;
  readonly protocol: string;
  readonly cipher: string;
}

/** The handshake is let through whatever the certificate is, so that there is something to tell of a bad one too. */
async function look(
  {host, port, starttls, server_name}: Options,
  {secure, clock, signal}: {secure: Secure; clock: Clock; signal: AbortSignal},
): Promise<Handshake> {
  const over = {...secure, host, servername: serverName(host, server_name)};
  if (!starttls) return await withSocket({host, port, secure: over}, signal, async (socket) => handshakeOf(socket));
  return await withSocket({host, port}, signal, (socket) => turn(socket, {starttls, over, clock}));
}

async function turn(
  socket: net.Socket,
  {starttls, over, clock}: {starttls: StartTls; over: tls.ConnectionOptions; clock: Clock},
): Promise<Handshake> {
  await askForTls(socket, starttls, clock);
  const {promise, resolve, reject} = Promise.withResolvers<Handshake>();
  const secured = tls.connect({...over, socket});
  secured.on('error', reject);
  // An abort destroys the socket below, of which the one above says nothing but this.
  secured.once('close', () => reject(new Refusal('connection closed')));
  secured.once('secureConnect', () => resolve(handshakeOf(secured)));
  try {
    return await promise;
  } finally {
    secured.destroy();
  }
}

function handshakeOf(socket: net.Socket): Handshake {
  if (!(socket instanceof tls.TLSSocket)) throw new Error('the socket is not over TLS');
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) throw new Refusal('TLS: the server has shown no certificate');
  const {authorized, authorizationError: why} = socket;
  // Node gives the code only, whatever its types say.
  const reason = authorized ? '' : reasonFor(Object.assign(new Error(), {code: String(why)}));
  return {certificate, reason, protocol: socket.getProtocol() ?? '', cipher: socket.getCipher().standardName};
}

function describe({certificate, reason, protocol, cipher}: Handshake, clock: Clock) {
  const {subject, issuer, subjectAltName, validToDate} = certificate;
  return {
    days_left: daysUntil(validToDate.getTime(), clock.now()),
    ...{valid: reason === '', reason, protocol, cipher},
    ...{subject: onOneLine(subject), issuer: onOneLine(issuer), names: namesIn(subjectAltName ?? '')},
  };
}

/** `CN=shop.example\nO=Shops` becomes `CN=shop.example, O=Shops`. */
function onOneLine(name: string | undefined): string {
  return (name ?? '').trim().replaceAll('\n', ', ');
}

/** `DNS:a.example, IP Address:10.0.0.1` becomes `a.example` and `10.0.0.1`; other sorts of names are left out. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/(?:^|, )(?:DNS|IP Address):([^,]+)/g)].map(([, name = '']) => name);
}

function judge(
  seen: ReturnType<typeof describe>,
  {min_days = MIN_DAYS}: Options,
  expected?: Expectations,
): string | undefined {
  if (expected) return expected.unmet(seen);
  if (!seen.valid) return seen.reason;
  if (seen.days_left >= min_days) return undefined;
  const days = Math.floor(seen.days_left);
  return `TLS: certificate has ${days} day${days === 1 ? '' : 's'} left, expected ${min_days}`;
}
