// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${NAME} is config.yaml’s own syntax here.
import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, type TestContext, test} from 'node:test';
import {quoted, vakhta as runVakhta, sh} from '../cli/shell.ts';
import {needs} from '../support/packages.ts';
import {Vakhta} from '../support/vakhta.ts';
import {
  BORIS,
  bytesUnder,
  configWith,
  GROUP,
  program,
  said,
  serve,
  startTelegram,
  waitForWords,
  watching,
} from './sick-world.ts';

const TOKEN = '424242424:AAverysecretverysecretverysecretvery';
const QUERY = 'q-9f8e7d6c5b4a';
const PASSWORD = 'pw-correct-horse';
const HEADER = 'hd-battery-staple';
const EXPECTED = 'ex-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef';
const BASIC = Buffer.from(`monitor:${PASSWORD}`).toString('base64');
const SECRETS = [TOKEN, QUERY, PASSWORD, HEADER, EXPECTED.slice(0, 12), BASIC];

/** A server whose error page repeats all that it was sent, as many do. */
function serveParrot(context: TestContext): Promise<string> {
  return serve(context, (request, response) => {
    const {authorization = '', 'x-api-key': key = ''} = request.headers;
    response.writeHead(500).end(`${request.url} ${authorization} ${key}`);
  });
}

/** Checks in which secrets stand wherever they can, each failing in its own way. */
function tellingChecks(parrot: string): string {
  const host = parrot.replace('http://', '');
  return `
  query: {type: http, url: '${parrot}/x?key=${QUERY}', expect: ['body == "fine"']}
  login: {type: http, url: 'http://monitor:${PASSWORD}@${host}/', expect: ['body == "fine"']}
  header: {type: http, url: '${parrot}/', headers: {X-Api-Key: ${HEADER}}, expect: ['body.startsWith("fine")']}
  refused: {type: http, url: 'http://monitor:${PASSWORD}@127.0.0.1:1/?key=${QUERY}'}
  # Long enough to be cut in its middle where it is quoted.
  wanted: {type: http, url: '${parrot}/', expect: ['body.contains("\${EXPECTED_TOKEN}")']}
`;
}

function assertNothingIn(where: string, text: string): void {
  for (const secret of SECRETS)
    assert.ok(!text.includes(secret), `${secret.slice(0, 3)}… is in ${where}:\n${text.slice(-3_000)}`);
}

describe('secrets', {concurrency: 6}, () => {
  test('are in no message, log, answer or database, whatever fails', async (context) => {
    const telegram = await startTelegram(context, TOKEN);
    const checks = tellingChecks(await serveParrot(context));
    const config = configWith(telegram, {checks, top: 'logging: {level: trace, file: vakhta.log, log_success: true}'});
    const vakhta = program(context, telegram, config, {EXPECTED_TOKEN: EXPECTED});
    telegram.fault({kind: 'html', times: 2});
    await vakhta.start();
    for (const name of ['query', 'login', 'header', 'refused', 'wanted']) {
      await telegram.waitFor(() => said(telegram).some((text) => text.includes(name)), {what: name, timeoutMs: 15_000});
    }
    for (const order of ['/json', '/status', '/status query', '/status wanted', `/ack query ${TOKEN.slice(0, 3)}`]) {
      telegram.say({chat: GROUP, from: BORIS, text: order});
    }
    await waitForWords(telegram, /"wanted": false/);
    await waitForWords(telegram, /redacted/);
    await telegram.waitFor(() => said(telegram).filter((text) => /wanted/.test(text)).length >= 3);
    telegram.outage(true);
    await vakhta.waitFor(() => /ECONNRESET|SOCKET/.test(vakhta.output), 'the log of an outage');
    telegram.outage(false);
    assert.equal(await vakhta.stop(), 0);
    const messages = telegram.messages(GROUP).filter(({byBot}) => byBot);
    assertNothingIn('a message', JSON.stringify(messages));
    assertNothingIn('the output', vakhta.output);
    assert.match(readFileSync(join(vakhta.folder, 'vakhta.log'), 'utf8'), /"msg":"check not ok"/);
    assertNothingIn('the databases and the log file', bytesUnder(vakhta.folder));
  });

  test('are not printed by check, in either form', async (context) => {
    const telegram = await startTelegram(context, TOKEN);
    const config = configWith(telegram, {checks: tellingChecks(await serveParrot(context))});
    const {folder} = program(context, telegram, config);
    const env = {BOT_TOKEN: TOKEN, EXPECTED_TOKEN: EXPECTED};
    for (const words of [['check'], ['check', '--json'], ['validate']]) {
      const {code, stdout, stderr} = await runVakhta(words, {cwd: folder, env});
      assert.equal(code, words[0] === 'check' ? 1 : 0);
      assertNothingIn(words.join(' '), stdout + stderr);
    }
  });

  const refusals: [string, {code?: number; kind?: 'html'; description?: string}][] = [
    ['401, as the official server answers a wrong token', {code: 401, description: 'Unauthorized'}],
    ['404, as it answers half of one', {code: 404, description: `Not Found: /bot${TOKEN}/getMe`}],
    ['a page of HTML', {kind: 'html'}],
  ];
  for (const [what, fault] of refusals) {
    test(`are not shown when Telegram answers ${what}`, async (context) => {
      const telegram = await startTelegram(context, TOKEN);
      const config = configWith(telegram, {checks: watching('http://127.0.0.1:1/')});
      const vakhta = new Vakhta(context, {'config.yaml': config.replace('${BOT_TOKEN}', 'file:token')});
      writeFileSync(join(vakhta.folder, 'token'), `${TOKEN}\n`);
      const {hits, clear} = telegram.fault({kind: 'error', ...fault});
      assert.equal(hits, 0);
      await vakhta.start();
      await vakhta.waitFor(() => /not delivered yet|"refused"/.test(vakhta.output), 'a delivery that failed');
      clear();
      assert.equal(await vakhta.stop(), 0);
      assertNothingIn('the output', vakhta.output);
      assertNothingIn('a database', bytesUnder(vakhta.folder).replace(TOKEN, 'the credential file itself'));
    });
  }

  test('are not shown by a config error beside them', async (context) => {
    const telegram = await startTelegram(context, TOKEN);
    const config = configWith(telegram, {
      checks: `${tellingChecks('http://127.0.0.1:1')}  bad: {type: http, url: 'ftp://u:${PASSWORD}@h/?${QUERY}', headers: {X-Api-Key: 5}}\n`,
      top: `timezone: ${TOKEN}`,
    });
    const {folder} = program(context, telegram, config);
    const {code, stdout, stderr} = await runVakhta(['validate'], {cwd: folder, env: {BOT_TOKEN: TOKEN}});
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /EXPECTED_TOKEN/);
    assertNothingIn('the messages', stderr);
    const env = {TELEGRAM_BOT_TOKEN: `${TOKEN} oops`, TELEGRAM_CHAT_ID: '1'};
    const own = new Vakhta(context, {'config.yaml': `checks:\n${watching('http://127.0.0.1:1/')}`});
    const fromEnvironment = await runVakhta(['validate'], {cwd: own.folder, env});
    assert.equal(fromEnvironment.code, 2);
    assertNothingIn('the messages', fromEnvironment.stderr);
  });

  test('are not shown by a crash, which ends the program with exit code 1', async (context) => {
    const telegram = await startTelegram(context, TOKEN);
    const bug = `setTimeout(() => { throw new Error('no ' + process.env.BOT_TOKEN, {cause: process.env.BOT_TOKEN}) }, 1500)`;
    const vakhta = program(context, telegram, configWith(telegram, {checks: watching('http://127.0.0.1:1/')}), {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(bug).replaceAll("'", '%27')}`,
    });
    await vakhta.start();
    await assert.rejects(
      vakhta.waitFor(() => false, 'the crash', 5_000),
      /has ended/,
    );
    assert.equal(await vakhta.stop(), 1);
    assert.match(vakhta.output, /a bug ends the program/);
    assertNothingIn('the output', vakhta.output);
  });

  test(
    'are neither in the log file that a terminal gets nor in the warnings shown there',
    needs('script'),
    async (context) => {
      const telegram = await startTelegram(context, TOKEN);
      const config = configWith(telegram, {checks: tellingChecks(await serveParrot(context))});
      const {folder} = program(context, telegram, config);
      telegram.fault({kind: 'html', times: 2});
      const launcher = quoted(join(import.meta.dirname, '../../bin/vakhta'));
      const env = {BOT_TOKEN: TOKEN, EXPECTED_TOKEN: EXPECTED};
      const {stdout} = await sh(
        `{ sleep 3; echo /status; sleep 1; } | timeout 8 script -qec "${launcher} run" /dev/null`,
        {cwd: folder, env},
      );
      assert.match(stdout, /query/);
      assert.match(stdout, /WARN.*not delivered yet/);
      assertNothingIn('the terminal', stdout);
      const bytes = bytesUnder(folder);
      assert.match(bytes, /"msg":"delivered"/);
      assertNothingIn('the log file', bytes);
    },
  );
});
