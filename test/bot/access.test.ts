import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {type Approach, admit, mayDo} from '../../src/bot/access.ts';
import type {Role} from '../../src/config/config.ts';
import {ANNA, BORIS, CLARA, configWith, GROUP, STRANGER} from './world.ts';

const {users} = configWith();
const doors = {users, isOurChat: (chatId: number) => chatId === GROUP};
const OTHER_GROUP = -1009;

const person = (id: number) => ({id, isBot: false});
const plain: Omit<Approach, 'from'> = {
  chatId: GROUP,
  isPrivate: false,
  hasSenderChat: false,
  isForward: false,
  isEdit: false,
};
const atHome = (id: number) => ({chatId: id, isPrivate: true, from: person(id)});

describe('who is let in', () => {
  const table: [string, Partial<Approach>, string][] = [
    ['an admin in our group', {from: person(ANNA)}, 'in'],
    ['an operator in our group', {from: person(BORIS)}, 'in'],
    ['a viewer in our group', {from: person(CLARA)}, 'in'],
    ['a stranger in our group', {from: person(STRANGER)}, 'unknown_user'],
    ['an admin in a private chat', atHome(ANNA), 'in'],
    ['a viewer in a private chat', atHome(CLARA), 'in'],
    ['a stranger in a private chat', atHome(STRANGER), 'unknown_user'],
    ['an admin in somebody else’s private chat', {...atHome(STRANGER), from: person(ANNA)}, 'unknown_chat'],
    ['an admin in a group with his own id', {chatId: ANNA, from: person(ANNA)}, 'unknown_chat'],
    ['an admin in a foreign group', {chatId: OTHER_GROUP, from: person(ANNA)}, 'unknown_chat'],
    ['a stranger in a foreign group', {chatId: OTHER_GROUP, from: person(STRANGER)}, 'unknown_user'],
    // `from` is a placeholder, or says who posts through a channel; neither proves anything.
    ['an anonymous administrator', {from: person(ANNA), hasSenderChat: true}, 'sender_chat'],
    ['a channel', {from: {id: 136_817_688, isBot: true}, hasSenderChat: true}, 'sender_chat'],
    ['nobody at all', {from: undefined}, 'no_sender'],
    ['a bot with an admin’s id', {from: {id: ANNA, isBot: true}}, 'bot'],
    ['what an admin forwards', {from: person(ANNA), isForward: true}, 'forward'],
    ['what an admin edits', {from: person(ANNA), isEdit: true}, 'edit'],
  ];
  for (const [who, approach, expected] of table) {
    test(`${who}: ${expected}`, () => {
      const admission = admit({...plain, from: undefined, ...approach}, doors);
      assert.equal(admission.admitted ? 'in' : admission.why, expected);
    });
  }

  test('whoever is let in is the configured user', () => {
    assert.deepEqual(admit({...plain, from: person(BORIS)}, doors), {admitted: true, user: users.get(BORIS)});
  });
});

describe('what a role may do', () => {
  const roles: Role[] = ['viewer', 'operator', 'admin'];
  for (const [rank, role] of roles.entries()) {
    for (const [needed, what] of roles.entries()) {
      const may = rank >= needed;
      test(`${role}: ${may ? '' : 'not '}what needs ${what}`, () => assert.equal(mayDo(role, what), may));
    }
  }
});
