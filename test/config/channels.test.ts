import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import {CHECKS, createFolder} from './folder.ts';

const PASSWORD = 'correct horse';
const ENV = {SMTP_PASSWORD: PASSWORD, HOOK_URL: 'https://hooks.shop.example/T0/longer-than-16-characters'};

/** A config with one channel, `it`. */
const withChannel = (keys: string) => `channels:\n  it: {${keys}}\n${CHECKS}`;
const mail = (keys = '', from = 'vakhta@shop.example', to = '[anna@shop.example]') =>
  withChannel(`type: email, host: mail.shop.example, from: "${from}", to: ${to}${keys && `, ${keys}`}`);
const hook = (keys: string) => withChannel(`type: webhook, ${keys}`);

function channel(context: TestContext, text: string) {
  return createFolder(context).config(text, ENV).channels.get('it');
}

describe('a channel of type email', () => {
  test('has its defaults filled in', (t) => {
    assert.deepEqual(channel(t, mail()), {
      name: 'it',
      type: 'email',
      host: 'mail.shop.example',
      port: 587,
      tls: 'starttls',
      from: {address: 'vakhta@shop.example'},
      to: [{address: 'anna@shop.example'}],
      subjectPrefix: '',
      systemInfo: true,
      timeoutMs: 30_000,
    });
  });

  test('takes names, a login, a CA beside the config, and a domain in any script', (t) => {
    const folder = createFolder(t);
    const keys = `user: vakhta, password: "\${SMTP_PASSWORD}", ca: ca.pem, family: 4, timeout: 1m, system_info: false`;
    const text = mail(keys, 'Вахта <vakhta@shop.example>', '["Петрова, Анна <anna@почта.рф>"]');
    const loaded = folder.load(text, ENV);
    assert.ok(loaded.ok);
    assert.deepEqual(loaded.secrets, [PASSWORD]);
    assert.deepEqual(loaded.config.channels.get('it'), {
      name: 'it',
      type: 'email',
      host: 'mail.shop.example',
      port: 587,
      tls: 'starttls',
      login: {user: 'vakhta', password: PASSWORD},
      from: {name: 'Вахта', address: 'vakhta@shop.example'},
      to: [{name: 'Петрова, Анна', address: 'anna@xn--80a1acny.xn--p1ai'}],
      subjectPrefix: '',
      systemInfo: false,
      ca: `${folder.path}/ca.pem`,
      family: 4,
      timeoutMs: 60_000,
    });
  });

  for (const [keys, tls, port] of [
    ['port: 465', 'tls', 465],
    ['tls: tls', 'tls', 465],
    ['tls: starttls, port: 25', 'starttls', 25],
    ['tls: none, port: 2525', 'none', 2525],
  ] as const) {
    test(`with ${keys} has tls ${tls} on port ${port}`, (t) => {
      const found = channel(t, mail(keys));
      assert.ok(found?.type === 'email');
      assert.deepEqual([found.tls, found.port], [tls, port]);
    });
  }

  test('needs no encryption to this machine itself', (t) => {
    for (const host of ['localhost', '127.0.0.1', '"::1"']) {
      const text = withChannel(`type: email, host: ${host}, from: a@b.example, to: [c@d.example]`);
      const found = channel(t, text);
      assert.ok(found?.type === 'email');
      assert.deepEqual([found.tls, found.port], ['none', 25]);
      assert.deepEqual(createFolder(t).warnings(text), []);
    }
  });

  test('warns where it would be overheard', (t) => {
    const [first, second] = ['tls: none', `tls: none, user: v, password: "\${SMTP_PASSWORD}"`].map(
      (keys) => createFolder(t).warnings(mail(keys), ENV)[0] ?? '',
    );
    assert.match(first ?? '', /^config\.yaml:2:\d+ channels\.it\.tls: the alerts cross the network unencrypted/);
    assert.match(second ?? '', /the password and the alerts cross the network unencrypted; use starttls or tls/);
  });

  for (const [what, text, complaint] of [
    ['no recipients', mail('', 'a@b.example', '[]'), /channels\.it\.to: expected at least one address/],
    ['an address without @', mail('', 'vakhta'), /channels\.it\.from: expected an address such as anna@shop\.example/],
    ['two @', mail('', 'a@b@c.example'), /channels\.it\.from: expected an address/],
    [
      'a name that begins another header',
      mail('', 'A\\nBcc: <a@b.example>'),
      /channels\.it\.from: expected an address/,
    ],
    ['a user without a password', mail('user: vakhta'), /channels\.it\.user: expected user and password together/],
    ['a prefix of two lines', mail('subject_prefix: "a\\nb"'), /subject_prefix: expected a text on one line/],
    ['another word for tls', mail('tls: ssl'), /channels\.it\.tls: expected one of starttls, tls, none, got "ssl"/],
    ['an address as host', mail().replace('mail.shop.example', 'smtp://x'), /channels\.it\.host: expected a host name/],
    ['a mistyped key', mail('pasword: x'), /channels\.it\.pasword: unknown key; did you mean password\?/],
    ['a port of none', mail('port: 0'), /channels\.it\.port: expected at least 1, got 0/],
  ] as const) {
    test(`with ${what} is refused, with its place and the cure`, (t) => {
      const problems = createFolder(t).problems(text, ENV);
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? '', complaint);
      assert.match(problems[0] ?? '', /^config\.yaml:2:\d+ /);
    });
  }
});

describe('a channel of type webhook', () => {
  test('has its defaults filled in, and its address is a secret', (t) => {
    const loaded = createFolder(t).load(hook(`url: "\${HOOK_URL}"`), ENV);
    assert.ok(loaded.ok);
    assert.deepEqual(loaded.secrets, [ENV.HOOK_URL]);
    assert.deepEqual(loaded.config.channels.get('it'), {
      name: 'it',
      type: 'webhook',
      url: ENV.HOOK_URL,
      format: 'vakhta',
      headers: {},
      systemInfo: false,
      timeoutMs: 10_000,
    });
  });

  const url = 'url: https://h.example/';
  for (const [what, keys, complaint] of [
    ['no address', 'format: vakhta', /channels\.it\.url: this key is missing: add url \(Where to POST to/],
    ['another protocol', 'url: ftp://h.example/', /channels\.it\.url: expected http:\/\/HOST/],
    [
      'a login in the address',
      'url: https://a:secretpass@h.example/',
      /url: expected .* without a name and a password/,
    ],
    ['a short secret', `${url}, secret: hush`, /channels\.it\.secret: expected at least 16 characters/],
    ['a secret that is no base64', `${url}, secret: whsec_ничего-из-этого`, /expected base64 after whsec_/],
    ['a header of its own', `${url}, headers: {Content-Type: x}`, /this one itself; remove it/],
    ['a header of two lines', `${url}, headers: {X-A: "b\\nX-C: d"}`, /headers\.X-A: expected a header value on one/],
    ['another format', `${url}, format: slack`, /channels\.it\.format: expected one of vakhta, alertmanager/],
  ] as const) {
    test(`with ${what} is refused, with its place and the cure`, (t) => {
      const problems = createFolder(t).problems(hook(keys), ENV);
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0] ?? '', complaint);
      assert.match(problems[0] ?? '', /^config\.yaml:2:\d+ /);
      assert.doesNotMatch(problems[0] ?? '', /secretpass|hush|ничего/);
    });
  }
});

test('message_type mutes neither email nor webhooks', (t) => {
  const folder = createFolder(t);
  for (const type of ['telegram', 'console']) assert.deepEqual(folder.warnings(`message_type: ${type}\n${mail()}`), []);
});

test('a chat may have the state of the machine under its alerts', (t) => {
  const text = `telegram: {token: "1:abcdef"}\nusers: {1: {name: A, role: admin}}\n${withChannel('type: telegram, chat_id: 7, system_info: true')}`;
  assert.deepEqual(channel(t, text), {name: 'it', type: 'telegram', chatId: 7, systemInfo: true});
});
