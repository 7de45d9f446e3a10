import assert from 'node:assert/strict';
import {once} from 'node:events';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {startMicrosocks, startTinyproxy} from '../checks/proxies.ts';
import {needs} from '../support/packages.ts';
import {assertClean, BORIS, startChat} from './chat.ts';

const PASSWORDS = ['s3cret-one', 's3cret-two'] as const;

const both = needs('microsocks').skip ? needs('microsocks') : needs('tinyproxy');

test(
  'a proxy that is killed under the program is replaced by the next; nothing is lost, nothing doubled',
  both,
  async (context) => {
    const socks = await startMicrosocks(context, {login: {user: 'anna', password: PASSWORDS[0]}});
    const http = await startTinyproxy(context, [`BasicAuth anna ${PASSWORDS[1]}`]);
    const first = `socks5://anna:${PASSWORDS[0]}@127.0.0.1:${socks.port}`;
    const second = `http://anna:${PASSWORDS[1]}@127.0.0.1:${http.port}`;
    const chat = await startChat(context, {telegram: `proxy: [${first}, ${second}]`});
    const {telegram, api, vakhta} = chat;
    await vakhta.start();
    await telegram.waitFor(() => telegram.isPolling());
    api.break();
    await telegram.waitFor(() => chat.cards()[0], {what: 'the alert card', timeoutMs: 10_000});
    // The answer to the card has come back through the proxy too; else the card would be in doubt.
    await chat.checks(1);
    socks.child.kill('SIGKILL');
    await once(socks.child, 'exit');
    api.mend();
    await telegram.waitFor(() => chat.recoveries()[0], {what: 'the recovery', timeoutMs: 20_000});
    await telegram.waitFor(() => telegram.isPolling(), {what: 'the poll by the other way'});
    chat.type(BORIS, '/status');
    await telegram.waitFor(() => chat.said().some(({text}) => text.includes('billing-api') && !/back|down/.test(text)));
    http.child.kill('SIGKILL');
    await once(http.child, 'exit');
    await vakhta.waitFor(() => vakhta.output.includes('ECONNREFUSED; '), 'word that no way is left', 40_000);
    assert.deepEqual([chat.cards().length, chat.recoveries().length], [1, 1]);
    assert.doesNotMatch(
      chat
        .said()
        .map(({text}) => text)
        .join(),
      /repeated/,
    );
    assertClean(chat);
    assert.match(vakhta.output, new RegExp(`"by":"127.0.0.1:${socks.port}"[^}]*Telegram is not reached this way`));
    assert.equal(await vakhta.stop(), 0);
    const data = join(vakhta.folder, 'data');
    const files = readdirSync(data, {recursive: true, withFileTypes: true}).filter((entry) => entry.isFile());
    const texts = [vakhta.output, ...files.map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'))];
    for (const [index, password] of PASSWORDS.entries()) {
      const basic = Buffer.from(`anna:${password}`).toString('base64');
      for (const text of texts)
        assert.ok(!text.includes(password) && !text.includes(basic), `password ${index} is told`);
    }
  },
);
