import {z} from 'zod';
import {reasonFor} from '../reach/failure.ts';
import type {AlertWhen} from '../state/vocabulary.ts';
import {parseAddresses, TARGETS_MAX} from './addresses.ts';
import type {Finding, Kind, Target} from './check.ts';
import {connectAll} from './terminals-connect.ts';
import {pingAll} from './terminals-ping.ts';

const PERCENT = /^(?:100|[1-9]\d?)%$/;
const SHARE = 'expected any, a number of targets such as 5, or a share of them such as 10%';
const entry = z.union([
  z.string(),
  z.strictObject({address: z.string(), label: z.string().optional()}).describe('The same in two keys.'),
]);

const addresses = z.array(entry).transform((entries, context) => {
  const seen = new Set<string>();
  return entries.flatMap((given, index) => {
    const {targets, problems} = parseEntry(given);
    const twice = targets.find(({address}) => seen.has(address));
    for (const {address} of targets) seen.add(address);
    const message =
      problems[0]?.message ?? (twice && `expected each address once, got ${twice.address} again; remove one of them`);
    if (message !== undefined) context.addIssue({code: 'custom', path: [index], message, input: given});
    return message === undefined ? targets : [];
  });
});

const options = z
  .strictObject({
    file: z.string().min(1).optional().describe('The path of an address list, from the folder of config.yaml.'),
    addresses: addresses.default([]).describe('The lines of an address list, here instead of in a file.'),
    tcp: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .describe(
        'Connect to this TCP port instead of pinging: for terminals that do not answer ICMP, or where `fping` is missing.',
      ),
    alert_when: z
      .union(
        [z.literal('any'), z.int(SHARE).min(1, SHARE).max(TARGETS_MAX, SHARE), z.string().regex(PERCENT, SHARE)],
        SHARE,
      )
      .default('any')
      .describe('How many targets must be down for the check to be: `any`, a number, or a share such as `10%`.'),
  })
  .refine(({file, addresses}) => file !== undefined || addresses.length > 0, {
    message: 'expected file or addresses, got neither; add file: ips.txt',
  })
  .refine(({file, addresses}) => file === undefined || addresses.length === 0, {
    path: ['addresses'],
    message: 'expected either file or addresses, got both; move these addresses into the file',
  });
type Options = z.infer<typeof options>;

const kind: Kind<Options> = {
  name: 'terminals',
  doc:
    'Watches many addresses at once: payment terminals, tills, cameras, gateways. One `fping` process ' +
    '(`apt-get install fping`) sends one ICMP echo to each, a thousand a second, or faster if that is what it takes to be done ' +
    'in half of `timeout`; with `tcp:` a connection to that port is made to each, 256 at a time. Each address has its own ' +
    'error counter. `loss_percent` and, of an answer, `rtt_ms` go to the history.\n\n' +
    'An address list has one address a line: IPv4, IPv6, a host name, or a network of at most 1,024 addresses (IPv4 ' +
    "from /22, IPv6 from /118), which stands for its host addresses, without an IPv4 network's own and the broadcast address. " +
    'After a space there may be a label, and `#` begins a comment. A list holds at most 100,000 addresses.',
  example: ['terminals:', '  type: terminals', '  file: ips.txt', '  alert_when: 10%'].join('\n'),
  options,
  addressList: {from: 'file', into: 'addresses'},
  targets: ({addresses}) => addresses,
  alertWhen: ({alert_when}) => alertWhen(alert_when),
  prepare:
    ({addresses, tcp}, {clock, timeoutMs}) =>
    async ({signal, targets}) => {
      const wanted = targets ?? addresses.map(({address}) => address);
      const began = clock.monotonic();
      const run =
        tcp === undefined
          ? pingAll(wanted, {signal, clock, timeoutMs})
          : connectAll(wanted, tcp, {signal, clock, timeoutMs});
      const findings = await run;
      return signal.aborted ? fillIn(findings, wanted, {signal, latencyMs: clock.monotonic() - began}) : findings;
    },
};

export default kind;

function parseEntry(given: z.infer<typeof entry>): ReturnType<typeof parseAddresses> {
  if (typeof given === 'string') {
    const parsed = parseAddresses(given);
    if (parsed.targets.length + parsed.problems.length > 0) return parsed;
    return {targets: [], problems: [{line: 1, col: 1, message: 'expected an address, got none; remove this entry'}]};
  }
  const {targets, problems} = parseAddresses(given.address);
  return {
    targets: targets.map(({address}): Target => ({address, ...(given.label !== undefined && {label: given.label})})),
    problems,
  };
}

function alertWhen(given: z.infer<typeof options>['alert_when']): AlertWhen {
  if (given === 'any') return {kind: 'count', count: 1};
  if (typeof given === 'number') return {kind: 'count', count: given};
  return {kind: 'percent', percent: Number.parseInt(given, 10)};
}

/** Targets that the timeout overtook have failed like those that did not answer. */
function fillIn(
  findings: readonly Finding[],
  wanted: readonly string[],
  {signal, latencyMs}: {signal: AbortSignal; latencyMs: number},
): Finding[] {
  const known = new Set(findings.map(({target}) => target));
  const missing = wanted.filter((target) => !known.has(target));
  const reason = reasonFor(undefined, {signal});
  return [...findings, ...missing.map((target): Finding => ({target, result: 'failed', reason, latencyMs}))];
}
