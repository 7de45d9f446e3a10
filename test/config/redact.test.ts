import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createRedact, redactReasons} from '../../src/config/redact.ts';

const rows: [what: string, secrets: string[], text: string, expected: string][] = [
  ['a secret, each time', ['hunter2-x'], 'a hunter2-x b hunter2-x', 'a [redacted] b [redacted]'],
  ['nothing for an empty secret', [''], 'hello', 'hello'],
  ['the longer of two that begin alike', ['hunter', 'hunter2-long'], 'is hunter2-long.', 'is [redacted].'],
  ['what JSON has escaped', ['p"a\\ss'], '{"msg":"p\\"a\\\\ss"}', '{"msg":"[redacted]"}'],
  [
    'what was quoted and then written as JSON',
    ['p"ass-x'],
    '{"reason":"it is \\"p\\\\\\"ass-x\\""}',
    '{"reason":"it is \\"[redacted]\\""}',
  ],
  // A server's error page repeats the path and the login that it was asked with.
  ['the query of an address', ['http://h/x?key=abcdef123'], 'no /x?key=abcdef123', 'no /x[redacted]'],
  ['a value of its query alone', ['http://h/x?key=abc%20def123'], 'key "abc def123"', 'key "[redacted]"'],
  ['its password', ['http://u:pass%21word@h/'], 'for pass!word or pass%21word', 'for [redacted] or [redacted]'],
  ['its login as a header', ['http://u:password@h/'], `Basic ${btoa('u:password')}`, 'Basic [redacted]'],
  ['no short part of it', ['http://u:pw@h/?a=b'], 'a=b for u with pw', 'a=b for u with pw'],
  // Reasons are cut to one line of a chat, wherever that falls.
  ['what a cut has left of it', ['0123456789abcdef'], 'it is "0123456789…"', 'it is "[redacted]…"'],
  ['no short beginning before a cut', ['0123456789abcdef'], 'it is "0123…"', 'it is "0123…"'],
];
for (const [what, secrets, text, expected] of rows) {
  test(`redaction strikes out ${what}`, () => assert.equal(createRedact(secrets)(text), expected));
}

test('an observation whose reason holds no secret stays as it is', () => {
  const observation = {check: 'api', at: 0, result: 'failed', reason: 'HTTP 503', latencyMs: 1} as const;
  const redact = createRedact(['secret-1']);
  assert.deepEqual(redactReasons([observation], redact), [observation]);
  assert.equal(redactReasons([{...observation, reason: 'no secret-1'}], redact)[0]?.reason, 'no [redacted]');
});
