import {hostAndPort, httpAddress, oneLogin, safeBody, safeHeaders} from './address.ts';
import {celText} from './cel.ts';
import type {Draft} from './draft.ts';
import {asFields, asList, compact, type Fields, isOn, textOf} from './fields.ts';

interface Kind {
  readonly keys: Fields;
  readonly comments: string[];
}

/** What a module of blackbox_exporter asks of one target, as a check; a text says why there is none. */
export function moduleOf(name: string, module: Fields, target: string, draft: Draft): Kind | string {
  switch (module.prober) {
    case 'http':
      return httpOf(name, asFields(module.http), target, draft);
    case 'tcp':
      return tcpOf(asFields(module.tcp), target);
    case 'dns':
      return dnsOf(asFields(module.dns), target);
    default:
      return `Vakhta has no check like the prober ${textOf(module.prober) ?? 'of no name'}`;
  }
}

function httpOf(name: string, http: Fields, target: string, draft: Draft): Kind | string {
  const address = httpAddress(draft, `${name} ${target}`, /^https?:\/\//.test(target) ? target : `http://${target}`);
  if (!address) return 'its address cannot be read';
  const comments: string[] = [];
  const tls = asFields(http.tls_config);
  const method = textOf(http.method)?.toUpperCase();
  const follows = http.follow_redirects ?? !isOn(http.no_follow_redirects);
  const body = textOf(http.body);
  const isTls = String(address.url).startsWith('https:');
  for (const key of ['oauth2', 'fail_if_body_json_matches_cel', 'valid_http_versions', 'compression'])
    if (http[key] !== undefined) comments.push(`http.${key} has no equal here, or is to be written by hand`);
  if (isOn(http.fail_if_not_ssl) && !isTls) comments.push('fail_if_not_ssl: the address itself is not https');
  return {
    keys: oneLogin(
      compact({
        type: 'http',
        ...address,
        method: method === 'GET' ? undefined : method,
        headers: safeHeaders(draft, name, asFields(http.headers)),
        body: safeBody(draft, name, body),
        ...loginOf(name, http, draft, comments),
        redirects: follows ? 10 : undefined,
        ...(isTls && certificateOf(tls)),
        family: familyOf(http),
        expect: [...statusOf(http), ...bodyOf(http), ...headersOf(http)],
      }),
      comments,
    ),
    comments,
  };
}

function loginOf(name: string, http: Fields, draft: Draft, comments: string[]): Fields {
  const basic = asFields(http.basic_auth);
  const authorization = asFields(http.authorization);
  const username = textOf(basic.username);
  const file = textOf(basic.password_file) ?? textOf(authorization.credentials_file) ?? textOf(http.bearer_token_file);
  if (username !== undefined) {
    const password = textOf(basic.password);
    return {
      basic: {
        username,
        password: password === undefined ? `file:${file ?? ''}` : draft.secrets.put(`${name} password`, password),
      },
    };
  }
  const type = textOf(authorization.type) ?? 'Bearer';
  const token = textOf(authorization.credentials) ?? textOf(http.bearer_token);
  if (token === undefined && file === undefined) return {};
  if (type.toLowerCase() !== 'bearer') {
    comments.push(`authorization of type ${type} is to be written as a header by hand`);
    return {};
  }
  return {bearer: token === undefined ? `file:${file}` : draft.secrets.put(`${name} token`, token)};
}

function certificateOf(tls: Fields): Fields {
  return {
    insecure: isOn(tls.insecure_skip_verify) ? true : undefined,
    ca: textOf(tls.ca_file),
    cert: textOf(tls.cert_file),
    key: textOf(tls.key_file),
    server_name: textOf(tls.server_name),
  };
}

/** Only a protocol without a way back is a family; otherwise it is a preference. */
function familyOf(options: Fields): number | undefined {
  if (options.ip_protocol_fallback !== false) return undefined;
  return options.preferred_ip_protocol === 'ip4' ? 4 : 6;
}

function statusOf(http: Fields): string[] {
  const codes = asList(http.valid_status_codes).map(Number).filter(Number.isInteger);
  if (codes.length === 0) return ['status >= 200 && status < 300'];
  return [codes.length === 1 ? `status == ${codes[0]}` : `status in [${codes.join(', ')}]`];
}

function bodyOf(http: Fields): string[] {
  const bad = asList(http.fail_if_body_matches_regexp).map(
    (pattern) => `!body.matches(${celText(jsPattern(String(pattern)))})`,
  );
  const good = asList(http.fail_if_body_not_matches_regexp).map(
    (pattern) => `body.matches(${celText(jsPattern(String(pattern)))})`,
  );
  return [...bad, ...good];
}

function headersOf(http: Fields): string[] {
  const one = (header: unknown, isBad: boolean) => {
    const {header: name, regexp, allow_missing: allowMissing} = asFields(header);
    const key = celText(String(name).toLowerCase());
    const match = `${isBad ? '!' : ''}headers[${key}].matches(${celText(jsPattern(String(regexp)))})`;
    const missing = isBad || isOn(allowMissing);
    return missing ? `!(${key} in headers) || ${match}` : match;
  };
  return [
    ...asList(http.fail_if_header_matches).map((header) => one(header, true)),
    ...asList(http.fail_if_header_not_matches).map((header) => one(header, false)),
  ];
}

/** Go's flags at the beginning, as JavaScript has them. */
function jsPattern(pattern: string): string {
  return pattern
    .replace(/^\(\?([ims]+)\)(.*)$/s, '(?$1:$2)')
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$');
}

function tcpOf(tcp: Fields, target: string): Kind | string {
  const {host, port} = hostAndPort(target);
  if (port === undefined || host === '') return 'it has no port';
  const isTls = isOn(tcp.tls);
  const tls = isTls ? {tls: true, ...certificateOf(asFields(tcp.tls_config))} : {};
  const talk = asList(tcp.query_response).map(asFields);
  const comments: string[] = [];
  if (talk.some(({starttls}) => isOn(starttls)))
    comments.push('It began TLS by STARTTLS: write it as a check of type tls with starttls:');
  const steps = talk.some(({starttls}) => isOn(starttls)) ? [] : talk.flatMap(stepOf);
  return {
    keys: compact({type: 'socket', host, port, ...tls, family: undefined, steps: steps.length > 0 ? steps : undefined}),
    comments: talk.some(({send}) => /\$\{\d+\}/.test(String(send)))
      ? [...comments, 'It sent back what was matched, which has no equal here']
      : comments,
  };
}

/** First what is expected, then what is sent; each line ends with a line feed. */
function stepOf({expect, send}: Fields): Fields[] {
  const [pattern, text] = [textOf(expect), typeof send === 'string' ? send : undefined];
  const waited =
    pattern === undefined ? [] : [{reply_until: '\n', expect: [`reply.matches(${celText(jsPattern(pattern))})`]}];
  return [...waited, ...(text === undefined ? [] : [{send: `${text}\n`, reply_length: 0}])];
}

function dnsOf(dns: Fields, target: string): Kind | string {
  const name = textOf(dns.query_name);
  if (name === undefined) return 'its module has no query_name';
  const codes = asList(dns.valid_rcodes).map(String);
  const comments = Object.keys(dns).some((key) => key.startsWith('validate_'))
    ? ['validate_…_rrs are to be written as answer: or expect: by hand']
    : [];
  const {host, port} = hostAndPort(target);
  const server = port === undefined || port === 53 ? host : `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const expect =
    codes.length === 0 || codes.join() === 'NOERROR'
      ? 'rcode == "NOERROR"'
      : `rcode in [${codes.map(celText).join(', ')}]`;
  const keys = {
    type: 'dns',
    name: name.replace(/\.$/, ''),
    record: textOf(dns.query_type) ?? 'A',
    server,
    expect: [expect],
  };
  return {keys, comments};
}
