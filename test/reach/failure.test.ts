import assert from 'node:assert/strict';
import {test} from 'node:test';
import {TimedOut} from '../../src/clock.ts';
import {isOfTheWorld, reasonFor} from '../../src/reach/failure.ts';

const withCode = (code: string) => Object.assign(new Error('s3cret'), {code});

for (const [error, reason] of [
  [withCode('ECONNREFUSED'), 'connection refused'],
  [withCode('CERT_HAS_EXPIRED'), 'TLS: certificate has expired'],
  [withCode('ERR_TLS_CERT_ALTNAME_INVALID'), 'TLS: certificate is for another host name'],
  [withCode('ERR_SSL_WRONG_VERSION_NUMBER'), 'TLS: the handshake failed (ERR_SSL_WRONG_VERSION_NUMBER)'],
  [withCode('ENOTFOUND'), 'DNS: no such host till.example'],
  [withCode('EAI_AGAIN'), 'DNS: the name server does not answer for till.example'],
  [withCode('ESOMETHING'), 'ESOMETHING'],
  // A name with several addresses: all attempts have failed, and the first one speaks for them.
  [new AggregateError([withCode('ECONNREFUSED'), withCode('ENETUNREACH')]), 'connection refused'],
  [new Error('s3cret'), 'an error without a code'],
] as const) {
  test(`${error.name} ${'code' in error ? String(error.code) : ''} is told as "${reason}"`, () => {
    assert.equal(reasonFor(error, {host: 'till.example'}), reason);
  });
}

test('the deadline is the reason when it is what ended the try', () => {
  const reason = (ms: number) => reasonFor(withCode('ECONNRESET'), {signal: AbortSignal.abort(new TimedOut(ms))});
  assert.deepEqual(
    [reason(10_000), reason(1_500), reason(250)],
    ['no answer within 10 s', 'no answer within 1.5 s', 'no answer within 0.25 s'],
  );
});

test('errors of the world are told from bugs', () => {
  for (const error of [withCode('ECONNRESET'), withCode('UND_ERR_SOCKET'), new AggregateError([])])
    assert.ok(isOfTheWorld(error));
  for (const error of [new TypeError('x'), withCode('ERR_INVALID_ARG_TYPE'), withCode('UND_ERR_INVALID_ARG'), 'text']) {
    assert.ok(!isOfTheWorld(error));
  }
});
