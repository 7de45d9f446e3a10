import assert from 'node:assert/strict';
import {describe, it} from 'node:test';
import type {AccessChange, Invite, InvitedUser, Store} from '../../src/store/store.ts';
import {inFolder, START, withStore} from './folder.ts';

const by = {id: 111, name: 'Anna'};
const invite: Invite = {
  ...{id: 1, hash: 'ab12', role: 'operator', groups: ['shops'], by},
  ...{at: START, expiresAt: START + 1_000},
};
const user: InvitedUser = {id: 444, name: 'Dora', role: 'operator', groups: ['shops'], by, at: START};
const change = (store: Store, ...access: AccessChange[]) => store.commit({now: START, access, durable: true});

describe('people and invites', () => {
  it('are the same after a restart', () =>
    inFolder(async (folder) => {
      const first: Invite = {id: 2, hash: 'cd34', role: 'admin', by, at: START, expiresAt: START + 1_000, first: true};
      await withStore(folder, ({store}) => {
        for (const one of [invite, first]) change(store, {kind: 'invited', invite: one});
        change(store, {kind: 'joined', invite: 1, user});
      });
      await withStore(folder, ({store: {access}}) => {
        assert.deepEqual(access.users(), [user]);
        assert.deepEqual(access.user(444), user);
        assert.equal(access.user(445), undefined);
        assert.deepEqual(access.invites(START), [first]);
        assert.deepEqual(access.invite('cd34', START), first);
        assert.equal(access.nextInvite(), 3);
      });
    }));

  it('a used, revoked or late invite is none', () =>
    inFolder((folder) =>
      withStore(folder, ({store}) => {
        change(store, {kind: 'invited', invite});
        assert.deepEqual(store.access.invite('ab12', START + 999), invite);
        assert.equal(store.access.invite('ab12', START + 1_000), undefined);
        assert.equal(store.access.invite('AB12', START), undefined);
        change(store, {kind: 'invite_revoked', id: 1});
        assert.equal(store.access.invite('ab12', START), undefined);
        change(store, {kind: 'joined', invite: 1, user});
        assert.deepEqual(store.access.users(), []);
      }),
    ));

  it('whoever comes second with the same invite does not come in', () =>
    inFolder((folder) =>
      withStore(folder, ({store}) => {
        change(store, {kind: 'invited', invite});
        change(store, {kind: 'joined', invite: 1, user});
        change(store, {kind: 'joined', invite: 1, user: {...user, id: 445}});
        assert.deepEqual(
          store.access.users().map(({id}) => id),
          [444],
        );
        change(store, {kind: 'user_revoked', id: 444});
        assert.deepEqual(store.access.users(), []);
      }),
    ));
});
