import type {Resolver} from 'node:dns/promises';
import net from 'node:net';

export const RECORD_TYPES = ['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TLSA', 'TXT'] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

/** The records of a name, each as one text in the form that docs/checks.md gives, sorted. */
export async function lookUp(resolver: Resolver, name: string, type: RecordType): Promise<string[]> {
  const records = await READERS[type](resolver, type === 'PTR' ? reversed(name) : name);
  return records.map((record) => canonical(record, type)).sort();
}

/** One way to write each answer, so that one of the config's can be compared with one of the server's. */
export function canonical(record: string, type: RecordType): string {
  if (type === 'TXT') return record;
  const text = record.trim().replaceAll(/\s+/g, ' ');
  if (type === 'CAA') return text;
  if (type === 'AAAA') return net.isIPv6(text) ? new net.SocketAddress({address: text, family: 'ipv6'}).address : text;
  // A final dot only says that a name is whole, which it always is here; upper case means nothing (RFC 4343).
  return text.toLowerCase().replaceAll(/\.(?= |$)/g, '');
}

const READERS: Readonly<Record<RecordType, (resolver: Resolver, name: string) => Promise<string[]>>> = {
  A: (resolver, name) => resolver.resolve4(name),
  AAAA: (resolver, name) => resolver.resolve6(name),
  CNAME: (resolver, name) => resolver.resolveCname(name),
  NS: (resolver, name) => resolver.resolveNs(name),
  PTR: (resolver, name) => resolver.resolvePtr(name),
  TXT: async (resolver, name) => (await resolver.resolveTxt(name)).map((chunks) => chunks.join('')),
  MX: async (resolver, name) =>
    (await resolver.resolveMx(name)).map(({priority, exchange}) => `${priority} ${exchange || '.'}`),
  SRV: async (resolver, name) =>
    (await resolver.resolveSrv(name)).map(
      (record) => `${record.priority} ${record.weight} ${record.port} ${record.name}`,
    ),
  SOA: async (resolver, name) => {
    const {nsname, hostmaster, serial, refresh, retry, expire, minttl} = await resolver.resolveSoa(name);
    return [[nsname, hostmaster, serial, refresh, retry, expire, minttl].join(' ')];
  },
  CAA: async (resolver, name) =>
    (await resolver.resolveCaa(name)).map(({critical, ...rest}) => {
      // The one key besides `type` is the record's tag, under whatever name it has.
      const [tag = '', value = ''] = Object.entries(rest).find(([key]) => key !== 'type') ?? [];
      return `${critical} ${tag} ${String(value)}`;
    }),
  TLSA: async (resolver, name) =>
    (await resolver.resolveTlsa(name)).map(({certUsage, selector, match, data}) =>
      [certUsage, selector, match, Buffer.from(data).toString('hex')].join(' '),
    ),
};

/** An address as the name under which its PTR record is (RFC 1035 §3.5, RFC 3596 §2.5); other names stay. */
function reversed(name: string): string {
  if (net.isIPv4(name)) return `${name.split('.').reverse().join('.')}.in-addr.arpa`;
  if (!net.isIPv6(name)) return name;
  const [head = '', tail] = name.replace(/%.*$/, '').split('::');
  const left = groupsOf(head);
  const right = groupsOf(tail ?? '');
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0000');
  return `${[...left, ...zeros, ...right].join('').split('').reverse().join('.')}.ip6.arpa`;
}

/** The groups of four digits in a part of an IPv6 address, whose end may be written like IPv4. */
function groupsOf(part: string): string[] {
  if (part === '') return [];
  const hex = (number: number) => number.toString(16).padStart(4, '0');
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return group.padStart(4, '0').toLowerCase();
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [hex(a * 256 + b), hex(c * 256 + d)];
  });
}
