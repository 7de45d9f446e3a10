import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {basename, join} from 'node:path';
import {after, before, describe, test} from 'node:test';
import {setTimeout as sleep} from 'node:timers/promises';
import {bareRoot} from './bare-root.ts';
import type {Machine} from './machines.ts';
import {call, type Play} from './playbook.ts';
import {BORIS, BROKEN, GROUP, NEXT, startWorld, type World} from './world.ts';

/** What systemd-analyze makes of the unit: 0 is shut tight, 10 wide open. */
const EXPOSURE_MAX = 1.5;
const OUTAGE_MS = 60_000;
/** Where it does not matter that one server goes first. */
const AT_ONCE = ['-e', 'vakhta_serial=2'];

let world: World;
let first: Machine;
let second: Machine;
before(async () => {
  world = await startWorld();
  [first, second] = world.machines;
});
after(() => world?.stop());

const property = (machine: Machine, name: string) => machine.ssh(`systemctl show vakhta --property=${name} --value`);
const pids = () => Promise.all(world.machines.map((machine) => property(machine, 'MainPID')));
const current = (machine: Machine) =>
  machine.ssh('readlink /opt/vakhta/current || true').then((path) => basename(path));
const changes = (play: Play) => [...play.hosts].map(([host, {changed}]) => `${host}: ${changed}`);

describe('a release', () => {
  test('is the same, byte for byte, when it is made again', () => {
    const again = join(world.work, 'again', basename(world.archive));
    assert.equal(execFileSync('cmp', [world.archive, again], {encoding: 'utf8'}), '');
  });

  test('runs where nothing is installed but glibc and a shell', () => {
    const root = bareRoot(world.work, world.archive);
    const run = (...args: string[]) =>
      execFileSync('chroot', [root, '/vakhta/bin/vakhta', ...args], {encoding: 'utf8'});
    assert.match(run('version'), new RegExp(`^vakhta ${world.version} `));
    const checked = run('check', '--config', '/vakhta/config.yaml', '--json');
    assert.deepEqual(
      checked
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).result),
      Array(5).fill('ok'),
    );
  });
});

describe('the role', () => {
  test('has nothing that ansible-lint would say something of', async () => {
    const {code, output} = await call(world.work, 'ansible-lint', [
      '--offline',
      '--profile',
      'production',
      '--nocolor',
    ]);
    assert.equal(code, 0, output);
  });

  test('makes a unit that is shut tight', async () => {
    const units = join(world.work, 'units');
    execFileSync('mkdir', ['-p', units]);
    const {code, output} = await call(world.work, 'ansible-playbook', [join(import.meta.dirname, 'units.yml')], {
      UNITS: units,
    });
    assert.equal(code, 0, output);
    for (const kind of ['plain', 'ping', 'machine', 'processes', 'ping-machine']) {
      const threshold = `--threshold=${EXPOSURE_MAX * 10}`;
      // It fails above the threshold.
      const file = join(units, `${kind}.service`);
      execFileSync('systemd-analyze', ['security', '--offline=true', '--no-pager', threshold, file], {stdio: 'pipe'});
    }
  });
});

describe('the playbook', () => {
  test('says in check mode what it would do, and does nothing', async () => {
    const play = await world.rollOut('--check', '--diff');
    assert.match(play.output, /\+\s+url: http:\/\/10\.231\.0\.1/);
    assert.doesNotMatch(play.output, new RegExp(world.telegram.token));
    assert.equal(await first.ssh('ls -d /opt/vakhta /etc/vakhta /var/lib/vakhta 2>/dev/null || true'), '');
  });

  test('brings it to both servers, each with its own name', async () => {
    const play = await world.rollOut();
    assert.doesNotMatch(play.output, new RegExp(world.telegram.token), 'no secret is shown');
    await world.hear(new RegExp(`Vakhta ${world.version} runs here now · till-1`));
    await world.hear(new RegExp(`Vakhta ${world.version} runs here now; orders are taken by till-1 · till-2`));
    for (const machine of world.machines) {
      assert.equal(await current(machine), world.version);
      assert.equal(await machine.ssh('grep -o "\'.*\'" /opt/vakhta/current/HOSTNAME.ts'), `'${machine.name}'`);
    }
  });

  test('and an alert arrives from each, and its end', async () => {
    for (const api of world.apis) api.break();
    await Promise.all(world.machines.map(({name}) => world.hear(new RegExp(`billing-api is down · ${name}`))));
    for (const api of world.apis) api.mend();
    await Promise.all(world.machines.map(({name}) => world.hear(new RegExp(`billing-api is back after .* · ${name}`))));
    const common = {'billing-api': true, door: false};
    assert.deepEqual(await statusMap(first), {...common, itself: {'127.0.0.1': true}, machine: true});
    assert.deepEqual(await statusMap(second), common);
  });

  test('one of them takes orders', async () => {
    const from = world.said().length;
    world.telegram.say({chat: GROUP, from: BORIS, text: '/version'});
    await world.hear(/Vakhta .* till-1 · Node/, from);
    await sleep(2_000);
    assert.equal(world.said().length, from + 1);
  });

  test('the token is in no journal, no command line, no environment and no file for everybody', async () => {
    const {token} = world.telegram;
    // In brackets, so that what looks for it does not find itself.
    const secret = (token.split(':')[1] ?? '').replace(/^./, '[$&]');
    const found = await first.ssh(
      `journalctl --no-pager | grep -c '${secret}' ; cat /proc/*/cmdline | grep -c '${secret}';
       tr '\\0' '\\n' < /proc/$(systemctl show vakhta -p MainPID --value)/environ | grep -c '${secret}';
       grep -rl '${secret}' /etc /opt/vakhta/current/HOSTNAME.ts 2>/dev/null; stat -c %a:%U /etc/vakhta/secrets /etc/vakhta/secrets/*`,
    );
    assert.deepEqual(found.split('\n'), ['0', '0', '0', '/etc/vakhta/secrets/telegram_token', '700:root', '600:root']);
  });

  test('a second run changes nothing, and check mode knows', async () => {
    const before = await pids();
    assert.deepEqual(changes(await world.rollOut(...AT_ONCE)), ['till-1: 0', 'till-2: 0']);
    assert.deepEqual(changes(await world.rollOut('--check', '--limit', 'till-2')), ['till-2: 0']);
    assert.deepEqual(await pids(), before);
  });

  test('a changed configuration is taken without a restart', async () => {
    const before = await pids();
    const from = world.said().length;
    const args = ['--tags', 'config', '-e', JSON.stringify({vakhta_config_group: {defaults: {fail_after: 1}}})];
    const play = await world.rollOut(...AT_ONCE, ...args);
    assert.match(play.output, /Wait until it is in force/);
    assert.deepEqual(await pids(), before);
    const digest = await first.ssh('sha256sum /etc/vakhta/config.yaml | cut -c 1-12');
    assert.match(await property(first, 'StatusText'), new RegExp(`sha256 ${digest}$`));
    await world.hear(/The configuration was read again: 2 changed.* · till-2/, from);
  });

  test('one with mistakes stops before anything is touched', async () => {
    const before = [await pids(), await first.ssh('sha256sum /etc/vakhta/config.yaml')];
    const from = world.said().length;
    const mistaken = JSON.stringify({vakhta_config_group: {checks: {door: {type: 'sockt'}}}});
    for (const mode of [['--check'], []]) {
      const play = await world.play('-e', mistaken, ...mode);
      assert.notEqual(play.code, 0);
      assert.match(play.output, /config\.yaml:\d+:\d+ checks\.door\.type: .*did you mean socket/);
      assert.equal(play.hosts.has('till-2'), false, 'and the next server is not even looked at');
    }
    assert.deepEqual([await pids(), await first.ssh('sha256sum /etc/vakhta/config.yaml')], before);
    assert.equal(world.said().length, from);
  });

  test('a release that does not come up is taken back, with the reason, and the other server never sees it', async () => {
    const before = await pids();
    const from = world.said().length;
    const play = await world.play('-e', `vakhta_version=${BROKEN}`);
    assert.notEqual(play.code, 0);
    assert.match(play.output, new RegExp(`${BROKEN} did not come up on till-1[\\s\\S]*${world.version} runs again`));
    assert.match(play.output, /planted: this release does not start/);
    assert.deepEqual(await Promise.all(world.machines.map(current)), [world.version, world.version]);
    assert.equal(await property(first, 'ActiveState'), 'active');
    assert.equal((await pids())[1], before[1]);
    assert.equal(await second.ssh(`ls /opt/vakhta/releases`), world.version);
    world.apis[0].break();
    await world.hear(/billing-api is down · till-1/, from);
    world.apis[0].mend();
    await world.hear(/billing-api is back after .* · till-1/, from);
    assert.deepEqual(
      world
        .said()
        .slice(from)
        .filter((text) => text.includes('runs here now')),
      [],
      'nothing new runs, so nothing is announced',
    );
  });

  test('a new version knows what the former one knew, and says once that it runs', async () => {
    const from = world.said().length;
    world.apis[0].break();
    await world.hear(/billing-api is down · till-1/, from);
    world.telegram.say({chat: GROUP, from: BORIS, text: '/ack billing-api'});
    await world.hear(/Acknowledged by Boris/, from);
    await world.rollOut('-e', `vakhta_version=${NEXT}`, ...AT_ONCE);
    await world.hear(new RegExp(`Vakhta ${NEXT} runs here now · till-1`), from);
    await world.hear(new RegExp(`Vakhta ${NEXT} runs here now; orders are taken by till-1 · till-2`), from);
    await first.ssh('systemctl restart vakhta');
    world.apis[0].mend();
    await world.hear(/billing-api is back after .* · till-1/, from);
    const told = world.said().slice(from);
    assert.equal(told.filter((text) => /billing-api (is down|recovered)/.test(text)).length, 1, 'one card');
    assert.equal(told.filter((text) => /runs here now · till-1/.test(text)).length, 1, 'announced once');
    assert.match(told.find((text) => text.includes('recovered')) ?? '', /Acknowledged by Boris/);
  });

  test('rolls back to the release before, with a database that it can read', async () => {
    const from = world.said().length;
    await world.rollOut('--tags', 'rollback', ...AT_ONCE);
    assert.deepEqual(await Promise.all(world.machines.map(current)), [world.version, world.version]);
    await world.hear(new RegExp(`Vakhta ${world.version} runs here now`), from);
    world.apis[1].break();
    await world.hear(/billing-api is down · till-2/, from);
    world.apis[1].mend();
    await world.hear(/billing-api is back after .* · till-2/, from);
  });

  test('says what runs where', async () => {
    const {output} = await world.rollOut('--tags', 'status', ...AT_ONCE);
    assert.match(output, new RegExp(`"release": "${world.version}"`));
    assert.match(output, new RegExp(`"before": "${NEXT}"`));
    assert.match(output, /"orders": "taken by till-1"/);
  });
});

describe('a server', () => {
  test('that loses its network for a minute loses no alert; one that hangs is started again', async () => {
    const from = world.said().length;
    await second.ssh('systemd-run --unit=door python3 -m http.server 7000 --bind 127.0.0.1');
    await world.hear(/door is back after .* · till-2/, from);
    // While nobody can be told, the door closes, and opens again after a while.
    await second.ssh('systemd-run --on-active=15 systemctl stop door');
    second.cable('out');
    const outage = sleep(OUTAGE_MS);
    await hang(first);
    await outage;
    assert.doesNotMatch(world.said().slice(from).join('\n'), /door is down · till-2/);
    second.cable('in');
    // Each by itself, or both in the digest that an outage leaves, whose first line names the server.
    await world.hear(/(?=[\s\S]*till-2)[\s\S]*🔴 door /, from + 1, 60_000);
    await world.hear(/(?=[\s\S]*till-2)[\s\S]*billing-api/, from + 1, 60_000);
  });

  test('that is rebooted watches again', async () => {
    await first.reboot();
    const from = world.said().length;
    world.apis[0].break();
    await world.hear(/billing-api is down · till-1/, from, 60_000);
    world.apis[0].mend();
    await world.hear(/billing-api is back after .* · till-1/, from);
    assert.equal(await first.ssh('systemctl is-enabled vakhta'), 'enabled');
  });

  test('from which it is uninstalled has nothing of it, but for what it knew', async () => {
    await world.rollOut('--tags', 'uninstall', '--limit', 'till-1');
    const left =
      'ls -d /opt/vakhta /etc/systemd/system/vakhta.service /var/cache/vakhta /etc/vakhta /var/lib/vakhta 2>/dev/null';
    assert.equal(await first.ssh(`${left} || true`), '/etc/vakhta\n/var/lib/vakhta');
    assert.equal(await first.ssh('pgrep -u vakhta || true'), '');
    await world.rollOut('--tags', 'uninstall', '-e', 'vakhta_purge=true', '--limit', 'till-2');
    assert.equal(await second.ssh(`${left} || true; getent passwd vakhta || true`), '');
  });

  test('and all that was said to Telegram is what Telegram takes', () => {
    assert.deepEqual(world.telegram.violations, []);
  });
});

async function statusMap(machine: Machine): Promise<unknown> {
  const line = await machine.ssh(`journalctl -u vakhta -o cat --no-pager | grep '"msg":"status"' | tail -n 1`);
  return JSON.parse(line).status;
}

/** The program stands still, as in an endless loop: systemd must notice by itself. */
async function hang(machine: Machine): Promise<void> {
  const before = await property(machine, 'MainPID');
  await machine.ssh(`kill -STOP ${before}`);
  const until = performance.now() + 120_000;
  while ((await property(machine, 'MainPID')) === before || (await property(machine, 'ActiveState')) !== 'active') {
    assert.ok(performance.now() < until, 'a hung program is started again');
    await sleep(1_000);
  }
  assert.match(await machine.ssh('journalctl -u vakhta --no-pager | grep -i watchdog'), /[Ww]atchdog timeout/);
}
