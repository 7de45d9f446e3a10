import {isIP} from 'node:net';
import {domainToASCII} from 'node:url';
import {z} from 'zod';
import {duration} from '../checks/duration.ts';
import {path} from '../checks/path.ts';
import type {Address, ChannelConfig} from './config.ts';
import {CONSOLE_CHANNEL, type FromEnvironment} from './environment.ts';
import {locale} from './locales.ts';
import {marked, resolvePaths} from './marks.ts';
import {secret} from './secrets.ts';

const SECOND = 1_000;
/** One mail to more people than this is a mailing list's job. */
const RECIPIENTS_MAX = 50;
const PREFIX_CHARS_MAX = 60;
const MAIL_TIMEOUT_MS = 30 * SECOND;
const WEBHOOK_TIMEOUT_MS = 10 * SECOND;

const family = z.literal([4, 6]).optional().describe('Only IPv4, or only IPv6; by default what answers first.');
const ca = path()
  .optional()
  .describe('The path of a PEM file with the authorities to trust instead of those that come with Node.');
const systemInfo = (usual: boolean) =>
  z
    .boolean()
    .meta({default: usual})
    .optional()
    .describe('Whether alerts end with the server’s name, address, OS, uptime and load.');

const ownLocale = locale.optional().describe('The language of its messages; left out: `locale` at the top.');

const chatId = z.int().refine((id) => id !== 0, 'expected the numeric id of a chat, not 0');
const telegram = z.strictObject({
  type: z.literal('telegram'),
  chat_id: chatId.describe('The chat’s numeric id; a group’s is negative.'),
  thread_id: z.int().positive().optional().describe('The topic of a forum, by number.'),
  locale: ownLocale,
  system_info: systemInfo(false),
  protect_content: z
    .boolean()
    .meta({default: false})
    .optional()
    .describe('True: messages there can be neither forwarded nor saved.'),
});

/** RFC 5321 §4.1.2, without quoted names, which nobody has; a name in front may be anything on one line. */
const ADDRESS = /^(?:([^\p{Cc}<>"]*?)\s*<([^<>]+)>|([^<>\s]+))$/u;
const LOCAL_PART = /^[\w!#$%&'*+/=?^`{|}~.-]{1,64}$/;
const address = z
  .string()
  .meta({examples: ['Anna <anna@shop.example>']})
  .transform((text, context): Address => {
    const [, label = '', inBrackets, bare] = ADDRESS.exec(text.trim()) ?? [];
    const [local = '', domain = '', ...rest] = (inBrackets ?? bare ?? '').split('@');
    const ascii = domainToASCII(domain);
    if (LOCAL_PART.test(local) && ascii !== '' && rest.length === 0) {
      return {address: `${local}@${ascii}`, ...(label !== '' && {name: label})};
    }
    context.addIssue({
      code: 'custom',
      message: 'expected an address such as anna@shop.example or Anna <anna@shop.example>',
    });
    return z.NEVER;
  });

const email = z
  .strictObject({
    type: z.literal('email'),
    host: z
      .string()
      .regex(/^[\p{L}\p{N}_.:-]+$/u, 'expected a host name or an address such as mail.shop.example')
      .describe('The mail server.'),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .describe('By default 587 for `starttls`, 465 for `tls`, 25 for `none`.'),
    tls: z
      .enum(['starttls', 'tls', 'none'])
      .optional()
      .describe(
        '`starttls`: encryption is asked for, and nothing is sent without it; `tls`: encrypted from the start; `none`: never. ' +
          'By default `tls` on port 465, `none` to this machine itself, otherwise `starttls`.',
      ),
    user: z.string().min(1).optional().describe('The name to log in with; left out: no login.'),
    password: secret().optional().describe(`The password to log in with: \${NAME}, or file:PATH.`),
    from: address.describe('The sender.'),
    to: z.array(address).min(1, 'expected at least one address').max(RECIPIENTS_MAX).describe('The recipients.'),
    subject_prefix: z
      .string()
      .max(PREFIX_CHARS_MAX)
      .regex(/^\P{Cc}*$/u, 'expected a text on one line')
      .optional()
      .describe('Stands before every subject, for filters.'),
    locale: ownLocale,
    system_info: systemInfo(true),
    ca,
    family,
    timeout: duration({min: SECOND, max: 600 * SECOND, example: '30s'})
      .optional()
      .describe('How long the server may take until it takes the text of a mail.'),
  })
  .refine(({user, password}) => (user === undefined) === (password === undefined), {
    path: ['user'],
    message: 'expected user and password together; add the other one',
  });

/** RFC 9110 §5. */
const headerName = z
  .string()
  .regex(/^[\w!#$%&'*+.^`|~-]+$/, "expected a header's name of letters, digits and hyphens")
  .refine((name) => !OWN_HEADER.test(name), 'expected another header, as the webhook sets this one itself; remove it');
const OWN_HEADER =
  /^(?:connection|content-length|content-type|expect|host|idempotency-key|keep-alive|te|transfer-encoding|upgrade|webhook-.*)$/i;
/** The shortest key that is worth having: 128 bits, if they are random. */
const KEY_CHARS_MIN = 16;

const webhook = z.strictObject({
  type: z.literal('webhook'),
  url: secret()
    .refine(isHttpUrl, 'expected http://HOST/PATH or https://HOST/PATH, without a name and a password')
    .describe(`Where to POST to: also \${NAME}, or file:PATH.`),
  secret: secret()
    .min(KEY_CHARS_MIN, `expected at least ${KEY_CHARS_MIN} characters`)
    .refine(
      (text) => !text.startsWith('whsec_') || isBase64(text.slice('whsec_'.length)),
      'expected base64 after whsec_',
    )
    .optional()
    .describe('Signs every request (Standard Webhooks); `whsec_` before the base64 of a key, or any text.'),
  format: z
    .enum(['vakhta', 'alertmanager'])
    .meta({default: 'vakhta'})
    .optional()
    .describe('What the body looks like: everything that Vakhta says, or what Alertmanager sends to its webhooks.'),
  headers: z
    .record(headerName, secret().regex(/^[\t\x20-\x7e]*$/, 'expected a header value on one line'))
    .optional()
    .describe('Further headers, such as Authorization.'),
  locale: ownLocale,
  system_info: systemInfo(false),
  ca,
  family,
  timeout: duration({min: SECOND, max: 120 * SECOND, example: '10s'})
    .optional()
    .describe('How long an answer may take.'),
});

/** What stands under `channels:`, by its type. A further type is a branch here, its form in config.ts and in `channelOf`. */
export const channelKeys = z.discriminatedUnion('type', [
  telegram,
  z.strictObject({type: z.literal('console'), locale: ownLocale}),
  email,
  webhook,
]);

type Keys = z.output<typeof channelKeys>;
type Channels = Readonly<Record<string, Keys>> | undefined;

const PATHS = marked(z.record(z.string(), channelKeys), 'path');

/** The channels of the config, or what stands in for them: the environment's chat and the console. */
export function channelsOf(
  channels: Channels,
  fallback: FromEnvironment,
  file = '',
): ReadonlyMap<string, ChannelConfig> {
  const named = Object.entries(resolvePaths(channels ?? {}, PATHS, file)).map(
    ([name, {locale, ...keys}]): ChannelConfig => ({...channelOf(name, keys), ...(locale && {locale})}),
  );
  const implied: ChannelConfig[] = [
    ...(fallback.channel ? [fallback.channel] : []),
    {name: CONSOLE_CHANNEL, type: 'console'},
  ];
  return new Map((named.length > 0 ? named : implied).map((channel) => [channel.name, channel]));
}

function channelOf(name: string, keys: Keys): ChannelConfig {
  switch (keys.type) {
    case 'console':
      return {name, type: 'console'};
    case 'telegram':
      return telegramOf(name, keys);
    case 'email': {
      const {subject_prefix, system_info, timeout, user, password, ...rest} = keys;
      const tls = keys.tls ?? usualTls(keys);
      const login = user !== undefined && password !== undefined ? {login: {user, password}} : {};
      return {
        ...rest,
        ...login,
        name,
        tls,
        port: keys.port ?? USUAL_PORTS[tls],
        subjectPrefix: subject_prefix ?? '',
        systemInfo: system_info ?? true,
        timeoutMs: timeout ?? MAIL_TIMEOUT_MS,
      };
    }
    case 'webhook': {
      const {system_info, timeout, format, headers, ...rest} = keys;
      return {
        ...rest,
        name,
        format: format ?? 'vakhta',
        headers: headers ?? {},
        systemInfo: system_info ?? false,
        timeoutMs: timeout ?? WEBHOOK_TIMEOUT_MS,
      };
    }
  }
}

function telegramOf(name: string, keys: Extract<Keys, {readonly type: 'telegram'}>): ChannelConfig {
  const {thread_id: threadId, system_info: systemInfo, protect_content: protectContent} = keys;
  return {
    ...{name, type: 'telegram', chatId: keys.chat_id},
    ...(threadId !== undefined && {threadId}),
    ...(systemInfo && {systemInfo}),
    ...(protectContent && {protectContent}),
  };
}

const USUAL_PORTS = {starttls: 587, tls: 465, none: 25};

function usualTls({host, port}: {host: string; port?: number | undefined}): keyof typeof USUAL_PORTS {
  if (port === 465) return 'tls';
  return isLoopback(host) ? 'none' : 'starttls';
}

/** A name that only this machine answers to, or one of its addresses for itself. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.host !== '' && url.username + url.password === '';
}

function isBase64(text: string): boolean {
  return /^[\w+/]+={0,2}$/.test(text) && Buffer.from(text, 'base64').length >= KEY_CHARS_MIN;
}
