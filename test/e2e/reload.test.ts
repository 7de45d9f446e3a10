import assert from 'node:assert/strict';
import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {ANNA, assertClean, BORIS, type Chat, startChat} from './chat.ts';

describe('a changed configuration', {concurrency: 3}, () => {
  test('is taken without a restart; what is known is kept, and what changed is told', async (context) => {
    const chat = await startChat(context);
    const {telegram, api, vakhta} = chat;
    await vakhta.start();
    api.break();
    await telegram.waitFor(() => chat.cards()[0], {what: 'the card', timeoutMs: 10_000});
    chat.type(BORIS, '/ack billing-api on it');
    chat.type(BORIS, '/silence other* 2h');
    await telegram.waitFor(() => says(chat, /Silenced|matches no check/));
    const pid = vakhta.pid;
    edit(chat, (text) => `${text}  other: {type: http, url: '${api.url}/health', depends_on: [billing-api]}\n`);
    await telegram.waitFor(() => says(chat, /read again: 1 added: other/), {timeoutMs: 15_000, what: 'the summary'});
    assert.equal(vakhta.pid, pid);
    chat.type(ANNA, '/status');
    await telegram.waitFor(() => says(chat, /billing-api · HTTP 503 .*Boris/), {timeoutMs: 10_000});
    api.mend();
    await telegram.waitFor(() => chat.recoveries()[0], {timeoutMs: 15_000, what: 'the recovery of the incident'});
    assert.equal(chat.cards().length, 1, 'the incident was not opened again');
    assertClean(chat);
  });

  test('with mistakes is refused with one message, and the former one goes on', async (context) => {
    const chat = await startChat(context);
    const {telegram, api, vakhta} = chat;
    await vakhta.start();
    await chat.checks(1);
    edit(chat, (text) => text.replace('type: http', 'type: htp'));
    await telegram.waitFor(() => says(chat, /has mistakes; the former one goes on/), {timeoutMs: 15_000});
    assert.ok(says(chat, /config\.yaml:\d+:\d+ checks\.billing-api\.type: expected one of/));
    api.break();
    await telegram.waitFor(() => chat.cards()[0], {timeoutMs: 15_000, what: 'the former configuration’s alert'});
    assert.equal(chat.said().filter(({text}) => text.includes('has mistakes')).length, 1);
    assertClean(chat);
  });

  test('that no longer has a check closes its open incident with that word', async (context) => {
    const chat = await startChat(context);
    const {telegram, api, vakhta} = chat;
    await vakhta.start();
    api.break();
    await telegram.waitFor(() => chat.cards()[0], {what: 'the card', timeoutMs: 10_000});
    edit(chat, (text) => text.replace('  billing-api:\n', '  billing-api-2:\n'));
    await telegram.waitFor(() => says(chat, /billing-api is no longer watched/), {timeoutMs: 15_000});
    await telegram.waitFor(() => says(chat, /billing-api left the configuration/));
    assertClean(chat);
  });

  test('is read at once on SIGHUP and on an admin’s /reload, and not for an operator', async (context) => {
    const chat = await startChat(context);
    const {telegram, vakhta} = chat;
    await vakhta.start();
    process.kill(vakhta.pid ?? 0, 'SIGHUP');
    await telegram.waitFor(() => says(chat, /read again: nothing changed/), {timeoutMs: 10_000});
    chat.type(BORIS, '/reload');
    await telegram.waitFor(() => says(chat, /needs the role admin/), {timeoutMs: 10_000});
    chat.type(ANNA, '/reload');
    await telegram.waitFor(() => chat.said().filter(({text}) => /read again/.test(text)).length === 2, {
      timeoutMs: 10_000,
    });
    assertClean(chat);
    assert.equal(await vakhta.stop(), 0);
  });
});

function says(chat: Chat, pattern: RegExp): boolean {
  return chat.said().some(({text}) => pattern.test(text));
}

function edit({vakhta}: Chat, change: (text: string) => string): void {
  const file = join(vakhta.folder, 'config.yaml');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}
