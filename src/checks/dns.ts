import {Resolver} from 'node:dns/promises';
import net from 'node:net';
import {z} from 'zod';
import {isOfTheWorld, Refusal, reasonFor} from '../reach/failure.ts';
import type {Finding, Kind} from './check.ts';
import {canonical, lookUp, RECORD_TYPES} from './dns-records.ts';
import {compileExpectations, type Expectations, expectations} from './expect.ts';

const VARIABLES = {answers: 'list<string>', count: 'int', rcode: 'string', latency_ms: 'double'};
/** RFC 1035 §2.3.4. */
const NAME_CHARS_MAX = 253;
const NAME = /^(?:[\w-]+\.)*[\w-]+\.?$|^\.$/;
/** A datagram may be lost, so the question is put again at 1, 3 and 7 tenths of the timeout, or to the next server. */
const TRIES = 4;
const FIRST_WAIT = 0.1;
/** The names that c-ares gives to answers without records, and the protocol's own (RFC 1035 §4.1.1). */
const RCODES: Readonly<Record<string, string>> = {
  ENODATA: 'NOERROR',
  EFORMERR: 'FORMERR',
  ESERVFAIL: 'SERVFAIL',
  ENOTFOUND: 'NXDOMAIN',
  ENOTIMP: 'NOTIMP',
  EREFUSED: 'REFUSED',
};
const RCODE_WORDS: Readonly<Record<string, string>> = {
  NXDOMAIN: 'no such name (NXDOMAIN)',
  SERVFAIL: 'the name server failed (SERVFAIL)',
  REFUSED: 'the name server refused to answer (REFUSED)',
};
const SHOWN_CHARS_MAX = 100;

const options = z.strictObject({
  name: z
    .string()
    .max(NAME_CHARS_MAX)
    .refine((name) => NAME.test(name) || net.isIP(name) !== 0, 'expected a name such as shop.example')
    .describe('The name to look up; for PTR an IPv4 or IPv6 address will do.'),
  record: z.enum(RECORD_TYPES).default('A').describe('The type of record.'),
  server: z
    .string()
    .refine(isServer, 'expected an address such as 10.0.0.1, 10.0.0.1:5353 or [2001:db8::1]:53')
    .optional()
    .describe('The name server to ask, `ADDRESS` or `ADDRESS:PORT`; by default those of /etc/resolv.conf.'),
  answer: z
    .array(z.string().min(1))
    .optional()
    .describe('Exactly these answers, in any order, and no others; `[]`: none.'),
  expect: expectations(VARIABLES)
    .optional()
    .describe(
      'CEL expressions over `answers`, `count`, `rcode` and `latency_ms`, which must all be true. By default, and without ' +
        '`answer`: at least one answer.',
    ),
});
type Options = z.infer<typeof options>;

const kind: Kind<Options> = {
  name: 'dns',
  doc:
    'Asks a name server and looks at what it answers. Neither /etc/hosts nor a cache of this program takes part, and a name is ' +
    'whole as it stands: no search domain is added.\n\n' +
    '`answers` are texts, sorted: addresses in their shortest form, names in lower case without a final dot, `10 mail.shop.example` ' +
    '(MX), `PRIORITY WEIGHT PORT NAME` (SRV), `0 issue ca.example` (CAA), `NAME HOSTMASTER SERIAL REFRESH RETRY EXPIRE MINIMUM` ' +
    '(SOA), `3 1 1 HEX` (TLSA), the whole text (TXT). `count` is how many there are, `rcode` is `NOERROR`, `NXDOMAIN`, `SERVFAIL`, ' +
    '`REFUSED`, `FORMERR` or `NOTIMP`.',
  example: [
    'mail-route:',
    '  type: dns',
    '  name: shop.example',
    '  record: MX',
    '  server: 10.0.0.53',
    "  answer: ['10 mail.shop.example', '20 backup.shop.example']",
  ].join('\n'),
  options,
  prepare: (given, {clock, timeoutMs}) => {
    const expected = given.expect && compileExpectations(given.expect, VARIABLES);
    return async ({signal}) => {
      const began = clock.monotonic();
      const finding = (reason: string): Finding[] => [
        {result: reason ? 'failed' : 'ok', reason, latencyMs: clock.monotonic() - began},
      ];
      try {
        const answer = await ask(given, {signal, timeoutMs});
        return finding(judge({...answer, latency_ms: clock.monotonic() - began}, given, expected) ?? '');
      } catch (error) {
        if (!signal.aborted && !isOfTheWorld(error)) throw error;
        return finding(reasonFor(error, {signal}));
      }
    };
  },
};

export default kind;

interface Answer {
  readonly answers: readonly string[];
  readonly rcode: string;
}

/** A resolver of this run's own: a shared one would answer from its cache, and an abort would end the questions of others. */
async function ask(
  {name, record, server}: Options,
  {signal, timeoutMs}: {signal: AbortSignal; timeoutMs: number},
): Promise<Answer> {
  signal.throwIfAborted();
  const resolver = new Resolver({timeout: Math.max(1, Math.round(timeoutMs * FIRST_WAIT)), tries: TRIES});
  if (server !== undefined) resolver.setServers([server]);
  const stop = () => resolver.cancel();
  signal.addEventListener('abort', stop, {once: true});
  try {
    return {answers: await lookUp(resolver, name, record), rcode: 'NOERROR'};
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const rcode = RCODES[code];
    if (rcode !== undefined) return {answers: [], rcode};
    if (code === 'ETIMEOUT') throw new Refusal('no answer from the name server');
    if (code === 'EBADRESP') throw new Refusal('the answer is broken, or is not DNS');
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function judge(
  {answers, rcode, latency_ms}: Answer & {readonly latency_ms: number},
  {answer, record}: Options,
  expected?: Expectations,
): string | undefined {
  if (answer) {
    const wanted = answer.map((text) => canonical(text, record)).sort();
    if (wanted.join('\n') !== answers.join('\n')) return difference(answers, wanted, rcode);
  }
  if (expected) return expected.unmet({answers: [...answers], count: BigInt(answers.length), rcode, latency_ms});
  if (answer || answers.length > 0) return undefined;
  return RCODE_WORDS[rcode] ?? (rcode === 'NOERROR' ? `there is no ${record} record` : `the name server said ${rcode}`);
}

function difference(answers: readonly string[], wanted: readonly string[], rcode: string): string {
  const got = answers.length > 0 ? listed(answers) : rcode === 'NOERROR' ? 'nothing' : rcode;
  return `expected ${wanted.length > 0 ? listed(wanted) : 'no answer'}, got ${got}`;
}

function listed(texts: readonly string[]): string {
  const all = texts.join(', ');
  return all.length > SHOWN_CHARS_MAX ? `${all.slice(0, SHOWN_CHARS_MAX)}…` : all;
}

function isServer(text: string): boolean {
  if (net.isIP(text) !== 0) return true;
  const [, six, four, port = ''] = /^(?:\[(.+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isAddress = six === undefined ? net.isIPv4(four ?? '') : net.isIPv6(six);
  return isAddress && (port === '' || (Number(port) >= 1 && Number(port) <= 65_535));
}
