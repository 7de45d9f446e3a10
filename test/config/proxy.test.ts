import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {createFolder} from './folder.ts';

const CHECKS = 'checks: {a: {type: http, url: "http://127.0.0.1:1/"}}';
const configOf = (proxy: string) => `telegram:\n  token: "1:abcdefgh"\n  proxy: ${proxy}\n${CHECKS}\n`;

describe('telegram.proxy', () => {
  const taken: [string, string[]][] = [
    ['[]', []],
    ['socks5://127.0.0.1:1080', ['socks5://127.0.0.1:1080']],
    ['[https://h:443, "socks5h://[::1]:1080/", direct]', ['https://h:443', 'socks5h://[::1]:1080/', 'direct']],
    ['["http://anna@h:1", "socks5://anna:a%2Fb@h"]', ['http://anna@h:1', 'socks5://anna:a%2Fb@h']],
    [`'\${WAY}'`, ['http://anna:hunter22@h:1']],
  ];
  for (const [written, ways] of taken) {
    test(`takes ${written}`, (t) => {
      const env = {WAY: 'http://anna:hunter22@h:1'};
      assert.deepEqual(createFolder(t).config(configOf(written), env).telegram?.proxies, ways);
    });
  }

  const refused: [string, string][] = [
    ['7', ''],
    ['{a: 1}', ''],
    ['ftp://anna:hunter22@h', ''],
    ['[direct, "http://anna:hunter22@h/path"]', '[1]'],
    // SOCKS5 has no name without a password.
    ['socks5://hunter22@h:1', ''],
    ['"http://anna:hunter22%zz@h:1"', ''],
    ['http://h:hunter22', ''],
    [`'\${WAY}'`, ''],
  ];
  for (const [written, place] of refused) {
    test(`refuses ${written}, names the place and the cure, and shows no password`, (t) => {
      const [found = '', ...others] = createFolder(t).problems(configOf(written), {WAY: 'hunter22'});
      assert.match(found, /^config\.yaml:3:\d+ telegram\.proxy/);
      assert.ok(
        found.includes(`telegram.proxy${place}: expected socks5://HOST:PORT, http://HOST:PORT or https`),
        found,
      );
      assert.doesNotMatch(found, /hunter22/);
      assert.deepEqual(others, []);
    });
  }

  test('the addresses are secrets, and the word direct is none', (t) => {
    const loaded = createFolder(t).load(configOf('[socks5://anna:hunter22@h:1, "socks5://127.0.0.1:1", direct]'), {});
    assert.ok(loaded.ok);
    assert.deepEqual(loaded.secrets, ['1:abcdefgh', 'socks5://anna:hunter22@h:1']);
  });
});
