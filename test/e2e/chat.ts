import assert from 'node:assert/strict';
import type {TestContext} from 'node:test';
import {type ApiMock, startApi} from '../../mocks/api.ts';
import {type Simulator, startSimulator, type VisibleMessage} from '../../mocks/telegram/simulator.ts';
import {Vakhta} from '../support/vakhta.ts';

export const GROUP = -1001234567890;
export const ANNA = 111;
export const BORIS = 222;
export const CLARA = 333;
export const STRANGER = 666;

/** A group in the simulated Telegram, a real API to watch, and the real program between them. */
export interface Chat {
  readonly telegram: Simulator;
  readonly api: ApiMock;
  readonly vakhta: Vakhta;
  /** What the bot has written into the group. */
  readonly said: () => readonly VisibleMessage[];
  readonly cards: () => readonly VisibleMessage[];
  readonly recoveries: () => readonly VisibleMessage[];
  readonly type: (from: number, text: string) => void;
  /** Resolves when so many runs of the check have reached the API. */
  readonly checks: (count: number) => Promise<void>;
}

/** `more.telegram` are further keys of that block. */
export async function startChat(context: TestContext, more: {readonly telegram?: string} = {}): Promise<Chat> {
  const telegram = await startSimulator();
  telegram.addUser({id: ANNA, first_name: 'Anna'});
  telegram.addUser({id: BORIS, first_name: 'Boris'});
  telegram.addUser({id: CLARA, first_name: 'Clara'});
  telegram.addUser({id: STRANGER, first_name: 'Mallory'});
  telegram.addChat({id: GROUP, type: 'supergroup', title: 'Shop operations'});
  const api = await startApi({port: 0});
  const vakhta = new Vakhta(context, {'config.yaml': configFor(api, telegram, more)}, {BOT_TOKEN: telegram.token});
  context.after(() => Promise.all([telegram.stop(), api.stop()]));
  const said = () => telegram.messages(GROUP).filter((message) => message.byBot);
  return {
    telegram,
    api,
    vakhta,
    said,
    cards: () => said().filter((message) => /billing-api (is down|recovered after)/.test(message.text)),
    recoveries: () => said().filter((message) => /is back after/.test(message.text)),
    type: (from, text) => void telegram.say({chat: GROUP, from, text}),
    checks: (count) => {
      const enough = api.served() + count;
      return vakhta.waitFor(() => api.served() >= enough, `${count} more runs of the check`);
    },
  };
}

/** Nothing that the bot sent was malformed, and nothing went anywhere else than into the group. */
export function assertClean(chat: Chat): void {
  assert.deepEqual(chat.telegram.violations, []);
  for (const id of [ANNA, BORIS, CLARA, STRANGER]) {
    assert.deepEqual(
      chat.telegram.messages(id).filter((message) => message.byBot),
      [],
    );
  }
  assert.ok(!chat.vakhta.output.includes(chat.telegram.token), 'the token is in the output');
}

function configFor(api: ApiMock, telegram: Simulator, more: {readonly telegram?: string}): string {
  const further = more.telegram === undefined ? '' : `, ${more.telegram}`;
  return `
data_dir: ./data
timezone: UTC
telegram: {token: '\${BOT_TOKEN}', api_root: ${telegram.apiRoot}${further}}
users:
  ${ANNA}: {name: Anna, role: admin}
  ${BORIS}: {name: Boris, role: operator}
  ${CLARA}: {name: Clara, role: viewer}
channels:
  ops: {type: telegram, chat_id: ${GROUP}}
alerts: {to: [ops]}
defaults: {interval: 1s, timeout: 900ms, fail_after: 2, recover_after: 2}
checks:
  billing-api:
    type: http
    url: ${api.url}/health
    comment: Restart the billing service, then call Anna.
`;
}
