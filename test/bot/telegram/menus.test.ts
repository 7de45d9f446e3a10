import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {ANNA, BORIS, CLARA, configWith, GROUP} from '../world.ts';
import {startChat} from './chat.ts';

describe('the menu of commands', () => {
  test('offers everybody what a viewer may do, and known people what their role may', async (context) => {
    const {telegram, listen} = await startChat(context);
    await listen();
    const names = (scope?: object) => telegram.commands(scope).map(({command}) => command);
    const member = (user: number) => ({type: 'chat_member', chat_id: GROUP, user_id: user});
    await telegram.waitFor(() => names(member(CLARA)).length > 0, {what: 'the last menu'});
    assert.ok(names().includes('status') && !names().includes('ack'));
    assert.ok(names(member(BORIS)).includes('ack') && !names(member(BORIS)).includes('reload'));
    assert.ok(names({type: 'chat', chat_id: ANNA}).includes('reload'));
    assert.deepEqual(names(member(CLARA)), names());
    assert.deepEqual(telegram.violations, []);
  });

  test('of somebody who never wrote to the bot is left out, and the others are set', async (context) => {
    const users = new Map([[999, {id: 999, name: 'Nina', role: 'admin'} as const], ...configWith().users]);
    const {telegram, listen, lines} = await startChat(context, {users});
    await listen();
    const scope = {type: 'chat_member', chat_id: GROUP, user_id: CLARA};
    await telegram.waitFor(() => telegram.commands(scope).length > 0, {what: 'the last menu'});
    assert.deepEqual(telegram.commands({type: 'chat', chat_id: 999}), []);
    assert.deepEqual(
      lines.filter(({level}) => level >= 40),
      [],
    );
  });
});
