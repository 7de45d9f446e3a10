import assert from 'node:assert/strict';
import http from 'node:http';
import type {AddressInfo} from 'node:net';
import {describe, type TestContext, test} from 'node:test';
import {startApi} from '../../mocks/api.ts';
import {answer, headerText, type MailServer, startMailServer} from '../bot/channels/mail-server.ts';
import {Vakhta} from '../support/vakhta.ts';

const PASSWORD = 'correct horse battery';

interface Told {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly text: string;
}

/** A receiver that can be stopped, and started again at the same address. */
async function startHook(context: TestContext, told: Told[], port = 0) {
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      told.push(JSON.parse(body));
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  context.after(stop);
  return {port: (server.address() as AddressInfo).port, stop};
}

function configFor(use: {api: string; mail: number; hook: number; alerts: string}): string {
  return `
timezone: UTC
channels:
  mail:
    type: email
    host: 127.0.0.1
    port: ${use.mail}
    user: vakhta
    password: \${SMTP_PASSWORD}
    from: Vakhta <vakhta@shop.example>
    to: [anna@shop.example, boris@shop.example]
  hook: {type: webhook, url: 'http://127.0.0.1:${use.hook}/', secret: 'a secret of some length'}
alerts: ${use.alerts}
defaults: {interval: 1s, timeout: 900ms, fail_after: 1, recover_after: 1}
checks:
  billing-api: {type: http, url: '${use.api}/health', comment: Call Anna.}
`;
}

const subjectsOf = (...servers: readonly MailServer[]) =>
  servers.flatMap(({taken}) => taken.map(({headers}) => headerText(headers.get('subject'))));

const login: Parameters<typeof startMailServer>[1] = {
  allowInsecureAuth: true,
  authOptional: false,
  onAuth: ({username, password}, _session, done) =>
    password === PASSWORD ? done(null, {user: username}) : done(answer(535, '5.7.8 No')),
};

describe('email and a webhook, in the real program', {concurrency: 2}, () => {
  test('lose nothing when their servers are killed in the middle, and the program too', async (context) => {
    const api = await startApi({port: 0});
    context.after(() => api.stop());
    const told: Told[] = [];
    let hang = false;
    const mail = await startMailServer(context, {...login, onText: () => (hang ? 'hang' : undefined)});
    const hook = await startHook(context, told);
    const config = configFor({api: api.url, mail: mail.port, hook: hook.port, alerts: '{to: [mail, hook]}'});
    const vakhta = new Vakhta(context, {'config.yaml': config}, {SMTP_PASSWORD: PASSWORD});
    await vakhta.start();
    api.break();
    await vakhta.waitFor(() => mail.taken.length === 1 && told.length === 1, 'the alert in both');

    hang = true;
    hook.stop();
    api.mend();
    await vakhta.waitFor(() => mail.dropped.length === 1, 'a mail whose text has left');
    await vakhta.waitFor(() => /"lane":"hook".*not delivered yet/.test(vakhta.output), 'a request that failed');
    const stopping = mail.stop();
    await vakhta.kill();
    await stopping;

    const mailAgain = await startMailServer(context, {...login, port: mail.port});
    await startHook(context, told, hook.port);
    await vakhta.start();
    const isBack = ({kind}: Told) => kind === 'recovery';
    await vakhta.waitFor(() => mailAgain.taken.length === 1 && told.some(isBack), 'the recovery in both');
    api.break();
    await vakhta.waitFor(() => mailAgain.taken.length === 2, 'the next alert by mail');
    await vakhta.waitFor(() => told.filter(({kind}) => kind === 'alert').length === 2, 'the next alert by webhook');

    const [, back = '', next = ''] = subjectsOf(mail, mailAgain);
    assert.match(back, /^🟢 billing-api is back after .* \(repeated\)$/, 'its text had left before the server died');
    assert.match(next, /^🔴 billing-api is down/);
    const [first, recovery] = [mail.taken[0], mailAgain.taken[0]];
    assert.equal(recovery?.headers.get('references'), first?.headers.get('message-id'));
    assert.equal(recovery?.headers.get('message-id'), mail.dropped[0]?.headers.get('message-id'));
    assert.deepEqual(first?.to, ['anna@shop.example', 'boris@shop.example']);
    assert.match(told[0]?.text ?? '', /Call Anna\./);
    assert.equal(new Set(told.map(({id}) => id)).size, told.length, 'nothing came twice');
    assert.ok(!vakhta.output.includes(PASSWORD));
    assert.equal(await vakhta.stop(), 0);
  });

  test('a mail server that lets nobody in is replaced by the fallback, and said to be sick', async (context) => {
    const api = await startApi({port: 0});
    context.after(() => api.stop());
    const told: Told[] = [];
    const mail = await startMailServer(context, login);
    const hook = await startHook(context, told);
    const alerts = '{to: [mail], fallback: hook}';
    const config = configFor({api: api.url, mail: mail.port, hook: hook.port, alerts});
    const vakhta = new Vakhta(context, {'config.yaml': config}, {SMTP_PASSWORD: 'another one'});
    await vakhta.start();
    api.break();
    await vakhta.waitFor(() => told.some(({kind}) => kind === 'alert'), 'the alert by the fallback');
    await vakhta.waitFor(() => told.some(({kind}) => kind === 'notice'), 'the notice by the fallback');
    const notice = told.find(({kind}) => kind === 'notice');
    assert.match(notice?.text ?? '', /A channel refuses messages: mail: login failed \(535 5\.7\.8\)/);
    assert.equal(mail.taken.length, 0);
    assert.ok(!vakhta.output.includes('another one'));
    assert.equal(await vakhta.stop(), 0);
  });
});
