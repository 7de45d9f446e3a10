/** Node's and OpenSSL's codes in words for people; see `man 3 errno` and the docs of node:tls. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  UND_ERR_SOCKET: 'connection closed without an answer',
  ETIMEDOUT: 'connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'connection timed out',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'network unreachable',
  ENETDOWN: 'network down',
  EADDRNOTAVAIL: 'no local address or port is left to connect from',
  EMFILE: 'this server has too many open files: raise its limit (ulimit -n)',
  ENFILE: 'this server has too many open files: raise its limit (ulimit -n)',
  EACCES: 'not permitted on this server (EACCES)',
  EPERM: 'not permitted on this server (EPERM): look at its firewall',
  ERR_HTTP2_STREAM_CANCEL: 'connection closed without an answer',
  ERR_HTTP2_STREAM_ERROR: 'the server broke off its answer (HTTP/2)',
  ERR_HTTP2_SESSION_ERROR: 'the server broke off the connection (HTTP/2)',
  ERR_HTTP2_GOAWAY_SESSION: 'the server broke off the connection (HTTP/2)',
  ERR_HTTP2_ERROR: 'the answer is not HTTP/2',
  UND_ERR_HEADERS_OVERFLOW: 'the answer has too many headers',
  CERT_HAS_EXPIRED: 'TLS: certificate has expired',
  CERT_NOT_YET_VALID: 'TLS: certificate is not valid yet (is the clock right?)',
  CERT_REVOKED: 'TLS: certificate is revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'TLS: certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'TLS: certificate chain ends in an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'TLS: certificate comes from an unknown authority, or without its chain',
  UNABLE_TO_GET_ISSUER_CERT: 'TLS: certificate comes from an unknown authority, or without its chain',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'TLS: certificate comes from an unknown authority, or without its chain',
  ERR_TLS_CERT_ALTNAME_INVALID: 'TLS: certificate is for another host name',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'TLS: the server has no version that is still safe (1.2 or newer)',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'TLS: the server has no version that is still safe (1.2 or newer)',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'TLS: the server wants a client certificate',
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: 'TLS: the server does not speak this version of HTTP',
};

/** Something in the world that no code of Node or OpenSSL stands for; its message is the reason, fit for people. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

/**
 * One line for people on why something went wrong. Error messages themselves are not shown: they are long, and some
 * hold addresses or what was sent. `host` is the name that was looked up, if one was.
 */
export function reasonFor(error: unknown, {signal, host = ''}: {signal?: AbortSignal; host?: string} = {}): string {
  if (signal?.aborted) return reasonOfAbort(signal);
  if (error instanceof Refusal) return error.message;
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const code = codeOf(first) ?? codeOf(error) ?? '';
  if (code === 'ENOTFOUND') return `DNS: no such host ${host}`.trimEnd();
  if (code === 'EAI_AGAIN') return `DNS: the name server does not answer for ${host}`;
  const known = REASONS[code];
  if (known) return known;
  if (isParserError(error)) return 'the answer is not HTTP';
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return `TLS: the handshake failed (${code})`;
  return code || 'an error without a code';
}

/** True for errors that come from the world (with a code of Node or undici), not from a mistake in our own code. */
export function isOfTheWorld(error: unknown): boolean {
  const code = codeOf(error) ?? '';
  return (
    error instanceof AggregateError ||
    error instanceof Refusal ||
    isParserError(error) ||
    (code !== '' && !code.startsWith('ERR_INVALID') && code !== 'UND_ERR_INVALID_ARG')
  );
}

/** `no answer within 10 s` for a deadline (known by name: the class itself is the clock's), `stopped` otherwise. */
export function reasonOfAbort(signal: AbortSignal): string {
  const {reason} = signal;
  const timedOut = reason instanceof Error && reason.name === 'TimedOut' && 'ms' in reason;
  return timedOut ? `no answer within ${seconds(Number(reason.ms))}` : 'stopped';
}

/** `10 s`, `0.25 s`: milliseconds as people say them. */
export function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(ms < 1000 ? 2 : 1))} s`;
}

/** By name: undici gives some of these no code. */
function isParserError(error: unknown): boolean {
  return error instanceof Error && error.name === 'HTTPParserError';
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
