import {hostAndPort, httpAddress, oneLogin, safeBody, safeHeaders} from './address.ts';
import type {Draft} from './draft.ts';
import {asFields, asList, compact, type Fields, isOn, textOf} from './fields.ts';
import {type Names, translate} from './gatus-conditions.ts';

interface Kind {
  readonly keys: Fields;
  readonly comments: string[];
}

const HTTP: Names = {
  ...{status: 'status', ip: 'remote_ip', latency: 'latency_ms', body: 'body', json: true},
  ...{certificate: 'cert_days', connected: 'proven'},
};
const SOCKET: Names = {latency: 'latency_ms', body: 'reply', connected: 'proven'};
const DNS: Names = {latency: 'latency_ms', rcode: 'rcode', answers: 'answers', connected: 'proven'};
const TLS: Names = {latency: 'latency_ms', certificate: 'days_left', connected: 'proven'};
const PING: Names = {connected: 'proven'};

/** The keys of a check that looks at what this endpoint looks at, or why there is none. */
export function endpointOf(endpoint: Fields, name: string, draft: Draft): Kind | string {
  const url = textOf(endpoint.url) ?? '';
  if (endpoint.dns !== undefined) return dnsOf(endpoint, url);
  const scheme = /^([a-z]+):\/\//i.exec(url)?.[1]?.toLowerCase();
  const {host, port} = hostAndPort(url);
  switch (scheme) {
    case 'http':
    case 'https':
      return httpOf(endpoint, name, draft);
    case 'icmp':
      return judged(endpoint, PING, {type: 'terminals', addresses: [host]});
    case 'tcp':
      return port === undefined
        ? 'it has no port'
        : judged(endpoint, SOCKET, {type: 'socket', host, port, ...sent(endpoint, name, draft)});
    case 'udp':
      return port === undefined ? 'it has no port' : udpOf(endpoint, {host, port}, name, draft);
    case 'tls':
      return judged(endpoint, TLS, {type: 'tls', host, port, server_name: undefined}, ['valid']);
    case 'starttls':
      return judged(endpoint, TLS, {type: 'tls', host, port: port ?? 587, starttls: 'smtp'}, ['valid']);
    case 'ssh':
      return 'Vakhta verifies host keys, which Gatus does not: write it as a check of type ssh, with known_hosts or fingerprint';
    default:
      return `Vakhta has no check for ${scheme === undefined ? 'an address without a scheme' : `${scheme}://`}`;
  }
}

function httpOf(endpoint: Fields, name: string, draft: Draft): Kind | string {
  const address = httpAddress(draft, name, textOf(endpoint.url) ?? '');
  if (!address) return 'its address cannot be read';
  const client = asFields(endpoint.client);
  const body = textOf(endpoint.body);
  const method = textOf(endpoint.method)?.toUpperCase();
  const proxy = textOf(client['proxy-url']);
  const keys = {
    type: 'http',
    ...address,
    method: method === 'GET' ? undefined : method,
    headers: safeHeaders(draft, name, asFields(endpoint.headers)),
    body: safeBody(draft, name, isOn(endpoint.graphql) && body !== undefined ? JSON.stringify({query: body}) : body),
    redirects: isOn(client['ignore-redirect']) ? undefined : 10,
    insecure: isOn(client.insecure) && String(address.url).startsWith('https') ? true : undefined,
    proxy: proxy && draft.secrets.put(`${name} proxy`, proxy),
  };
  const comments: string[] = [];
  const kind = judged(endpoint, HTTP, oneLogin(compact(keys), comments), []);
  const further = ['dns-resolver', 'oauth2', 'identity-aware-proxy', 'tls', 'tunnel', 'network'].filter(
    (key) => client[key] !== undefined,
  );
  return {
    ...kind,
    comments: [
      ...kind.comments,
      ...comments,
      ...further.map((key) => `client.${key} has no equal here, or is to be written by hand`),
    ],
  };
}

/** Without any condition on the status, every answer was good. */
const ANY_ANSWER = 'status > 0';

/** With the conditions as `expect`; `always` are further expressions that a check of this kind has by default. */
function judged(endpoint: Fields, names: Names, keys: Fields, always: readonly string[] = []): Kind {
  const expect: string[] = [];
  const comments: string[] = [];
  for (const condition of asList(endpoint.conditions).map(String)) {
    const translated = translate(condition, names);
    if (translated.kind === 'cel') expect.push(translated.text);
    if (translated.kind === 'unknown') comments.push(`Without an equal: ${condition} (${translated.why})`);
  }
  const takesExpect = keys.type !== 'terminals';
  const isHttp = keys.type === 'http';
  const all = expect.length > 0 ? [...always, ...expect] : isHttp ? [ANY_ANSWER] : [];
  return {keys: compact({...keys, ...(takesExpect && all.length > 0 && {expect: all})}), comments};
}

function sent(endpoint: Fields, name: string, draft: Draft): Fields {
  const body = textOf(endpoint.body);
  return body === undefined ? {} : {send: safeBody(draft, name, body)};
}

function udpOf(endpoint: Fields, at: {host: string; port: number}, name: string, draft: Draft): Kind | string {
  const body = textOf(endpoint.body);
  if (body === undefined)
    return 'Gatus sent nothing over UDP and waited for nothing; Vakhta waits for a reply to something';
  return judged(endpoint, SOCKET, {type: 'udp', ...at, ...sent(endpoint, name, draft)});
}

const RECORDS = /^(?:A|AAAA|CAA|CNAME|MX|NS|PTR|SOA|SRV|TXT)$/;

function dnsOf(endpoint: Fields, url: string): Kind | string {
  const dns = asFields(endpoint.dns);
  const name = textOf(dns['query-name']);
  const record = textOf(dns['query-type']) ?? 'A';
  if (name === undefined) return 'it has no name to look up';
  if (!RECORDS.test(record)) return `Vakhta does not ask for ${record} records`;
  const {host, port} = hostAndPort(url);
  const address = host.includes(':') ? `[${host}]` : host;
  const server = port === undefined || port === 53 ? host : `${address}:${port}`;
  return judged(endpoint, DNS, {type: 'dns', name: name.replace(/\.$/, ''), record, server});
}
