import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {folderWith, vakhta} from '../cli/shell.ts';
import {serve} from '../e2e/sick-world.ts';
import {needs} from '../support/packages.ts';
import {assertNoSecret, assertValid, importInto, redirectConfig, reference, SAMPLES, withSecrets} from './imported.ts';

const read = (name: string) => readFileSync(join(SAMPLES, name), 'utf8');
describe('a config.json of websites and databases', () => {
  test('becomes a config that is valid and runs', async (context) => {
    const url = await serve(context, (_, response) => response.end('fine'));
    const json = read('service.json').replace('https://www.direccionwebuno.example', url);
    const result = await importInto(context, ['config.json'], (folder) =>
      writeFileSync(join(folder, 'config.json'), json),
    );
    assertNoSecret(result, ['clave-secreta-1', 'abcdef123456', 'contraseña-uno', 'contra"se$ña dos']);
    await assertValid(result.folder);
    const {stdout, code} = await withSecrets(result.folder, 'vakhta check Web-uno');
    assert.equal(code, 0, stdout);
    const run = await withSecrets(result.folder, 'timeout --preserve-status 4 vakhta run');
    assert.deepEqual([run.code, /watches 4 checks/.test(run.stderr)], [0, true], run.stderr);
    const {at} = result;
    assert.deepEqual(at('defaults'), {interval: '1m', attempts: 3, retry_delay: '6s', fail_after: 3, recover_after: 2});
    const rest = [
      'alerts/repeat_every',
      'logging/keep',
      'logging/max_size',
      'checks/Database1/type',
      'checks/Database2/type',
    ];
    assert.deepEqual(rest.map(at), ['20m', 5, 5_242_880, 'mysql', 'postgres']);
    assert.match(result.text, /# was "Web uno"\n/);
    assert.match(result.text, /website "Correo"/);
  });

  test('keeps passwords with quotes and dollars whole on their way through the .env file', async (context) => {
    const result = await importInto(context, ['service.json']);
    const {stdout} = await withSecrets(result.folder, `sh -c 'printf %s "$DATABASE2_PASSWORD"'`);
    assert.equal(stdout, 'contra"se$ña dos');
  });

  test('names its mailbox as an email channel', async (context) => {
    const {at} = await importInto(context, ['service.json']);
    assert.deepEqual(at('channels/email'), {
      type: 'email',
      host: 'mail.servidor.example',
      port: 587,
      tls: 'starttls',
      user: 'ejemplo@tucorreo.example',
      password: reference('EMAIL_PASSWORD'),
      from: 'ejemplo@tucorreo.example',
      to: ['ejemplo@tucorreo.example'],
    });
  });
});

test('an .env of checks and recoveries becomes hosts, checks and commands', needs('ssh-keygen'), async (context) => {
  const result = await importInto(context, ['recovery.env'], (folder) => {
    const key = join(folder, 'key.pem');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    writeFileSync(join(folder, 'recovery.env'), read('recovery.env').replace('/path/to/key.pem', key));
  });
  await assertValid(result.folder);
  assertNoSecret(result, ['not-a-real-password', 'AAnotarealtoken']);
  const {at} = result;
  assert.deepEqual(at('defaults'), {
    interval: '30s',
    attempts: 5,
    retry_delay: '500ms',
    fail_after: 1,
    recover_after: 1,
    backoff_factor: 1.5,
    max_interval: '10m',
  });
  assert.equal(at('hosts/DC3/password'), reference('DC3_SSH_PASSWORD'));
  assert.equal(at('hosts/DC1/private_key'), `file:${join(result.folder, 'key.pem')}`);
  assert.deepEqual(at('checks/SRV4/recovery'), {
    ...{host: 'DC3', command: 'systemctl restart network-service', max_attempts: 1_000},
    ...{backoff_factor: 1.5, max_interval: '10m'},
  });
  assert.equal(at('channels/telegram/chat_id'), -1001234567890);
  assert.match(result.env, /^DC3_SSH_PASSWORD=not-a-real-password$/m);
  const url = await serve(context, (_, response) => response.end('fine'));
  redirectConfig(result.folder, 'http://srv4.example.com/health', `${url}/health`);
  const {stdout, code} = await withSecrets(result.folder, 'vakhta check SRV4');
  assert.equal(code, 0, stdout);
});

describe('a config of Gatus', () => {
  test('becomes a config that is valid, runs, and says what has no equal', async (context) => {
    const url = await serve(context, (request, response) => {
      if (request.headers.authorization !== 'Bearer gatus-bearer-secret') response.statusCode = 401;
      response.end(JSON.stringify({status: 'UP', queue: {length: 1}, items: [1], name: 'john doe', text: 'welcome'}));
    });
    const listener = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    await new Promise((resolve) => listener.once('listening', resolve));
    context.after(() => listener.close());
    const {port} = listener.address() as {port: number};
    const yaml = read('gatus.yaml')
      .replace('https://shop.example', url)
      .replace('tcp://127.0.0.1:6379', `tcp://127.0.0.1:${port}`)
      .replace(/.*CERTIFICATE_EXPIRATION\] > 48h.*\n/, '')
      .replace(/.*\[0\]\.id.*\n/, '');
    const result = await importInto(context, ['gatus.yaml'], (folder) =>
      writeFileSync(join(folder, 'gatus.yaml'), yaml),
    );
    const secrets = ['AAgatus-token', 'gatusquerysecret', 'gatus-bearer-secret', 'slacksecret', 'gatus-ssh-password'];
    assertNoSecret(result, [...secrets, 'gatus-external-token']);
    await assertValid(result.folder);
    const {stdout, code} = await withSecrets(result.folder, 'vakhta check Front-end cache');
    assert.equal(code, 0, stdout);
    const {at} = result;
    assert.deepEqual(at('maintenance'), [{checks: 'all', at: '30 23 * * 1,4', for: '1h'}]);
    assert.equal(at('timezone'), 'Europe/Moscow');
    assert.deepEqual(at('checks/Front-end/alerts'), {to: ['telegram']});
    assert.deepEqual(at('checks/resolver/expect/1'), 'rcode == "NOERROR"');
    assert.deepEqual(at('checks/cert/expect'), ['valid', 'days_left > 3.0']);
    for (const without of [
      'DOMAIN_EXPIRATION',
      'alerting.slack',
      'endpoint "shell"',
      'wss://',
      '"parked" is switched off',
    ])
      assert.ok(result.text.includes(without), without);
  });
});

test('blackbox_exporter with Prometheus becomes a config that is valid and runs', async (context) => {
  const result = await importInto(context, ['blackbox.yml', 'prometheus.yml']);
  assertNoSecret(result, ['blackboxheadersecret', 'blackbox-password']);
  await assertValid(result.folder);
  const {at} = result;
  assert.equal(at('defaults/interval'), '15s');
  const shop = ['interval', 'timeout', 'group', 'family', 'insecure'].map((key) =>
    at(`checks/shop.example-health/${key}`),
  );
  assert.deepEqual(shop, ['1m', '5s', 'shops', 4, true]);
  assert.deepEqual(at('checks/shop.example-health/expect'), [
    'status in [200, 204]',
    '!body.matches("(?i:error)")',
    'body.matches("welcome")',
    'headers["content-type"].matches("text/html.*")',
  ]);
  assert.deepEqual(at('checks/pings/addresses'), ['192.0.2.1', '192.0.2.2']);
  assert.equal(at('checks/2001-db8-53-5353/server'), '[2001:db8::53]:5353');
  assert.deepEqual(at('checks/shop.example-22/steps/0/expect'), ['reply.matches("^SSH-2.0-")']);
  for (const without of ['file_sd_configs', 'prober grpc', 'job "node"', 'rule_files'])
    assert.ok(result.text.includes(without), without);
  const url = await serve(context, (_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8').end('welcome');
  });
  redirectConfig(result.folder, 'https://shop.example/health', `${url}/health`);
  const {stdout, code} = await withSecrets(result.folder, 'vakhta check shop.example-health');
  assert.equal(code, 0, stdout);
});

describe('import', () => {
  test('names what it can read when it does not recognise a file', async (context) => {
    const cwd = folderWith(context, {
      'x.txt': 'hello',
      'y.yaml': 'checks: {a: {type: http}}',
      'z.bin': Buffer.from([0, 1, 2]),
    });
    for (const file of ['x.txt', 'y.yaml', 'z.bin']) {
      const {code, stdout, stderr} = await vakhta(['import', file], {cwd});
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /not recognised[\s\S]*kuma\.db[\s\S]*Gatus[\s\S]*blackbox\.yml/);
    }
  });

  const refusals: [string, string[], RegExp][] = [
    ['no file', [], /name the file/],
    ['a file that is not there', ['none.json'], /there is no file none\.json/],
    ['a folder', ['.'], /cannot be read \(EISDIR\)/],
    ['one half of a pair', ['blackbox.yml'], /one half.*prometheus\.yml/],
    ['the same half twice', ['blackbox.yml', 'blackbox.yml'], /neither file has scrape_configs/],
    ['a database of something else', ['other.db'], /cannot be read as a database|not one of Uptime Kuma/],
    ['a file without anything to watch', ['empty.json'], /found nothing to watch/],
  ];
  for (const [what, words, expected] of refusals) {
    test(`refuses ${what}`, async (context) => {
      const files = {'blackbox.yml': read('blackbox.yml'), 'empty.json': '{"websites": {}}'};
      const cwd = folderWith(context, {...files, 'other.db': Buffer.from(`SQLite format 3\0${'x'.repeat(200)}`)});
      const {code, stdout, stderr} = await vakhta(['import', ...words], {cwd});
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, expected);
      assert.equal(existsSync(join(cwd, '.env')), false);
    });
  }

  test('never overwrites an .env file, but takes one that has the secrets already', async (context) => {
    const cwd = folderWith(context, {'in.env': read('recovery.env'), '.env': 'MINE=1\n'});
    const refused = await vakhta(['import', 'in.env'], {cwd});
    assert.deepEqual([refused.code, refused.stdout], [2, '']);
    assert.match(refused.stderr, /\.env is there already and is not overwritten/);
    assert.equal(readFileSync(join(cwd, '.env'), 'utf8'), 'MINE=1\n');
    for (const said of [/2 secrets written to other\.env/, /2 secrets found in other\.env already/]) {
      const {code, stderr} = await vakhta(['import', 'in.env', '--env', 'other.env'], {cwd});
      assert.equal(code, 0, stderr);
      assert.match(stderr, said);
    }
  });

  test('puts the secrets beside the config that --config names', async (context) => {
    const cwd = folderWith(context, {'in.env': read('recovery.env')});
    const {code} = await vakhta(['import', 'in.env', '--config', './config.yaml'], {cwd});
    assert.equal(code, 0);
    assert.ok(existsSync(join(cwd, '.env')));
  });

  test('makes names that are allowed and different, and keeps control characters out of comments', async (context) => {
    const websites = Object.fromEntries(
      [
        'a b',
        'a/b',
        'a-b',
        '???',
        '__proto__x',
        'constructor',
        '123',
        'x'.repeat(100),
        'evil\n\u001b[2Jchecks: {}',
      ].map((name) => [name, `http://127.0.0.1:1/\${HOME}`]),
    );
    const result = await importInto(context, ['c.json'], (folder) =>
      writeFileSync(join(folder, 'c.json'), JSON.stringify({websites})),
    );
    await assertValid(result.folder);
    assert.equal(Object.keys(result.at('checks') as object).length, 9);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there.
    assert.doesNotMatch(result.text, /\u001b/);
    assert.match(result.text, /127\.0\.0\.1:1\/\$\$\{HOME\}/);
  });
});
