import type {Client, Dispatcher} from 'undici';
import manifest from '../../../package.json' with {type: 'json'};
import type {WebhookChannelConfig} from '../../config/config.ts';
import {reasonFor} from '../error-code.ts';
import type {Channel, ChannelKind, ChannelUse, Delivery, Outcome} from './channel.ts';
import {readAuthority, routeFor} from './reach.ts';
import {alertmanagerBody} from './webhook-alertmanager.ts';
import {deliveryId, vakhtaBody} from './webhook-body.ts';
import {retryAfterMs} from './webhook-pause.ts';
import {signatureOf} from './webhook-sign.ts';

/** POSTs what is to be told, as JSON, to a program. */
export function createWebhookChannel(use: ChannelUse, config: WebhookChannelConfig): Channel {
  return {
    name: config.name,
    deliver: async (delivery, signal) => {
      const content =
        config.format === 'vakhta' ? vakhtaBody(delivery, {...use, config}) : alertmanagerBody(delivery, use);
      if (content === undefined) return {kind: 'needless'};
      return post(use, {config, delivery, body: JSON.stringify(content)}, signal);
    },
  };
}

const kind: ChannelKind<'webhook'> = {type: 'webhook', create: (config, use) => createWebhookChannel(use, config)};

export default kind;

interface Posting {
  readonly config: WebhookChannelConfig;
  readonly delivery: Delivery;
  readonly body: string;
}

async function post(use: ChannelUse, posting: Posting, parent: AbortSignal): Promise<Outcome> {
  const {clock, log} = use;
  const {config, delivery, body} = posting;
  const {signal, cancel} = clock.deadline(config.timeoutMs, parent);
  const url = new URL(config.url);
  let client: Client | undefined;
  let connected = false;
  try {
    client = await connectionTo(url, config);
    client.on('connect', () => {
      connected = true;
    });
    const headers = headersFor(posting, clock.now());
    const answer = await client.request({method: 'POST', path: url.pathname + url.search, headers, body, signal});
    const outcome = outcomeOf(answer, clock.now());
    if (outcome.kind === 'refused') {
      const {statusCode: status} = answer;
      log.warn(
        {channel: config.name, id: delivery.row.id, status, answer: await beginningOf(answer)},
        'webhook refused',
      );
    }
    return outcome;
  } catch (error) {
    return {kind: connected ? 'doubt' : 'retry', reason: reasonFor(error)};
  } finally {
    cancel();
    void client?.destroy();
  }
}

/** One connection for one message: what was left open may have died silently, and would put the next one in doubt. */
async function connectionTo({origin}: URL, {ca, family}: WebhookChannelConfig): Promise<Client> {
  const trust = await readAuthority(ca);
  const {Client} = await import('undici');
  const connect = {...trust, ...routeFor(family), timeout: 0};
  return new Client(origin, {connect, headersTimeout: 0, bodyTimeout: 0});
}

function headersFor({config, delivery, body}: Posting, now: number): Record<string, string> {
  const id = deliveryId(delivery.row);
  const seconds = Math.floor(now / 1000);
  return {
    'user-agent': `vakhta/${manifest.version}`,
    ...Object.fromEntries(Object.entries(config.headers).map(([name, value]) => [name.toLowerCase(), value])),
    'content-type': 'application/json',
    'idempotency-key': id,
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    ...(config.secret !== undefined && {'webhook-signature': signatureOf({secret: config.secret, id, seconds, body})}),
  };
}

/** Asking again later may help (RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4). */
const LATER = new Set([408, 425, 429]);
/** These concern the address or the login, and with them every message: the receiver is gone, or we are not let in. */
const NOT_FOR_US = new Set([401, 403, 404, 405, 410]);

function outcomeOf({statusCode: status, headers}: Dispatcher.ResponseData, now: number): Outcome {
  const reason = `HTTP ${status}`;
  if (status >= 200 && status < 300) return {kind: 'delivered'};
  if (status < 400) return {kind: 'refused', reason: `${reason}: redirects are not followed`, channelDead: true};
  if (status < 500 && !LATER.has(status)) return {kind: 'refused', reason, channelDead: NOT_FOR_US.has(status)};
  const pause = retryAfterMs(headers['retry-after'], now);
  return {kind: 'retry', reason, ...(pause !== undefined && {retryAfterMs: pause})};
}

/** For the log, which strikes out our own secrets, should it repeat them. */
const ANSWER_BYTES_MAX = 500;

async function beginningOf({body}: Dispatcher.ResponseData): Promise<string> {
  let text = '';
  try {
    for await (const chunk of body) {
      text += String(chunk);
      if (text.length >= ANSWER_BYTES_MAX) break;
    }
  } catch {
    // What came of it will do.
  }
  return text.slice(0, ANSWER_BYTES_MAX);
}
