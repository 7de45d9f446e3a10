import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {describe, test} from 'node:test';
import {Vakhta} from '../support/vakhta.ts';
import {folderWith, vakhta} from './shell.ts';

const CONFIG = `
checks:
  api: {type: socket, host: 127.0.0.1, port: 1, interval: 1s, timeout: 1s, fail_after: 1}
  db: {type: socket, host: 127.0.0.1, port: 1, depends_on: [api], fail_after: 1, interval: 1s, timeout: 1s}
`;

describe('vakhta why', {concurrency: 2}, () => {
  test('reads what the running program has decided, and changes nothing', async (context) => {
    const program = new Vakhta(context, {'config.yaml': CONFIG});
    await program.start();
    await program.waitFor(() => program.output.includes('api is down'), 'the alert');
    const {code, stdout, stderr} = await vakhta(['why', 'api'], {cwd: program.folder});
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^api · .*\nDown since .*\nCounter: \d+ failures? \(down at 1\), 0 of 2 oks to recover\n/);
    assert.match(stdout, /^Last decision: sent first, at /m);
    await program.waitFor(() => program.output.includes('parent_down'), 'the held child');
    const child = await vakhta(['why', 'db'], {cwd: program.folder});
    assert.match(child.stdout, /^Depends on: api \(down\)\n/m);
    assert.match(child.stdout, /^Last decision: held parent_down, at /m);
    assert.match(child.stdout, /^News are held now: parent_down$/m);
    assert.equal(await program.stop(), 0);
    const after = await vakhta(['why', 'api'], {cwd: program.folder});
    assert.equal(after.code, 0, after.stderr);
    assert.match(after.stdout, /^Last decision: sent first, at /m);
  });

  const mistakes: [string[], RegExp][] = [
    [['why'], /^vakhta: expected the name of a check \(the config has: api, db\), got nothing\n$/],
    [['why', 'apy'], /^vakhta: no check is called apy; did you mean api\?\n$/],
    [
      ['why', 'api'],
      /^vakhta: .*state\.db is not there: vakhta makes it when it runs; is data_dir the right folder\?\n$/,
    ],
    [['why', 'api', 'db'], /^vakhta: why does not know what to do with db; see vakhta why --help\n$/],
  ];
  for (const [words, expected] of mistakes) {
    test(`vakhta ${words.join(' ')} is refused where nothing has run`, async (context) => {
      const cwd = folderWith(context, {'config.yaml': CONFIG});
      const {code, stdout, stderr} = await vakhta(words, {cwd});
      assert.match(stderr, expected);
      assert.deepEqual([code, stdout], [2, '']);
    });
  }

  test('a file of an older version, or of somebody else, is refused with the cure', async (context) => {
    const cwd = folderWith(context, {'config.yaml': `data_dir: .\n${CONFIG}`});
    const db = new DatabaseSync(join(cwd, 'state.db'));
    db.exec('PRAGMA application_id = 0x76616b68; PRAGMA user_version = 1; CREATE TABLE counters (a)');
    db.close();
    const older = await vakhta(['why', 'api'], {cwd});
    assert.match(older.stderr, /^vakhta: .*state\.db is of an older vakhta: start this one once/);
    writeFileSync(join(cwd, 'state.db'), 'no database at all, but long enough to be looked at'.repeat(100));
    const damaged = await vakhta(['why', 'api'], {cwd});
    assert.match(damaged.stderr, /^vakhta: .*state\.db cannot be read: /);
    assert.deepEqual([older.code, damaged.code], [2, 2]);
  });
});
