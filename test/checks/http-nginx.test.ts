import assert from 'node:assert/strict';
import {copyFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {after, before, suite, test} from 'node:test';
import {needs} from '../support/packages.ts';
import {type Authority, createAuthority, type Pair} from './certificates.ts';
import {startNginx} from './nginx.ts';
import {createLife, runOnce, verdict} from './servers.ts';

const KIND = 'http';
const OK = {result: 'ok', reason: ''};
const PASSWORDS = 'anna:{PLAIN}p@ss-wörd\n';

suite('http against nginx', needs('nginx'), () => {
  const life = createLife();
  after(life.end);
  let authority: Authority;
  let good: Pair;
  let client: Pair;
  let port: (name: string) => number;

  before(async () => {
    authority = await createAuthority(life);
    good = authority.issue('good');
    client = authority.issue('client');
    const [expired, other] = [
      authority.issue('expired', {days: -1}),
      authority.issue('other', {names: 'DNS:elsewhere.example'}),
    ];
    const tls = ({cert, key}: Pair) => `ssl_certificate ${cert}; ssl_certificate_key ${key};`;
    port = await startNginx(
      life,
      (folder) => `
      server { listen 127.0.0.1:@plain; listen [::1]:@plain;
        location /hello { return 200 "hello"; }
        location /seen { return 200 '{"auth": "$http_authorization", "cookie": "$http_cookie", "key": "$http_x_key",
          "method": "$request_method", "agent": "$http_user_agent", "type": "$http_content_type", "serial": $connection}'; }
        location /locked { auth_basic shop; auth_basic_user_file ${folder}/passwords; }
        location /once { return 302 /seen; }
        location /twice { return 301 /once; }
        location /see { return 303 /seen; }
        location /same { return 307 /seen; }
        location /loop { return 302 /loop; }
        location /secure { return 302 https://localhost:@good/seen; }
        location /ftp { return 302 ftp://localhost/; }
      }
      server { listen 127.0.0.1:@good ssl http2; ${tls(good)}
        location /hello { return 200 "$server_protocol"; }
        location /seen { return 200 '{"auth": "$http_authorization", "cookie": "$http_cookie", "key": "$http_x_key",
          "method": "$request_method", "connection": "$http_connection", "serial": $connection}'; }
        location /away { return 307 http://127.0.0.1:@plain/seen; }
      }
      server { listen 127.0.0.1:@old ssl; ${tls(good)} location / { return 200 "$server_protocol"; } }
      server { listen 127.0.0.1:@expired ssl; ${tls(expired)} location / { return 200 ""; } }
      server { listen 127.0.0.1:@other ssl; ${tls(other)} location / { return 200 "$ssl_server_name"; } }
      server { listen 127.0.0.1:@client ssl; ${tls(good)} ssl_client_certificate ${authority.cert}; ssl_verify_client on;
        location / { return 200 "$ssl_client_s_dn"; }
        location /away { return 302 https://127.0.0.1:@asks/; }
      }
      server { listen 127.0.0.1:@asks ssl; ${tls(good)} ssl_client_certificate ${authority.cert};
        ssl_verify_client optional; location / { return 200 "$ssl_client_verify"; } }`,
      {passwords: PASSWORDS, 'html/locked': 'open'},
    );
  });

  const plain = (path: string) => `http://127.0.0.1:${port('plain')}${path}`;
  const secure = (name: string, path = '/') => `https://127.0.0.1:${port(name)}${path}`;

  test('Basic authentication opens what is locked', async () => {
    const url = plain('/locked');
    assert.deepEqual(await verdict(KIND, {url}), {result: 'failed', reason: 'HTTP 401'});
    const basic = {username: 'anna', password: 'p@ss-wörd'};
    assert.deepEqual(await verdict(KIND, {url, basic, expect: ['status == 200', 'body == "open"']}), OK);
    assert.equal((await verdict(KIND, {url, basic: {...basic, password: 's3cret'}})).reason, 'HTTP 401');
  });

  test('a bearer token is sent', async () => {
    assert.deepEqual(
      await verdict(KIND, {url: plain('/seen'), bearer: 'abc.def', expect: ['json.auth == "Bearer abc.def"']}),
      OK,
    );
  });

  test('redirects are followed as far as is allowed', async () => {
    const followed = {redirects: 2, expect: ['status == 200', 'json.agent.startsWith("vakhta/")']};
    assert.deepEqual(await verdict(KIND, {url: plain('/twice'), ...followed}), OK);
    assert.equal((await verdict(KIND, {url: plain('/twice'), redirects: 1})).reason, 'more than 1 redirect');
    assert.equal((await verdict(KIND, {url: plain('/loop'), redirects: 5})).reason, 'more than 5 redirects');
    assert.equal(
      (await verdict(KIND, {url: plain('/ftp'), redirects: 5})).reason,
      'redirected to an address that is not http',
    );
  });

  test('a redirect turns a POST into a GET, unless its status keeps it', async () => {
    const post = {body: 'x', headers: {'Content-Type': 'text/x'}, redirects: 1};
    for (const path of ['/once', '/see']) {
      const expect = ['json.method == "GET"', 'json.type == ""'];
      assert.deepEqual(await verdict(KIND, {url: plain(path), ...post, expect}), OK);
    }
    const expect = ['json.method == "POST"', 'json.type == "text/x"'];
    assert.deepEqual(await verdict(KIND, {url: plain('/same'), ...post, expect}), OK);
  });

  test('the same host gets the login again, another host gets nothing', async () => {
    const secrets = {
      bearer: 's3cret',
      headers: {Cookie: 'a=s3cret', 'X-Key': 's3cret'},
      redirects: 3,
      ca: authority.cert,
    };
    const same = ['json.auth == "Bearer s3cret"', 'json.cookie == "a=s3cret"', 'json.key == "s3cret"'];
    assert.deepEqual(await verdict(KIND, {...secrets, url: plain('/once'), expect: same}), OK);
    const other = ['json.auth == ""', 'json.cookie == ""', 'json.key == ""'];
    assert.deepEqual(await verdict(KIND, {...secrets, url: plain('/secure'), expect: other}), OK);
    assert.deepEqual(await verdict(KIND, {...secrets, url: secure('good', '/away'), expect: other}), OK);
    assert.equal(
      (await verdict(KIND, {...secrets, url: secure('good', '/away'), body: 'pin=s3cret'})).reason,
      'redirected to another host, which does not get the body',
    );
  });

  test('an own authority is trusted, and the days that the certificate has left are a value', async () => {
    const url = secure('good', '/hello');
    assert.match((await verdict(KIND, {url})).reason, /^TLS: certificate comes from an unknown authority/);
    const expect = ['cert_days > 29', 'cert_days < 30.1', 'remote_ip == "127.0.0.1"'];
    const [observation] = await runOnce(KIND, {url, ca: authority.cert, expect});
    assert.equal(observation?.reason, '');
    assert.ok(Math.abs((observation?.values?.cert_days ?? 0) - 30) < 0.1);
    assert.equal(
      (await verdict(KIND, {url, ca: authority.cert, expect: ['cert_days > 60']})).reason.replace(/[\d.]+$/, 'N'),
      'cert_days > 60: it is N',
    );
    assert.equal(
      (await verdict(KIND, {url: plain('/hello'), expect: ['cert_days > 60']})).reason,
      'cert_days: there is no certificate without https',
    );
  });

  test('an expired certificate and one of another host are the reason, unless insecure', async () => {
    const ca = authority.cert;
    assert.equal((await verdict(KIND, {url: secure('expired'), ca})).reason, 'TLS: certificate has expired');
    assert.equal((await verdict(KIND, {url: secure('other'), ca})).reason, 'TLS: certificate is for another host name');
    assert.deepEqual(await verdict(KIND, {url: secure('expired'), insecure: true, expect: ['cert_days < 0']}), OK);
    assert.deepEqual(await verdict(KIND, {url: secure('other'), insecure: true}), OK);
  });

  test('server_name is asked for and verified instead of the host', async () => {
    const given = {url: secure('other'), ca: authority.cert, server_name: 'elsewhere.example'};
    assert.deepEqual(await verdict(KIND, {...given, expect: ['body == "elsewhere.example"']}), OK);
  });

  test('a client certificate is shown to its server and to no other', async () => {
    const ca = authority.cert;
    assert.equal((await verdict(KIND, {url: secure('client'), ca})).reason, 'HTTP 400');
    const named = {url: secure('client'), ca, ...client, expect: ['body.contains("CN=client")']};
    assert.deepEqual(await verdict(KIND, named), OK);
    const away = {url: secure('client', '/away'), ca, ...client, redirects: 1, expect: ['body == "NONE"']};
    assert.deepEqual(await verdict(KIND, away), OK);
  });

  test('a certificate file that is renewed is read again, and a bad one is the reason', async () => {
    const ca = join(authority.folder, 'renewed.pem');
    const given = {url: secure('good', '/hello'), ca};
    const options = {timeoutMs: 5_000};
    assert.equal((await verdict(KIND, given, options)).reason, `ca: no file ${ca}`);
    await writeFile(ca, 'not a certificate');
    assert.equal((await verdict(KIND, given, options)).reason, `ca: ${ca} is not a PEM file`);
    await writeFile(ca, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    assert.match((await verdict(KIND, given, options)).reason, /ca: OpenSSL refuses it/);
    await copyFile(authority.cert, ca);
    assert.deepEqual(await verdict(KIND, given, options), OK);
    const swapped = {...given, cert: client.cert, key: good.key};
    assert.equal((await verdict(KIND, swapped)).reason, 'cert and key do not belong together');
  });

  test('HTTP/2 is spoken where it is asked for, and only there', async () => {
    const ca = authority.cert;
    const url = secure('good', '/hello');
    assert.deepEqual(await verdict(KIND, {url, ca, expect: ['body == "HTTP/1.1"']}), OK);
    const http2 = {
      url,
      ca,
      http: 2,
      headers: {'X-Key': 'k'},
      expect: ['status == 200', 'body == "HTTP/2.0"', 'cert_days > 1'],
    };
    assert.deepEqual(await verdict(KIND, http2), OK);
    const seen = {...http2, url: secure('good', '/seen'), expect: ['json.key == "k"', 'json.connection == ""']};
    assert.deepEqual(await verdict(KIND, seen), OK);
    assert.equal(
      (await verdict(KIND, {...http2, url: secure('old')})).reason,
      'TLS: the server does not speak this version of HTTP',
    );
  });

  test('IPv6 is reached by its address, and by name where only that family is wanted', async () => {
    const expect = ['body == "hello"', 'remote_ip == "::1"'];
    assert.deepEqual(await verdict(KIND, {url: `http://[::1]:${port('plain')}/hello`, expect}), OK);
    const named = `http://localhost:${port('plain')}/hello`;
    assert.deepEqual(await verdict(KIND, {url: named, family: 4, expect: ['remote_ip == "127.0.0.1"']}), OK);
    assert.equal(
      (await verdict(KIND, {url: 'http://no-such-host.invalid/', family: 6})).reason.split(' ').pop(),
      '(IPv6)',
    );
  });

  test('the body of a HEAD or an empty answer is empty', async () => {
    const head = {
      url: plain('/hello'),
      method: 'HEAD',
      expect: ['status == 200', 'body == ""', 'headers["content-length"] == "5"'],
    };
    assert.deepEqual(await verdict(KIND, head), OK);
  });
});
