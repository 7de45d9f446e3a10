import type {Draft} from './draft.ts';
import {asFields, compact, type Fields} from './fields.ts';

/** Names of parameters and headers whose values are nobody's business. */
const SECRET_NAME = /auth|token|key|secret|pass|pwd|sig|session|cookie|credential|jwt/i;
/** A part of a path with no more sense than a password has: long, and letters and digits mixed. */
const SECRET_PART = /^(?=.*\d)(?=.*[A-Za-z])[\w:~=.-]{24,}$/;

/** The keys of an http check for this address, with what is secret in it put aside; undefined for another scheme. */
export function httpAddress(draft: Draft, name: string, text: string): Fields | undefined {
  const url = URL.parse(text.trim());
  if (!url || !/^https?:$/.test(url.protocol) || url.host === '') return undefined;
  const {username, password} = url;
  const bare = text.trim().replace(/^(https?:\/\/)[^/?#]*@/i, '$1');
  const withoutQuery = bare.replace(/^([^?#]*)/, (path) =>
    path
      .split('/')
      .map((part, index) => (index > 2 && SECRET_PART.test(part) ? draft.secrets.put(`${name} path`, part) : part))
      .join('/'),
  );
  const safe = withoutQuery.replace(/([?&])([^=&#]+)=([^&#]+)/g, (whole, sign: string, key: string, value: string) =>
    SECRET_NAME.test(key) ? `${sign}${key}=${draft.secrets.put(`${name} ${key}`, value)}` : whole,
  );
  const basic =
    username === ''
      ? undefined
      : {
          username: decodeURIComponent(username),
          password: draft.secrets.put(`${name} password`, decodeURIComponent(password)),
        };
  return compact({url: safe, basic});
}

/** Headers with the secret values put aside. */
export function safeHeaders(draft: Draft, name: string, headers: Fields): Fields | undefined {
  const entries = Object.entries(headers).flatMap(([key, value]): [string, string][] => {
    const text = value === null || value === undefined ? '' : String(value);
    if (CLIENT_SETS.test(key)) return [];
    return [[key, SECRET_NAME.test(key) && text !== '' ? draft.secrets.put(`${name} ${key}`, text) : text]];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** A check logs in once: where a header does, the login beside it goes. */
export function oneLogin(keys: Fields, comments: string[]): Fields {
  const byHeader = Object.keys(asFields(keys.headers)).some((header) => /^authorization$/i.test(header));
  if (!byHeader || (keys.basic === undefined && keys.bearer === undefined)) return keys;
  comments.push('It had a login besides the header Authorization, which is left out');
  const {basic: _, bearer: __, ...rest} = keys;
  return rest;
}

/** Vakhta refuses these, as its client sets them itself. */
const CLIENT_SETS = /^(?:connection|content-length|expect|keep-alive|proxy-connection|te|transfer-encoding|upgrade)$/i;

/** A request's body; one that seems to hold a secret is put aside whole. */
export function safeBody(draft: Draft, name: string, body: string | undefined): string | undefined {
  return body !== undefined && SECRET_NAME.test(body) ? draft.secrets.put(`${name} body`, body) : body;
}

/** `host:port`, `[::1]:port`, `scheme://host:port/…`. */
export function hostAndPort(text: string): {host: string; port: number | undefined} {
  const bare = text
    .trim()
    .replace(/^[a-z+]+:\/\//i, '')
    .replace(/[/?#].*$/, '');
  const [, inBrackets, plain, port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d{1,5}))?$/.exec(bare) ?? [];
  const host = inBrackets ?? plain ?? (port === undefined ? bare : '');
  return {host, port: port === undefined ? undefined : Number(port)};
}
