import {X509Certificate} from 'node:crypto';
import {readFile, stat} from 'node:fs/promises';
import tls from 'node:tls';
import {z} from 'zod';
import {Refusal} from '../reach/failure.ts';
import {path} from './path.ts';

/** A bundle of all the world's authorities has 230 KiB. */
const FILE_BYTES_MAX = 4 * 1024 ** 2;
const HOST_NAME = /^(?!.*\.\d+$)[a-z\d_](?:[a-z\d_.-]*[a-z\d_])?$/i;

/** What is given to tls.connect besides where to connect. */
export type Secure = Pick<tls.ConnectionOptions, 'secureContext' | 'rejectUnauthorized'>;

/** The keys of every kind that speaks TLS. */
export const secureKeys = {
  ca: path()
    .optional()
    .describe(
      'The path of a PEM file with the authorities to trust instead of those that come with Node; the files of ' +
        '`ca`, `cert` and `key` are read again when they change.',
    ),
  cert: path().optional().describe('The path of a PEM file with the client certificate and its chain.'),
  key: path().optional().describe("The path of a PEM file with the client certificate's key, which has no passphrase."),
  server_name: z
    .string()
    .regex(HOST_NAME, 'expected a host name such as shop.example')
    .optional()
    .describe('The name that is asked for (SNI) and that the certificate must have, if not the host.'),
};

export const insecureKey = z
  .boolean()
  .default(false)
  .describe('True: any certificate will do, also an expired one or one of another host.');

interface SecureFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** For `superRefine`: a certificate is of no use without its key, and the other way about. */
export function checkCertHasKey({cert, key}: SecureFiles, context: z.RefinementCtx): void {
  if ((cert === undefined) === (key === undefined)) return;
  const [there, missing] = cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
  context.addIssue({code: 'custom', path: [there], message: `expected ${missing} as well; add ${missing}: FILE`});
}

const DAY_MS = 24 * 60 * 60_000;

/** Days until then, two decimals of them, rounded down; below 0 when it is past. */
export function daysUntil(at: number, now: number): number {
  return Math.floor(((at - now) / DAY_MS) * 100) / 100;
}

let shared: tls.SecureContext | undefined;

/**
 * What to connect with, looked up anew at each call, since certificates are renewed under a running program: a file that
 * has changed is read again. Rejects with a `Refusal` when a file cannot be used.
 */
export function createSecure({insecure = false, ...files}: SecureFiles & {insecure?: boolean}): () => Promise<Secure> {
  const paths = (['ca', 'cert', 'key'] as const).flatMap((name) => {
    const file = files[name];
    return file === undefined ? [] : [{name, path: file}];
  });
  let known: {readonly state: string; readonly context: tls.SecureContext} | undefined;
  return async () => {
    // A context takes 85 µs to make, a third of what the whole check costs.
    if (paths.length === 0) {
      shared ??= tls.createSecureContext();
      return {secureContext: shared, rejectUnauthorized: !insecure};
    }
    const state = (await Promise.all(paths.map(stateOf))).join(' ');
    if (known?.state !== state) known = {state, context: await contextFrom(paths)};
    return {secureContext: known.context, rejectUnauthorized: !insecure};
  };
}

interface NamedFile {
  readonly name: 'ca' | 'cert' | 'key';
  readonly path: string;
}

async function stateOf({name, path}: NamedFile): Promise<string> {
  try {
    const {mtimeMs, size, ino} = await stat(path);
    if (size > FILE_BYTES_MAX) throw new Refusal(`${name}: ${path} is too large to be a PEM file`);
    return `${mtimeMs}/${size}/${ino}`;
  } catch (error) {
    throw unreadable(error, {name, path});
  }
}

async function contextFrom(paths: readonly NamedFile[]): Promise<tls.SecureContext> {
  const contents: Partial<Record<NamedFile['name'], string>> = {};
  for (const {name, path} of paths) {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      throw unreadable(error, {name, path});
    });
    if (!text.includes('-----BEGIN ')) throw new Refusal(`${name}: ${path} is not a PEM file`);
    contents[name] = text;
  }
  try {
    // A context takes a broken authority without a word.
    if (contents.ca !== undefined) new X509Certificate(contents.ca);
    return tls.createSecureContext(contents);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'it gives no reason';
    if (code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') throw new Refusal('cert and key do not belong together');
    throw new Refusal(`${paths.map(({name}) => name).join(', ')}: OpenSSL refuses it (${code})`);
  }
}

function unreadable(error: unknown, {name, path}: NamedFile): unknown {
  if (error instanceof Refusal || !(error instanceof Error && 'code' in error)) return error;
  return new Refusal(
    error.code === 'ENOENT' ? `${name}: no file ${path}` : `${name}: ${path} cannot be read (${error.code})`,
  );
}
