import {kinds} from '../checks/index.ts';
import {httpAddress, oneLogin, safeBody, safeHeaders} from './address.ts';
import {celPath, celText, celValue} from './cel.ts';
import {type Connection, fromPairs, fromUrl} from './connection.ts';
import type {Draft} from './draft.ts';
import {asFields, asList, compact, type Fields, isOn, jsonOf, numberOf, textOf} from './fields.ts';
import {LIMITS, seconds} from './timing.ts';

interface Use {
  readonly draft: Draft;
  readonly name: string;
  readonly proxy: Fields | undefined;
}

interface Kind {
  readonly keys: Fields;
  readonly comments: string[];
}

/** The keys of a check that looks at what this monitor looks at, or why there is none. */
export function kindOf(monitor: Fields, use: Use): Kind | string {
  const host = textOf(monitor.hostname);
  switch (monitor.type) {
    case 'http':
    case 'keyword':
    case 'json-query':
      return httpOf(monitor, use);
    case 'port':
      return host === undefined ? 'it has no host' : plain({type: 'socket', host, port: numberOf(monitor.port)});
    case 'ping':
      return host === undefined ? 'it has no host' : plain({type: 'terminals', addresses: [host]});
    case 'dns':
      return dnsOf(monitor, host);
    case 'push':
      return pushOf(monitor, use);
    case 'mysql':
    case 'postgres':
    case 'sqlserver':
      return databaseOf(monitor, use);
    case 'docker':
      return `it looked at the container ${textOf(monitor.docker_container) ?? ''}: watch what the container serves, or run docker inspect by a check of type plugin`;
    default:
      return 'Vakhta has no such check; a check of type plugin or custom may do';
  }
}

function plain(keys: Fields, comments: string[] = []): Kind {
  return {keys: compact(keys), comments};
}

function httpOf(monitor: Fields, {draft, name, proxy}: Use): Kind | string {
  const address = httpAddress(draft, name, textOf(monitor.url) ?? '');
  if (!address) return 'its address does not begin with http:// or https://';
  const comments: string[] = [];
  const expect = [statusOf(monitor), ...wordsOf(monitor, comments)];
  const method = textOf(monitor.method)?.toUpperCase();
  const isTls = String(address.url).startsWith('https:');
  if (isTls && isOn(monitor.expiry_notification)) {
    comments.push(
      'Kuma also told of a certificate that was about to expire, 21, 14 and 7 days ahead: cert_days stands for the last of these',
    );
    expect.push('cert_days > 7');
  }
  const family = /^(?:ipv)?([46])$/i.exec(textOf(monitor.ip_family) ?? '')?.[1];
  const keys = {
    type: 'http',
    ...address,
    method: method === 'GET' ? undefined : method,
    headers: safeHeaders(draft, name, asFields(jsonOf(monitor.headers))),
    body: safeBody(draft, name, textOf(monitor.body)),
    ...loginOf(monitor, {draft, name}, comments),
    redirects: Math.min(20, numberOf(monitor.maxredirects) ?? 10),
    insecure: isTls && isOn(monitor.ignore_tls) ? true : undefined,
    proxy: proxyOf(proxy, {draft, name}, comments),
    family: family && Number(family),
    expect,
  };
  return plain(oneLogin(compact(keys), comments), comments);
}

/** `["200-299", "404"]` */
function statusOf({accepted_statuscodes_json: json}: Fields): string {
  const codes = asList(jsonOf(json)).map(String);
  const parts = (codes.length > 0 ? codes : ['200-299']).flatMap((text) => {
    const [, from, to] = /^(\d{3})(?:-(\d{3}))?$/.exec(text) ?? [];
    if (from === undefined) return [];
    return [to === undefined ? `status == ${from}` : `status >= ${from} && status <= ${to}`];
  });
  return parts.length > 1
    ? parts.map((part) => (part.includes('&&') ? `(${part})` : part)).join(' || ')
    : (parts[0] ?? 'status < 400');
}

/** What the body must say, of a keyword or a JSON query. */
function wordsOf(monitor: Fields, comments: string[]): string[] {
  const keyword = textOf(monitor.keyword);
  if (monitor.type === 'keyword' && keyword !== undefined)
    return [`${isOn(monitor.invert_keyword) ? '!' : ''}body.contains(${celText(keyword)})`];
  if (monitor.type !== 'json-query') return [];
  const path = celPath(textOf(monitor.json_path) ?? '');
  const wanted = textOf(monitor.expected_value) ?? '';
  const operator = textOf(monitor.json_path_operator) ?? '==';
  if (path === undefined) {
    comments.push(
      `Its JSON query (JSONata) is to be written as CEL by hand: ${monitor.json_path} ${operator} ${wanted}`,
    );
    return [];
  }
  if (operator === 'contains') return [`${path}.contains(${celText(wanted)})`];
  return [`${path} ${/^(?:==|!=|<=?|>=?)$/.test(operator) ? operator : '=='} ${celValue(wanted)}`];
}

function loginOf(monitor: Fields, {draft, name}: Pick<Use, 'draft' | 'name'>, comments: string[]): Fields {
  const method = textOf(monitor.auth_method);
  const username = textOf(monitor.basic_auth_user);
  const password = textOf(monitor.basic_auth_pass);
  if (method === undefined || method === 'basic') {
    if (username === undefined) return {};
    return {basic: {username, password: draft.secrets.put(`${name} password`, password ?? '')}};
  }
  if (method !== 'null') comments.push(`It logged in by ${method}, which has no equal here`);
  return {};
}

function proxyOf(
  proxy: Fields | undefined,
  {draft, name}: Pick<Use, 'draft' | 'name'>,
  comments: string[],
): string | undefined {
  if (!proxy) return undefined;
  const {protocol, host, port} = proxy;
  if (protocol !== 'http') {
    comments.push(`It went through a proxy of type ${protocol}, which has no equal here`);
    return undefined;
  }
  const login = isOn(proxy.auth) && textOf(proxy.username) !== undefined;
  const password = login
    ? draft.secrets.put(`${name} proxy password`, encodeURIComponent(textOf(proxy.password) ?? ''))
    : '';
  return `http://${login ? `${encodeURIComponent(String(proxy.username))}:${password}@` : ''}${host}:${port}`;
}

const RECORDS = /^(?:A|AAAA|CAA|CNAME|MX|NS|PTR|SOA|SRV|TXT)$/;

function dnsOf(monitor: Fields, host: string | undefined): Kind | string {
  if (host === undefined) return 'it has no name to look up';
  const record = textOf(monitor.dns_resolve_type) ?? 'A';
  if (!RECORDS.test(record)) return `Vakhta does not ask for ${record} records`;
  const [server, ...more] = (textOf(monitor.dns_resolve_server) ?? '').split(',').map((text) => text.trim());
  const port = numberOf(monitor.port) ?? 53;
  const comments = more.length > 0 ? [`It asked further servers too: ${more.join(', ')}`] : [];
  if (asList(jsonOf(monitor.conditions)).length > 0)
    comments.push('Its conditions are to be written as answer: or expect: by hand');
  const address = server?.includes(':') ? `[${server}]` : server;
  return plain(
    {type: 'dns', name: host, record, server: server ? (port === 53 ? server : `${address}:${port}`) : undefined},
    comments,
  );
}

function pushOf(monitor: Fields, {draft, name}: Use): Kind | string {
  const token = textOf(monitor.push_token);
  if (!kinds.has('heartbeat')) return 'it waited for reports (/api/push), for which Vakhta has no check';
  return plain(
    {
      type: 'heartbeat',
      id: token && draft.secrets.put(`${name} id`, token),
      period: seconds(monitor.interval, LIMITS.interval),
    },
    ['Its address is the same behind another host: /api/push/ID'],
  );
}

function databaseOf(monitor: Fields, {draft, name}: Use): Kind | string {
  const type = {mysql: 'mysql', postgres: 'postgres', sqlserver: 'mssql'}[String(monitor.type)];
  const text = textOf(monitor.database_connection_string) ?? '';
  const connection: Connection | undefined = type === 'mssql' ? fromPairs(text) : fromUrl(text);
  if (!connection) return 'its connection string names no host and user in a form that is known here';
  // Kuma keeps the password of a MySQL server, where it is given apart, in this column.
  const password = connection.password ?? (type === 'mysql' ? textOf(monitor.radius_password) : undefined);
  const query = textOf(monitor.database_query)?.trim().replace(/;$/, '');
  return plain({
    type,
    ...connection.keys,
    password: password && draft.secrets.put(`${name} password`, password),
    query: query === undefined || /^select 1$/i.test(query) ? undefined : query,
  });
}
