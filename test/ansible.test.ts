import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {describe, test} from 'node:test';
import {parse} from 'yaml';
import {createFolder} from './config/folder.ts';

/** What can be known of ansible/ without Ansible; `npm run test:rollout` runs it. */
const ANSIBLE = join(import.meta.dirname, '../ansible');
const EXAMPLE = join(ANSIBLE, 'inventory.example');
const read = (...path: string[]) => readFileSync(join(...path), 'utf8');

describe('the example of an inventory', () => {
  const {vakhta_config: config, vakhta_secrets: secrets} = parse(read(EXAMPLE, 'group_vars/vakhta/vars.yml'));
  const hosts = parse(read(EXAMPLE, 'hosts.yml')).vakhta.hosts;

  test('has a configuration that is taken without a complaint', (context) => {
    const folder = createFolder(context);
    folder.write('ips.txt', parse(read(EXAMPLE, 'host_vars/till-1.yml')).vakhta_ips.join('\n'));
    folder.write('telegram_token', '123456:ABC-DEF');
    const env = {CREDENTIALS_DIRECTORY: folder.path};
    assert.deepEqual(folder.problems(JSON.stringify(config), env), []);
    assert.deepEqual(folder.warnings(JSON.stringify(config), env), []);
  });

  test('has one console, and changes only checks that there are', () => {
    assert.deepEqual(
      Object.keys(hosts).filter((host) => hosts[host].vakhta_console),
      ['till-1'],
    );
    const changed = parse(read(EXAMPLE, 'host_vars/till-2.yml')).vakhta_config_host.checks;
    for (const check of Object.keys(changed)) assert.ok(check in config.checks, check);
    assert.deepEqual(
      readdirSync(join(EXAMPLE, 'host_vars')).map((file) => basename(file, '.yml')),
      Object.keys(hosts),
    );
  });

  test('takes its secrets from the vault', () => {
    const vault = parse(read(EXAMPLE, 'group_vars/vakhta/vault.yml'));
    for (const value of Object.values<string>(secrets)) {
      const [, name = ''] = /^\{\{ (\w+) \}\}$/.exec(value) ?? [];
      assert.ok(name in vault, value);
    }
  });
});

test('every variable of the role has its row in the docs', () => {
  const page = read(ANSIBLE, '../docs/rollout.md');
  const names = Object.keys(parse(read(ANSIBLE, 'roles/vakhta/defaults/main.yml')));
  assert.deepEqual(
    names.filter((name) => !new RegExp(`\\b${name}\\b`).test(page)),
    [],
  );
});

test('only modules that come with Ansible are used', () => {
  const tasks = readdirSync(join(ANSIBLE, 'roles/vakhta/tasks')).map((file) =>
    read(ANSIBLE, 'roles/vakhta/tasks', file),
  );
  const modules = tasks.join('\n').match(/^\s+[a-z]+\.[a-z]+\.[a-z_]+:/gm) ?? [];
  assert.ok(modules.length > 50);
  assert.deepEqual(
    modules.filter((name) => !name.trim().startsWith('ansible.builtin.')),
    [],
  );
});
