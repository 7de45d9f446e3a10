import {X509Certificate} from 'node:crypto';
import {BlockList, isIP} from 'node:net';
import {dirname, resolve} from 'node:path';
import {createSecureContext} from 'node:tls';
import {z} from 'zod';
import type {CheckConfig, HttpConfig} from './config.ts';
import {readText} from './read.ts';
import type {Report} from './report.ts';
import {secret} from './secrets.ts';

const LISTEN = '127.0.0.1:8080';
/** `openssl rand -hex 16` gives 32 characters; a shorter word can be guessed over a network. */
const TOKEN_CHARS_MIN = 16;
const TOKEN_CHARS_MAX = 512;

const listen = z
  .string()
  .refine((text) => parseListen(text) !== undefined, `expected an address and a port such as ${LISTEN} or [::1]:8080`)
  .meta({default: LISTEN});
const file = z.string().min(1);

export const http = z.strictObject({
  listen: listen
    .optional()
    .describe('Where the HTTP server listens. Beyond this machine (`0.0.0.0:8443`) only with `token` and `tls`.'),
  token: secret()
    .regex(
      new RegExp(`^[\\w.~+/=-]{${TOKEN_CHARS_MIN},${TOKEN_CHARS_MAX}}$`),
      `expected at least ${TOKEN_CHARS_MIN} characters of A–Z a–z 0–9 . _ ~ + / = -; openssl rand -hex 16 makes them`,
    )
    .optional()
    .describe('What readers must send as `Authorization: Bearer …`: all but heartbeats and health. Left out: nothing.'),
  tls: z
    .strictObject({
      cert: file.describe('The path of a PEM file with the certificate and its chain.'),
      key: file.describe('The path of a PEM file with its key, which has no passphrase.'),
    })
    .optional()
    .describe('Left out: plain HTTP. The files are read again when they change.'),
});

type Keys = z.output<typeof http>;

/** Reads the files that it names; what is wrong with them goes into the report. */
export function readHttp(
  keys: Keys | undefined,
  {file, report}: {file: string; report: Report},
): HttpConfig | undefined {
  if (!keys) return undefined;
  const {host, port} = parseListen(keys.listen ?? LISTEN) ?? {host: '', port: 0};
  const tls = keys.tls && readTls(keys.tls, {file, report});
  if (!isLoopback(host)) {
    const missing = (['token', 'tls'] as const).filter((key) => keys[key] === undefined);
    const cure = `add ${missing.map((key) => `http.${key}`).join(' and ')}, or listen on ${LISTEN}`;
    if (missing.length > 0) report.problem(['http', 'listen'], `it can be reached from beyond this machine: ${cure}`);
  }
  return {host, port, ...(keys.token !== undefined && {token: keys.token}), ...(tls && {tls})};
}

/** `:8080` is every address of this machine; undefined for what is no address with a port. */
export function parseListen(text: string): {readonly host: string; readonly port: number} | undefined {
  const [, six, four, digits] = /^(?:\[([\da-f:.]+)\]|([^\s:[\]]*)):(\d{1,5})$/i.exec(text) ?? [];
  const host = six ?? (four === '' ? '::' : four);
  const port = Number(digits);
  if (host === undefined || !(port >= 1 && port <= 65_535)) return undefined;
  if (six !== undefined) return isIP(six) === 6 ? {host, port} : undefined;
  const isAddress = isIP(host) !== 0 || (/^[a-z\d](?:[a-z\d.-]*[a-z\d])?$/i.test(host) && !/^[\d.]+$/.test(host));
  return isAddress ? {host, port} : undefined;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** A name counts only if it cannot be anything else. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host === 'localhost';
  return loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
}

function readTls(paths: NonNullable<Keys['tls']>, {file, report}: {file: string; report: Report}): HttpConfig['tls'] {
  const read = (key: 'cert' | 'key') => {
    const path = resolve(dirname(file), paths[key]);
    const text = readText(path, `the ${key === 'cert' ? 'certificate' : 'key'}`);
    if (!text.ok) report.problem(['http', 'tls', key], `${text.message} (${path})`);
    return {path, text: text.ok ? text.text : undefined};
  };
  const [cert, key] = [read('cert'), read('key')];
  if (cert.text === undefined || key.text === undefined) return undefined;
  const problem = pairProblem(cert.text, key.text);
  if (problem) report.problem(['http', 'tls', problem.at], problem.message);
  return {cert: cert.text, key: key.text, files: [cert.path, key.path]};
}

function pairProblem(cert: string, key: string): {at: 'cert' | 'key'; message: string} | undefined {
  try {
    new X509Certificate(cert);
  } catch {
    return {at: 'cert', message: 'expected a file with a PEM certificate (-----BEGIN CERTIFICATE-----)'};
  }
  try {
    createSecureContext({cert, key});
    return undefined;
  } catch (error) {
    const isOther = error instanceof Error && /mismatch/i.test(error.message);
    const message = isOther
      ? 'expected the key of the certificate, found another one'
      : 'expected a file with a PEM key without a passphrase (-----BEGIN PRIVATE KEY-----)';
    return {at: 'key', message};
  }
}

/** Checks that are reported to need the server, and an id each. */
export function checkReports(
  checks: readonly Pick<CheckConfig, 'name' | 'reportId'>[],
  isServed: boolean,
  report: Report,
): void {
  const owners = new Map<string, string>();
  for (const {name, reportId} of checks) {
    if (reportId === undefined) continue;
    const owner = owners.get(normalId(reportId));
    owners.set(normalId(reportId), name);
    if (owner !== undefined)
      report.problem(['checks', name, 'id'], `expected another id, found that of ${owner}; give each its own`);
    if (!isServed)
      report.problem(['checks', name], 'a heartbeat comes in over HTTP: add http: {} at the top of the file', 'key');
  }
}

/** UUIDs are written in either case. */
export function normalId(id: string): string {
  return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id) ? id.toLowerCase() : id;
}
