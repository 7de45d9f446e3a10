import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {compileExpectations, expectations} from '../../src/checks/expect.ts';
import {type Names, translate} from '../../src/import/gatus-conditions.ts';

const VARIABLES = {
  ...{status: 'int', headers: 'map<string, string>', body: 'string', json: 'dyn', latency_ms: 'double'},
  ...{cert_days: 'double', remote_ip: 'string', answers: 'list<string>', rcode: 'string'},
};
const HTTP: Names = {
  ...{status: 'status', ip: 'remote_ip', latency: 'latency_ms', body: 'body', json: true, certificate: 'cert_days'},
  ...{rcode: 'rcode', connected: 'proven'},
};
const json = {status: 'UP', data: {id: 5, 'a-b': true, list: [{x: 1.5}, {x: 2}]}, errors: [], version: '12'};
const values = {
  ...{status: 200n, headers: {}, body: 'say welcome home', json, latency_ms: 120, cert_days: 10},
  ...{remote_ip: '10.0.0.1', answers: ['93.184.1.2', '93.184.1.3'], rcode: 'NOERROR'},
};

/** Each holds for the values above; `false` where it does not. */
const CONDITIONS: [condition: string, cel: string, holds: boolean][] = [
  ['[STATUS] == 200', 'status == 200', true],
  ['[STATUS] != 200', 'status != 200', false],
  ['[STATUS] == any(200, 429)', '(status == 200 || status == 429)', true],
  ['[STATUS] != any(500, 503)', '!(status == 500 || status == 503)', true],
  ['200 == [STATUS]', 'status == 200', true],
  ['300 > [RESPONSE_TIME]', 'latency_ms < 300', true],
  ['[RESPONSE_TIME] < 1s', 'latency_ms < 1000', true],
  ['[BODY].status == UP', 'json.status == "UP"', true],
  ['[BODY].status == any(UP, 1)', '(json.status == "UP" || json.status == 1)', true],
  ['[BODY].data.id == 5', 'json.data.id == 5', true],
  ['[BODY].data.a-b == true', 'json.data["a-b"] == true', true],
  ['[BODY].data.list[1].x >= 2', 'json.data.list[1].x >= 2', true],
  ['[BODY] == pat(*welcome*)', 'body.contains("welcome")', true],
  ['[BODY] != pat(*goodbye*)', '!body.contains("goodbye")', true],
  ['[BODY].status == pat(U?)', 'json.status.matches("^U[\\\\s\\\\S]$")', true],
  ['len([BODY].data.list) == 2', 'size(json.data.list) == 2', true],
  ['len([BODY].errors) > 0', 'size(json.errors) > 0', false],
  ['has([BODY].errors) == true', 'has(json.errors)', true],
  ['has([BODY].nothing) == false', '!has(json.nothing)', true],
  ['[CERTIFICATE_EXPIRATION] > 48h', 'cert_days > 2.0', true],
  ['[CERTIFICATE_EXPIRATION] > 36h', 'cert_days > 1.5', true],
  ['[IP] == 10.0.0.1', 'remote_ip == "10.0.0.1"', true],
  ['[DNS_RCODE] == NOERROR', 'rcode == "NOERROR"', true],
];

describe('a condition of Gatus', () => {
  for (const [condition, expected, holds] of CONDITIONS) {
    test(`${condition} is ${expected}`, () => {
      const translated = translate(condition, HTTP);
      assert.deepEqual(translated, {kind: 'cel', text: expected});
      assert.deepEqual(expectations(VARIABLES).safeParse([expected]).error?.issues ?? [], []);
      const unmet = compileExpectations([expected], VARIABLES).unmet(values);
      assert.equal(unmet === undefined, holds, String(unmet));
    });
  }

  const ANSWERS: [string, string, boolean][] = [
    ['[BODY] == 93.184.1.2', '"93.184.1.2" in answers', true],
    ['[BODY] != 93.184.1.2', '!("93.184.1.2" in answers)', false],
    ['[BODY] == any(1.1.1.1, 93.184.1.3)', 'answers.exists(a, a in ["1.1.1.1", "93.184.1.3"])', true],
    ['[BODY] == pat(93.184.*)', 'answers.exists(a, a.matches("^93\\\\.184\\\\.[\\\\s\\\\S]*$"))', true],
  ];
  for (const [condition, expected, holds] of ANSWERS) {
    test(`${condition} of a name server is ${expected}`, () => {
      assert.deepEqual(translate(condition, {answers: 'answers', connected: 'proven'}), {kind: 'cel', text: expected});
      assert.equal(compileExpectations([expected], VARIABLES).unmet(values) === undefined, holds);
    });
  }

  test('that a connection proves by itself is needless', () => {
    assert.deepEqual(translate('[CONNECTED] == true', HTTP), {kind: 'needless'});
  });

  for (const condition of [
    '[DOMAIN_EXPIRATION] > 720h',
    '[CONNECTED] == false',
    '[STATUS]',
    '[STATUS] == [BODY].code',
    '[RESPONSE_TIME] < soon',
    '[BODY].users[*].name == x',
    '[UNHEARD_OF] == 1',
  ]) {
    test(`${condition} has no equal`, () => assert.equal(translate(condition, HTTP).kind, 'unknown'));
  }
});
