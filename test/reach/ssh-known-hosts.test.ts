import assert from 'node:assert/strict';
import {createHmac} from 'node:crypto';
import {test} from 'node:test';
import {keysOf} from '../../src/reach/ssh-known-hosts.ts';

const hashed = (name: string) => {
  const salt = Buffer.from('0123456789abcdefghij');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};

const ROWS: readonly [what: string, line: string, host: string, port: number, trusted: boolean][] = [
  ['a plain name', 'till ssh-ed25519 AAA', 'till', 22, true],
  ['a name in capitals', 'Till ssh-ed25519 AAA', 'tILL', 22, true],
  ['another name', 'till2 ssh-ed25519 AAA', 'till', 22, false],
  ['one of several names', 'till,10.0.0.7 ssh-ed25519 AAA comment here', '10.0.0.7', 22, true],
  ['tabs between the fields', 'till\tssh-ed25519\tAAA', 'till', 22, true],
  ['another port', '[till]:2222 ssh-ed25519 AAA', 'till', 2222, true],
  ['the standard port for another one', 'till ssh-ed25519 AAA', 'till', 2222, false],
  ['another port for the standard one', '[till]:2222 ssh-ed25519 AAA', 'till', 22, false],
  ['IPv6 with a port', '[fd00::7]:2222 ssh-ed25519 AAA', 'fd00::7', 2222, true],
  ['a pattern', '*.shop.example ssh-ed25519 AAA', 'till.shop.example', 22, true],
  ['a pattern with one unknown character', 'till? ssh-ed25519 AAA', 'till10', 22, false],
  ['a dot, which is no wildcard', 'a.b ssh-ed25519 AAA', 'axb', 22, false],
  ['a negation', '*.example,!bad.example ssh-ed25519 AAA', 'bad.example', 22, false],
  ['a negation of another', '*.example,!bad.example ssh-ed25519 AAA', 'good.example', 22, true],
  ['a hashed name', `${hashed('till')} ssh-ed25519 AAA`, 'till', 22, true],
  ['another hashed name', `${hashed('till2')} ssh-ed25519 AAA`, 'till', 22, false],
  ['a hashed name with a port', `${hashed('[till]:2222')} ssh-ed25519 AAA`, 'till', 2222, true],
  ['a broken hash', '|1|x|y ssh-ed25519 AAA', 'till', 22, false],
  ['a comment', '# till ssh-ed25519 AAA', 'till', 22, false],
  ['a certificate authority', '@cert-authority till ssh-ed25519 AAA', 'till', 22, false],
  ['a line without a key', 'till ssh-ed25519', 'till', 22, false],
];

for (const [what, line, host, port, trusted] of ROWS) {
  test(`known_hosts with ${what} ${trusted ? 'names' : 'does not name'} the host`, () => {
    const keys = keysOf(`\n${line}\r\n`, {host, port});
    assert.deepEqual(keys, {trusted: trusted ? [{type: 'ssh-ed25519', key: 'AAA'}] : [], revoked: []});
  });
}

test('a host may have several keys, and revoked ones', () => {
  const text = 'till ssh-ed25519 AAA\n@revoked * ssh-rsa BBB\ntill,x ecdsa-sha2-nistp256 CCC\n';
  assert.deepEqual(keysOf(text, {host: 'till', port: 22}), {
    trusted: [
      {type: 'ssh-ed25519', key: 'AAA'},
      {type: 'ecdsa-sha2-nistp256', key: 'CCC'},
    ],
    revoked: ['BBB'],
  });
});
