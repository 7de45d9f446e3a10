import {createHmac} from 'node:crypto';

/** Before a key in base64 (standardwebhooks.com); any other secret is its own UTF-8. */
const PREFIX = 'whsec_';

/** The `webhook-signature` of Standard Webhooks: HMAC-SHA256 over id, time and body. */
export function signatureOf(signed: {
  readonly secret: string;
  readonly id: string;
  /** Since 1970. */
  readonly seconds: number;
  readonly body: string;
}): string {
  const {secret, id, seconds, body} = signed;
  const key = secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), 'base64') : Buffer.from(secret);
  return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`;
}
