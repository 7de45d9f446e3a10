import type {Role} from '../../../src/config/config.ts';

/** What one command asks of whoever gives it. Written down a second time on purpose: a role that changes is to be noticed. */
export interface Right {
  /** What follows the command's name. */
  readonly text: string;
  readonly needs: Role;
  /** Not for a role that holds for groups of checks only. */
  readonly everywhere?: true;
}

/**
 * Every command, with an order that somebody could really give. `shop-1` is of the group shops, and down; `api` is of none. A
 * command without a row fails the test.
 */
export const RIGHTS: Record<string, Right> = {
  ack: {text: 'shop-1 on it', needs: 'operator'},
  audit: {text: '', needs: 'admin', everywhere: true},
  check: {text: 'shop-1', needs: 'viewer'},
  graph: {text: 'shop-1', needs: 'viewer'},
  help: {text: '', needs: 'viewer'},
  history: {text: 'shop-1', needs: 'viewer'},
  invite: {text: 'viewer 1h', needs: 'admin', everywhere: true},
  json: {text: '', needs: 'viewer'},
  language: {text: 'en', needs: 'viewer'},
  log: {text: '', needs: 'admin', everywhere: true},
  maintenance: {text: 'shop-1 1h', needs: 'operator'},
  oncall: {text: '', needs: 'viewer'},
  problems: {text: '', needs: 'viewer'},
  recover: {text: 'shop-1', needs: 'admin'},
  reload: {text: '', needs: 'admin', everywhere: true},
  report: {text: '', needs: 'viewer'},
  revoke: {text: '#1', needs: 'admin', everywhere: true},
  run: {text: 'shop-1', needs: 'operator'},
  silence: {text: 'shop-1 1h', needs: 'operator'},
  silences: {text: '', needs: 'viewer'},
  start: {text: '', needs: 'viewer'},
  status: {text: '', needs: 'viewer'},
  terminals: {text: '', needs: 'viewer'},
  unack: {text: 'shop-1', needs: 'operator'},
  unsilence: {text: 'shop-1', needs: 'operator'},
  users: {text: '', needs: 'admin', everywhere: true},
  version: {text: '', needs: 'viewer'},
  whoami: {text: '', needs: 'viewer'},
  why: {text: 'shop-1', needs: 'viewer'},
  window: {text: '', needs: 'viewer'},
};

const RANK: Record<Role, number> = {viewer: 0, operator: 1, admin: 2};

/** What somebody of this role gets to hear. */
export function fate({needs, everywhere}: Right, role: Role, isGrouped = false): 'answered' | 'denied' {
  return RANK[role] >= RANK[needs] && !(isGrouped && everywhere) ? 'answered' : 'denied';
}
